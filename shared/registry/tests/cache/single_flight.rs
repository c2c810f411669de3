//! One load for all who may share it.

use std::sync::Arc;

use registry::cache::How;
use tokio::{sync::Notify, task::JoinSet};

use crate::support::{Bench, gives, hangs, poll_once};

const KEY: &str = "crm@acme";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_misses_are_one_load() {
    let (bench, go) = (Bench::new(10), Arc::new(Notify::new()));
    let mut calls = JoinSet::new();
    for _ in 0..1_000 {
        let (bench, go) = (bench.clone(), Arc::clone(&go));
        calls.spawn(async move {
            bench
                .call(KEY, 1, async || {
                    go.notified().await;
                    Ok(7)
                })
                .await
        });
    }
    while bench.loads() == 0 {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    let outcomes: Vec<_> = calls.join_all().await.into_iter().map(Result::unwrap).collect();
    assert!(outcomes.iter().all(|(value, _)| *value == 7));
    assert_eq!(outcomes.iter().filter(|(_, how)| *how == How::Loaded).count(), 1);
    assert_eq!(bench.loads(), 1);
    assert_eq!(bench.call(KEY, 1, hangs).await.unwrap(), (7, How::Hit));
}

#[tokio::test]
async fn a_hanging_load_delays_no_other_key() {
    let bench = Bench::new(10);
    let mut hanging = Box::pin(bench.call(KEY, 1, hangs));
    assert!(poll_once(&mut hanging).await.is_none());
    for n in 0..100 {
        // A hundred others, so that some share the shard of the one that hangs.
        let key = format!("crm-{n}@acme");
        assert_eq!(bench.call(&key, 1, || gives(n)).await.unwrap(), (n, How::Loaded));
        assert_eq!(bench.call(&key, 1, hangs).await.unwrap(), (n, How::Hit));
    }
    assert!(poll_once(&mut hanging).await.is_none(), "still hangs");
}

#[tokio::test]
async fn a_call_under_a_newer_generation_loads_itself_and_its_instance_stays() {
    let (bench, go) = (Bench::new(10), Notify::new());
    let slow = async || {
        go.notified().await;
        Ok(1)
    };
    let mut old = Box::pin(bench.call(KEY, 1, slow));
    assert!(poll_once(&mut old).await.is_none());
    assert_eq!(bench.call(KEY, 2, || gives(2)).await.unwrap(), (2, How::Loaded));
    go.notify_one();
    assert_eq!(old.await.unwrap(), (1, How::Loaded), "it began before the write returned");
    assert_eq!(bench.call(KEY, 2, hangs).await.unwrap(), (2, How::Hit));
}

#[tokio::test]
async fn a_call_under_an_older_generation_joins_the_newer_load() {
    let (bench, go) = (Bench::new(10), Notify::new());
    let slow = async || {
        go.notified().await;
        Ok(2)
    };
    let mut new = Box::pin(bench.call(KEY, 2, slow));
    assert!(poll_once(&mut new).await.is_none());
    let mut old = Box::pin(bench.call(KEY, 1, hangs));
    assert!(poll_once(&mut old).await.is_none());
    go.notify_one();
    assert_eq!(new.await.unwrap(), (2, How::Loaded));
    assert_eq!(old.await.unwrap(), (2, How::Joined));
}

#[tokio::test]
async fn calls_refused_together_share_the_load_that_heals_them() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    let refused = bench.get(KEY, 1).unwrap();
    let mut healing = Vec::new();
    let go = Arc::new(Notify::new());
    for _ in 0..10 {
        bench.discard(KEY, &refused);
        let go = Arc::clone(&go);
        let fresh = async move || {
            go.notified().await;
            Ok(2)
        };
        let mut call = Box::pin(bench.call(KEY, 1, fresh));
        assert!(poll_once(&mut call).await.is_none());
        healing.push(call);
    }
    go.notify_one();
    for call in healing {
        assert_eq!(call.await.unwrap().0, 2);
    }
    assert_eq!(bench.loads(), 2);
}

#[tokio::test]
async fn a_load_begun_before_a_refusal_heals_nobody_else() {
    let (bench, go) = (Bench::new(10), Notify::new());
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    let refused = bench.get(KEY, 1).unwrap();
    let slow = async || {
        go.notified().await;
        Ok(2)
    };
    let mut before = Box::pin(bench.call(KEY, 2, slow));
    assert!(poll_once(&mut before).await.is_none());
    bench.discard(KEY, &refused);
    assert_eq!(bench.call(KEY, 2, || gives(3)).await.unwrap(), (3, How::Loaded));
    go.notify_one();
    assert_eq!(before.await.unwrap(), (2, How::Loaded));
    assert_eq!(bench.call(KEY, 2, hangs).await.unwrap(), (3, How::Hit));
}
