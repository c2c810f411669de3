//! A leader dropped at any await leaves nothing stuck.

use registry::cache::How;
use tokio::task::yield_now;

use crate::support::{Bench, Fault, gives, hangs, poll_once};

const KEY: &str = "crm@acme";
/// More polls than any of these calls needs.
const MANY: usize = 100;

/// A load with five awaits of its own, each of which wakes it again.
async fn slow(value: u32) -> Result<u32, registry::cache::Failure<Fault>> {
    for _ in 0..5 {
        yield_now().await;
    }
    Ok(value)
}

#[tokio::test]
async fn a_leader_dropped_after_any_number_of_polls_leaves_no_flight() {
    for polls in 0..MANY {
        let bench = Bench::new(10);
        let mut leader = Box::pin(bench.call(KEY, 1, || slow(1)));
        let mut done = None;
        for _ in 0..polls {
            done = poll_once(&mut leader).await;
            if done.is_some() {
                break;
            }
        }
        drop(leader);
        if let Some(outcome) = done {
            assert_eq!(outcome.unwrap(), (1, How::Loaded));
            assert!(polls > 5, "the load waits five times");
            return;
        }
        assert_eq!(bench.cache.traces(), 0, "after {polls} polls");
        assert_eq!(bench.call(KEY, 1, || gives(2)).await.unwrap(), (2, How::Loaded));
    }
    panic!("the leader never ended");
}

#[tokio::test]
async fn whoever_waits_for_a_dropped_leader_leads_after_any_number_of_polls() {
    for polls in 1..=5 {
        let bench = Bench::new(10);
        let mut leader = Box::pin(bench.call(KEY, 1, || slow(1)));
        for _ in 0..polls {
            assert!(poll_once(&mut leader).await.is_none());
        }
        let mut waiters: Vec<_> =
            (2..5).map(|value| Box::pin(bench.call(KEY, 1, move || slow(value)))).collect();
        for waiter in &mut waiters {
            assert!(poll_once(waiter).await.is_none());
        }
        assert_eq!(bench.loads(), 1);
        drop(leader);
        let mut outcomes = Vec::new();
        let (mut first, rest) = (waiters.remove(0), waiters);
        assert!(poll_once(&mut first).await.is_none(), "leads now");
        outcomes.push(first.await.unwrap());
        for waiter in rest {
            outcomes.push(waiter.await.unwrap());
        }
        assert_eq!(outcomes, [(2, How::Loaded), (2, How::Joined), (2, How::Joined)]);
        assert_eq!(bench.loads(), 2);
    }
}

#[tokio::test]
async fn waiters_dropped_at_any_poll_disturb_nobody() {
    let bench = Bench::new(10);
    let mut leader = Box::pin(bench.call(KEY, 1, || slow(1)));
    assert!(poll_once(&mut leader).await.is_none());
    for polls in 0..3 {
        let mut waiter = Box::pin(bench.call(KEY, 1, hangs));
        for _ in 0..polls {
            assert!(poll_once(&mut waiter).await.is_none());
        }
    }
    assert_eq!(leader.await.unwrap(), (1, How::Loaded));
    assert_eq!(bench.loads(), 1);
}

#[tokio::test]
async fn a_load_that_panics_leaves_no_flight() {
    let bench = Bench::new(10);
    let inside = bench.clone();
    let call = tokio::spawn(async move {
        inside
            .call(KEY, 1, async || {
                yield_now().await;
                panic!("a driver's bug")
            })
            .await
    });
    assert!(call.await.unwrap_err().is_panic());
    assert_eq!(bench.cache.traces(), 0);
    assert_eq!(bench.call(KEY, 1, || gives(2)).await.unwrap(), (2, How::Loaded));
}
