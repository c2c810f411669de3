//! Failures: shared for a moment, or the leader's own.

use std::{future::poll_fn, task::Poll, time::Duration};

use registry::cache::{Failure, How, LoadFailure};
use tokio::sync::Notify;

use crate::support::{Bench, fails, gives, hangs, poll_once};

const KEY: &str = "crm@acme";
const JUST_REMEMBERED: Duration = Duration::from_nanos(999_999_999);
const NANO: Duration = Duration::from_nanos(1);

#[tokio::test]
async fn a_failure_is_given_to_those_who_wait_and_to_those_who_come_within_a_second() {
    let (bench, go) = (Bench::new(10), Notify::new());
    let failing = async || {
        go.notified().await;
        Err(Failure { error: "no secret", shared: true })
    };
    let mut leader = Box::pin(bench.call(KEY, 1, failing));
    assert!(poll_once(&mut leader).await.is_none());
    let mut waiter = Box::pin(bench.call(KEY, 1, hangs));
    assert!(poll_once(&mut waiter).await.is_none());
    go.notify_one();
    let failed = Err(LoadFailure::Failed("no secret"));
    assert_eq!(leader.await, failed);
    assert_eq!(waiter.await, failed);
    bench.clock.pass(JUST_REMEMBERED);
    assert_eq!(bench.call(KEY, 1, hangs).await, failed);
    assert_eq!(bench.loads(), 1);
    bench.clock.pass(NANO);
    assert_eq!(bench.call(KEY, 1, || gives(7)).await.unwrap(), (7, How::Loaded));
}

#[tokio::test]
async fn a_fix_is_seen_at_once() {
    let bench = Bench::new(10);
    assert_eq!(bench.call(KEY, 1, || fails("no secret", true)).await, Err(LoadFailure::Failed("no secret")));
    assert_eq!(bench.call(KEY, 2, || gives(7)).await.unwrap(), (7, How::Loaded));
}

#[tokio::test]
async fn a_failure_of_the_leader_alone_passes_the_lead_on() {
    let (bench, go) = (Bench::new(10), Notify::new());
    let late = async || {
        go.notified().await;
        Err(Failure { error: "my deadline", shared: false })
    };
    let mut leader = Box::pin(bench.call(KEY, 1, late));
    assert!(poll_once(&mut leader).await.is_none());
    let mut waiters: Vec<_> =
        (1..4).map(|value| Box::pin(bench.call(KEY, 1, move || gives(value)))).collect();
    for waiter in &mut waiters {
        assert!(poll_once(waiter).await.is_none());
    }
    go.notify_one();
    assert_eq!(leader.await, Err(LoadFailure::Failed("my deadline")));
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap().0, 1, "the first to wake leads, the others find its instance");
    }
    assert_eq!(bench.loads(), 2);
}

#[tokio::test]
async fn a_wait_ends_at_the_waiters_own_deadline() {
    let (bench, go) = (Bench::new(10), Notify::new());
    let slow = async || {
        go.notified().await;
        Ok(7)
    };
    let mut leader = Box::pin(bench.call(KEY, 1, slow));
    assert!(poll_once(&mut leader).await.is_none());
    let short = bench.call_within(Duration::from_millis(20), KEY, 1, hangs);
    let mut long = Box::pin(bench.call_within(Duration::from_mins(1), KEY, 1, hangs));
    assert!(poll_once(&mut long).await.is_none());
    assert_eq!(short.await, Err(LoadFailure::Deadline));
    assert_eq!(bench.call_within(Duration::ZERO, KEY, 1, hangs).await, Err(LoadFailure::Deadline));
    go.notify_one();
    assert_eq!(leader.await.unwrap(), (7, How::Loaded));
    assert_eq!(long.await.unwrap(), (7, How::Joined));
    assert_eq!(bench.loads(), 1);
}

#[tokio::test]
async fn a_waiter_whose_deadline_has_passed_does_not_lead() {
    let bench = Bench::new(10);
    let mut leader = Box::pin(bench.call(KEY, 1, hangs));
    assert!(poll_once(&mut leader).await.is_none());
    let mut waiter = Box::pin(bench.call_within(Duration::from_secs(5), KEY, 1, || gives(7)));
    assert!(poll_once(&mut waiter).await.is_none());
    bench.clock.pass(Duration::from_secs(5));
    drop(leader);
    assert_eq!(waiter.await, Err(LoadFailure::Deadline));
    assert_eq!((bench.loads(), bench.cache.traces()), (1, 0));
}

#[tokio::test]
async fn the_load_of_a_call_that_does_not_lead_is_never_made() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(7)).await.unwrap();
    let never = || poll_fn(|_| -> Poll<_> { unreachable!("a hit loads nothing") });
    assert_eq!(bench.call(KEY, 1, never).await.unwrap(), (7, How::Hit));
    assert_eq!(bench.loads(), 1);
}
