//! The store fails while the container is warm, or cold.

use std::{future::Future, pin::pin, task::Poll, time::Duration};

use registry::{CallError, LoadError};
use serde_json::json;

use crate::support::{TTL, World};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_cached_instance_answers_queries_until_its_time_is_over_and_executes_never() {
    let world = World::new().await;
    world.query().await.unwrap();
    world.stores.fail("markers");
    let seen = world.upstream.seen();
    for _ in 0..3 {
        world.stores.asked();
        assert_eq!(world.query().await.unwrap().log.cache, "stale");
        // Once: who can be answered does not wait for a second try.
        assert_eq!(world.stores.asked(), ["markers"]);
        assert!(matches!(world.execute().await, Err(CallError::Store(_))));
    }
    assert_eq!(world.upstream.seen(), seen + 3);
    let almost = TTL.saturating_sub(SECOND);
    world.clock.advance(almost, almost);
    assert_eq!(world.query().await.unwrap().log.cache, "stale");
    world.clock.advance(SECOND, SECOND);
    assert!(matches!(world.query().await, Err(CallError::Store(_))));
    assert_eq!(world.upstream.seen(), seen + 4);
    world.stores.mend();
    assert_eq!(world.query().await.unwrap().log.cache, "loaded");
    let stale: u64 = world.stores.rows.lock().unwrap().last().unwrap().counters.stale_serves;
    assert_eq!(stale, 4);
}

#[tokio::test]
async fn a_container_that_knows_of_a_change_serves_nothing_older_even_when_the_store_fails() {
    let world = World::new().await;
    world.query().await.unwrap();
    world.stores.write(world.record(&json!({"enabled": false})));
    assert!(matches!(world.query().await, Err(CallError::Load(LoadError::Disabled))));
    world.stores.fail("markers");
    assert!(matches!(world.query().await, Err(CallError::Store(_))));
}

#[tokio::test]
async fn a_record_that_can_not_be_read_is_an_error_and_is_tried_again_soon() {
    let world = World::new().await;
    world.stores.fail("record");
    for _ in 0..3 {
        assert!(matches!(world.query().await, Err(CallError::Load(LoadError::Store(_)))));
    }
    // Remembered for a second, to stop a stampede.
    assert_eq!(world.stores.asked(), ["markers", "record", "markers", "markers"]);
    world.stores.mend();
    world.clock.advance(SECOND, SECOND);
    world.query().await.unwrap();
}

#[tokio::test]
async fn a_fix_in_the_portal_is_seen_at_once_whatever_is_remembered() {
    let world = World::new().await;
    world.stores.write(world.record(&json!({"enabled": false})));
    assert!(matches!(world.query().await, Err(CallError::Load(LoadError::Disabled))));
    world.stores.write(world.record(&json!({})));
    world.query().await.unwrap();
}

#[tokio::test]
async fn a_query_whose_instance_left_while_it_waited_for_the_markers_reads_them_in_the_time_that_it_has() {
    let world = World::new().await;
    world.query().await.unwrap();
    world.stores.asked();
    let mut waits = pin!(world.query());
    while world.stores.asked().is_empty() {
        let pending = std::future::poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx).is_pending()));
        assert!(pending.await);
    }
    // Another call reads newer markers, and there is no instance any more.
    world.stores.write(world.record(&json!({"enabled": false})));
    assert!(matches!(world.query().await, Err(CallError::Load(LoadError::Disabled))));
    world.stores.asked();
    world.stores.fail("markers");
    while world.stores.asked().is_empty() {
        let pending = std::future::poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx).is_pending()));
        assert!(pending.await, "answered with the first failure");
    }
    world.stores.mend();
    assert!(matches!(waits.await, Err(CallError::Load(LoadError::Disabled))));
}
