//! What a license for all tenants sees besides: the part of each tenant and of each running container.

use end_to_end::World;
use jiff::ToSpan;
use model::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::setup::{STATS, call, license, put, row};

/// The figures of a weight, as [`row`] sets them.
fn figures(weight: u64, cached: u64) -> Value {
    json!({
        "cached_connectors": cached, "hits": 6 * weight, "misses": 2 * weight, "evictions": 3 * weight,
        "factory_creations": 4 * weight, "factory_failures": 5 * weight, "connection_errors": 7 * weight,
        "hit_rate_percent": 75.0, "last_eviction": null, "last_factory_create": null,
    })
}

fn of_tenant(weight: u64, cached: u64, instances: u64) -> Value {
    let mut figures = figures(weight, cached);
    figures["instances"] = json!(instances);
    figures
}

#[tokio::test]
async fn each_tenant_and_each_running_container_has_its_part() {
    let world = World::saas().await;
    let now = SystemClock.now().wall;
    for row in [
        row("tenant-a", "c-1", now, 1),
        row("tenant-a", "c-2", now, 10),
        row("tenant-b", "c-1", now, 100),
        row("tenant-c", "ended", now - 2.hours(), 1000),
    ] {
        put(&world, &row).await;
    }
    let body = call(&world, "GET", STATS, &license(&world, |_| {})).await.expect(200).json();
    let by_tenant = json!({"tenant-a": of_tenant(11, 11, 2), "tenant-b": of_tenant(100, 100, 1), "tenant-c": of_tenant(1000, 0, 0)});
    assert_eq!(body["by_tenant"], by_tenant);
    let by_instance = json!({"c-1": figures(101, 101), "c-2": figures(10, 10)});
    assert_eq!(body["by_instance"], by_instance);
    assert_eq!((&body["hits"], &body["instances"]), (&json!(6666), &json!(2)));
}

#[tokio::test]
async fn a_tenant_that_is_named_narrows_the_figures_to_its_own() {
    let world = World::saas().await;
    put(&world, &row("tenant-a", "c-1", SystemClock.now().wall, 1)).await;
    put(&world, &row("tenant-b", "c-1", SystemClock.now().wall, 10)).await;
    let key = license(&world, |_| {});
    let in_query = call(&world, "GET", &format!("{STATS}?tenant_id=tenant-b"), &key).await;
    let in_header = world.agent("GET", STATS).header("x-license-key", &key).header("x-tenant-id", "tenant-b");
    for reply in [in_query, in_header.send().await] {
        let body = reply.expect(200).json();
        assert_eq!(body["hits"], 60);
        assert!(body.get("by_tenant").is_none() && body.get("by_instance").is_none(), "{body}");
    }
}
