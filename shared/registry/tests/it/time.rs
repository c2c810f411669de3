//! How long an instance serves, on clocks that a freeze can stop, and when rows are written.

use std::time::Duration;

use crate::support::{TTL, World};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_instance_serves_for_its_time_by_either_clock_and_not_longer() {
    for (ticks, wall) in [(TTL, Duration::ZERO), (Duration::ZERO, TTL), (TTL, TTL)] {
        let world = World::new().await;
        world.query().await.unwrap();
        let almost = |time: Duration| time.saturating_sub(SECOND);
        world.clock.advance(almost(ticks), almost(wall));
        assert_eq!(world.query().await.unwrap().log.cache, "hit");
        world.clock.advance(SECOND, SECOND);
        assert_eq!(world.query().await.unwrap().log.cache, "loaded");
    }
}

#[tokio::test]
async fn a_row_is_written_on_the_first_call_and_then_every_five_seconds_at_most() {
    let world = World::new().await;
    for _ in 0..3 {
        world.query().await.unwrap();
    }
    assert_eq!(world.stores.rows.lock().unwrap().len(), 1);
    world.clock.advance(5 * SECOND, 5 * SECOND);
    world.query().await.unwrap();
    let rows = world.stores.rows.lock().unwrap().clone();
    let counters = rows.iter().map(|row| (row.counters.hits, row.counters.misses)).collect::<Vec<_>>();
    assert_eq!(counters, [(0, 1), (3, 1)]);
    assert_eq!((rows[1].cached_connectors, rows[1].counters.factory_creations), (1, 1));
}

#[tokio::test]
async fn each_hour_has_a_row_of_its_own_and_together_they_hold_every_count_once() {
    let world = World::new().await;
    for _ in 0..3 {
        for _ in 0..4 {
            world.query().await.unwrap();
        }
        world.clock.advance(60 * 60 * SECOND, 60 * 60 * SECOND);
    }
    world.query().await.unwrap();
    let rows = world.stores.rows.lock().unwrap().clone();
    let mut last = std::collections::BTreeMap::new();
    for row in rows {
        last.insert(row.hour, row.counters.hits + row.counters.misses);
    }
    assert_eq!((last.len(), last.values().sum::<u64>()), (4, 13));
}

#[tokio::test]
async fn statistics_that_can_not_be_written_hold_up_nobody() {
    let world = World::new().await;
    world.stores.fail("statistics");
    world.query().await.unwrap();
}
