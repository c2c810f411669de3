//! The figures: sums over every container, and how they age.

use std::sync::Arc;

use end_to_end::{SetClock, Variant, World};
use jiff::{Timestamp, ToSpan};
use model::{clock::Clock, statistics::StatisticsRow};
use serde_json::{Value, json};

use crate::setup::{STATS, at, license, of_tenant, put, row};

/// A world in which time stands still, and the time.
async fn standing() -> (World, Arc<SetClock>, Variant) {
    let (world, clock) = (World::saas().await, SetClock::now());
    let own = Arc::clone(&clock);
    let variant = world.variant(|boot| boot.clock = own).await;
    (world, clock, variant)
}

async fn stats(agent: &Variant, key: &str) -> Value {
    at(agent.agent, "GET", STATS, key).send().await.expect(200).json()
}

fn text(at: Timestamp) -> Value {
    json!(at.to_string())
}

#[tokio::test]
async fn figures_are_sums_over_all_containers_and_hours() {
    let (world, clock, agent) = standing().await;
    let now = clock.now().millis();
    let earlier = now - 3.hours();
    let rows = [
        row("tenant-a", "c-1", now, 1),
        row("tenant-a", "c-2", now - 59.seconds(), 10),
        StatisticsRow { last_eviction: Some(earlier), ..row("tenant-a", "c-1", earlier, 100) },
        StatisticsRow { last_factory_create: Some(earlier), ..row("tenant-a", "ended", earlier, 1000) },
        row("tenant-b", "c-1", now, 10_000),
    ];
    for row in &rows {
        put(&world, row).await;
    }
    let expected = json!({
        "cached_connectors": 11, "hits": 6666, "misses": 2222, "evictions": 3333, "factory_creations": 4444,
        "factory_failures": 5555, "connection_errors": 7777, "hit_rate_percent": 75.0,
        "last_eviction": text(earlier), "last_factory_create": text(earlier), "registry_enabled": true,
        "timestamp": text(now), "instances": 2, "window": "24h",
    });
    assert_eq!(stats(&agent, &of_tenant(&world, "tenant-a")).await, expected);
}

#[tokio::test]
async fn a_container_that_falls_silent_holds_nothing_after_a_minute() {
    let (world, clock, agent) = standing().await;
    let key = of_tenant(&world, "tenant-a");
    put(&world, &row("tenant-a", "c-1", clock.now().wall, 1)).await;
    let figures = async || {
        let body = stats(&agent, &key).await;
        [&body["instances"], &body["cached_connectors"], &body["hits"]].map(|figure| figure.as_u64().unwrap())
    };
    clock.advance(60);
    assert_eq!(figures().await, [1, 1, 6]);
    clock.advance(1);
    assert_eq!(figures().await, [0, 0, 6]);
    // Its hour has left the window a day after the hour's end, at the latest.
    clock.advance(25 * 3600);
    assert_eq!(figures().await, [0, 0, 0]);
}

#[tokio::test]
async fn what_a_refresh_tells_is_of_the_same_moment() {
    let (world, clock, agent) = standing().await;
    let key = license(&world, |_| {});
    put(&world, &row("tenant-a", "c-1", clock.now().wall - 61.seconds(), 1)).await;
    put(&world, &row("tenant-b", "c-2", clock.now().wall, 10)).await;
    let body = at(agent.agent, "POST", "/api/v1/connectors/refresh", &key).send().await.expect(200).json();
    let expected =
        json!({"cached_connectors": 10, "hits": 66, "misses": 22, "evictions": 33, "hit_rate_percent": 75.0});
    assert_eq!((&body["stats"], &body["duration"]), (&expected, &json!("0.0ms")));
}

#[tokio::test]
async fn many_rows_are_all_added() {
    let (world, clock, agent) = standing().await;
    let now = clock.now().wall;
    for number in 0..60 {
        put(&world, &row("tenant-a", &format!("c-{}", number % 20), now - (number / 20).hours(), 1)).await;
    }
    for key in [of_tenant(&world, "tenant-a"), license(&world, |_| {})] {
        let body = stats(&agent, &key).await;
        assert_eq!((&body["hits"], &body["instances"]), (&json!(360), &json!(20)));
    }
}
