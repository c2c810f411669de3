//! How much is kept, and who leaves first.

use std::time::Duration;

use registry::cache::{Cause, LoadFailure};
use tokio::task::JoinSet;

use crate::support::{Bench, fails, gives, hangs};

async fn fill(bench: &Bench, names: &[&str]) {
    for name in names {
        bench.clock.pass(Duration::from_nanos(1));
        bench.call(&format!("{name}@acme"), 1, || gives(0)).await.unwrap();
    }
}

fn kept(bench: &Bench, names: &[&str]) -> String {
    let is_kept = |name: &&&str| {
        bench.clock.pass(Duration::from_nanos(1));
        bench.get(&format!("{name}@acme"), 1).is_some()
    };
    names.iter().filter(is_kept).copied().collect()
}

#[tokio::test]
async fn exactly_the_least_recently_used_leaves_first() {
    let bench = Bench::new(3);
    fill(&bench, &["a", "b", "c"]).await;
    assert_eq!(kept(&bench, &["a", "b", "c"]), "abc", "and used in this order");
    let later = || bench.clock.pass(Duration::from_nanos(1));
    later();
    bench.get("a@acme", 1);
    later();
    bench.call("b@acme", 1, hangs).await.unwrap();
    later();
    bench.get_stale("a@acme");
    // Now c is the oldest, then b, then a.
    fill(&bench, &["d"]).await;
    assert_eq!(bench.heard(), [("acme".to_owned(), Cause::Capacity)]);
    assert_eq!(kept(&bench, &["c", "b", "a", "d"]), "bad");
    fill(&bench, &["e", "f"]).await;
    assert_eq!(kept(&bench, &["a", "b", "d", "e", "f"]), "def");
}

#[tokio::test]
async fn what_is_loaded_is_newer_than_whatever_was_used_at_the_same_moment() {
    let bench = Bench::new(1);
    bench.call("a@acme", 1, || gives(0)).await.unwrap();
    for _ in 0..3 {
        assert!(bench.get("a@acme", 1).is_some());
    }
    bench.call("b@acme", 1, || gives(0)).await.unwrap();
    assert_eq!(kept(&bench, &["a", "b"]), "b");
}

#[tokio::test]
async fn the_capacity_is_held_and_one_tenants_instances_are_told_apart() {
    let bench = Bench::new(4);
    fill(&bench, &["a", "b"]).await;
    bench.call("a@other", 1, || gives(0)).await.unwrap();
    let count = |tenant: &str| bench.cache.cached(&tenant.parse().unwrap());
    assert_eq!((count("acme"), count("other"), count("none"), bench.cache.len()), (2, 1, 0, 3));
    fill(&bench, &["c"]).await;
    assert_eq!(bench.cache.len(), 4);
    fill(&bench, &["d"]).await;
    assert_eq!((count("acme"), count("other"), bench.cache.len()), (3, 1, 4));
    assert!(!bench.cache.is_empty());
}

#[tokio::test]
async fn a_cache_without_room_still_serves() {
    let bench = Bench::new(0);
    fill(&bench, &["a", "a"]).await;
    assert_eq!((bench.loads(), bench.cache.len(), bench.cache.traces()), (2, 0, 0));
    assert!(bench.cache.is_empty());
}

#[tokio::test]
async fn a_flood_of_unknown_names_leaves_few_traces_and_pushes_no_instance_out() {
    let bench = Bench::new(50);
    fill(&bench, &["a", "b"]).await;
    for n in 0..5_000 {
        bench.clock.pass(Duration::from_nanos(1));
        let outcome = bench.call(&format!("unknown-{n}@hostile"), 1, || fails("unknown", true)).await;
        assert_eq!(outcome, Err(LoadFailure::Failed("unknown")));
    }
    assert_eq!((bench.cache.len(), bench.cache.traces()), (2, 52));
    assert_eq!(kept(&bench, &["a", "b"]), "ab");
    assert_eq!(bench.call("unknown-4999@hostile", 1, hangs).await, Err(LoadFailure::Failed("unknown")));
    assert_eq!(bench.call("unknown-0@hostile", 1, || gives(1)).await.unwrap().0, 1, "forgotten");
    assert_eq!(bench.heard(), []);
}

#[tokio::test]
async fn names_that_are_only_looked_at_leave_no_trace() {
    let bench = Bench::new(5);
    for n in 0..100 {
        assert!(bench.get(&format!("unknown-{n}@hostile"), 1).is_none());
        assert!(bench.get_stale(&format!("unknown-{n}@hostile")).is_none());
        assert!(bench.call(&format!("unknown-{n}@hostile"), 1, || fails("mine", false)).await.is_err());
    }
    assert_eq!(bench.cache.traces(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_capacity_holds_under_concurrency() {
    const CAPACITY: usize = 20;
    let (bench, mut calls) = (Bench::new(CAPACITY), JoinSet::new());
    for worker in 0..8_u32 {
        let bench = bench.clone();
        calls.spawn(async move {
            for n in 0..500 {
                let key = format!("crm-{}@tenant-{}", (n * 7 + worker) % 60, n % 3);
                let value = bench.call(&key, u64::from(n / 100), || gives(n)).await.unwrap().0;
                if n % 11 == 0
                    && let Some(instance) = bench.get(&key, 0)
                {
                    bench.discard(&key, &instance);
                }
                assert!(value < 500 && bench.cache.len() <= CAPACITY + 8, "each worker adds one at most");
            }
        });
    }
    calls.join_all().await;
    let each = (0..3).map(|n| bench.cache.cached(&format!("tenant-{n}").parse().unwrap()));
    assert_eq!(each.sum::<usize>(), bench.cache.len(), "what is counted is there");
    assert!(bench.cache.len() <= CAPACITY);
    assert!(bench.cache.traces() <= 2 * CAPACITY);
}
