//! The TTL, and the marker that can't be read.

use std::{sync::Arc, time::Duration};

use registry::cache::{Cause, How};

use crate::support::{Bench, gives};

const KEY: &str = "crm@acme";
const NANO: Duration = Duration::from_nanos(1);
const JUST_YOUNG: Duration = Duration::new(29, 999_999_999);

#[tokio::test]
async fn an_instance_is_served_until_the_ttl_and_then_leaves() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    bench.clock.pass(JUST_YOUNG);
    assert!(bench.get(KEY, 1).is_some() && bench.get_stale(KEY).is_some());
    bench.clock.pass(NANO);
    assert!(bench.get(KEY, 1).is_none());
    assert_eq!(bench.heard(), [("acme".to_owned(), Cause::Expired)]);
    assert_eq!((bench.cache.len(), bench.cache.traces()), (0, 0));
}

#[tokio::test]
async fn the_age_counts_from_when_the_load_began() {
    let bench = Bench::new(10);
    let clock = Arc::clone(&bench.clock);
    let took_ten_seconds = async || {
        clock.pass(Duration::from_secs(10));
        Ok(1)
    };
    bench.call(KEY, 1, took_ten_seconds).await.unwrap();
    bench.clock.pass(Duration::new(19, 999_999_999));
    assert!(bench.get_stale(KEY).is_some());
    bench.clock.pass(NANO);
    assert!(bench.get_stale(KEY).is_none());
    assert_eq!(bench.heard(), [("acme".to_owned(), Cause::Expired)]);
}

#[tokio::test]
async fn what_a_newer_generation_has_shown_to_be_old_is_not_served_when_the_marker_fails() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    assert!(bench.get_stale(KEY).is_some());
    assert!(bench.get(KEY, 2).is_none());
    assert!(bench.get_stale(KEY).is_none());
    assert_eq!(bench.heard(), [("acme".to_owned(), Cause::Superseded)]);
}

#[tokio::test]
async fn an_instance_replaced_while_in_use_lives_on_with_its_user() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    let used = bench.get(KEY, 1).unwrap();
    bench.call(KEY, 2, || gives(2)).await.unwrap();
    assert_eq!((*used, Arc::strong_count(&used)), (1, 1), "the user's is the last");
}

#[tokio::test]
async fn a_discarded_instance_leaves_alone() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    let refused = bench.get(KEY, 1).unwrap();
    bench.discard(KEY, &refused);
    assert_eq!(bench.heard(), [("acme".to_owned(), Cause::Refused)]);
    assert_eq!(bench.call(KEY, 1, || gives(2)).await.unwrap(), (2, How::Loaded));
    bench.discard(KEY, &refused);
    assert_eq!(bench.call(KEY, 1, || gives(3)).await.unwrap(), (2, How::Hit));
    assert_eq!(bench.heard(), []);
}

#[tokio::test]
async fn a_sweep_lets_go_of_what_is_too_old_and_of_nothing_else() {
    let bench = Bench::new(10);
    bench.call(KEY, 1, || gives(1)).await.unwrap();
    bench.clock.pass(NANO);
    bench.call("erp@acme", 1, || gives(2)).await.unwrap();
    bench.clock.pass(JUST_YOUNG);
    bench.cache.sweep(model::clock::Clock::now(&*bench.clock));
    assert_eq!(bench.heard(), [("acme".to_owned(), Cause::Expired)]);
    assert_eq!((bench.cache.len(), bench.cache.traces()), (1, 1));
    assert!(bench.get("erp@acme", 1).is_some());
}
