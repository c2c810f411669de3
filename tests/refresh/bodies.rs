//! The answers, member by member: no more and no less than is documented.

use end_to_end::World;
use model::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::setup::{STATS, call, license, of_tenant, put, refresh, row, take};

/// A duration such as `12.3ms`.
#[track_caller]
fn assert_duration(text: &str) {
    let (whole, tenth) = text.strip_suffix("ms").and_then(|number| number.split_once('.')).unwrap();
    assert!(!whole.is_empty() && whole.chars().all(|c| c.is_ascii_digit()), "{text}");
    assert!(tenth.len() == 1 && tenth.chars().all(|c| c.is_ascii_digit()), "{text}");
}

/// The body of a refresh without what no two refreshes share.
async fn refreshed(world: &World, below: &str, key: &str) -> Value {
    let reply = refresh(world, below, key).await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    let mut body = reply.json();
    assert_duration(&take(&mut body, "duration"));
    assert!(!take(&mut body, "generation").is_empty());
    body
}

#[tokio::test]
async fn a_refresh_of_all_names_neither_tenant_nor_connector() {
    let world = World::saas().await;
    let expected = json!({
        "success": true,
        "message": "Every connector of every tenant is loaded anew, with its secret, by the next call that needs it.",
        "scope": "all",
        "stats": {"cached_connectors": 0, "hits": 0, "misses": 0, "evictions": 0, "hit_rate_percent": 0.0},
    });
    assert_eq!(refreshed(&world, "", &license(&world, |_| {})).await, expected);
}

#[tokio::test]
async fn a_refresh_of_a_tenant_names_it_and_counts_what_is_its_own() {
    let world = World::saas().await;
    put(&world, &row("tenant-a", "c-1", SystemClock.now().wall, 1)).await;
    put(&world, &row("tenant-b", "c-1", SystemClock.now().wall, 10)).await;
    let expected = json!({
        "success": true,
        "message": "Every connector of tenant-a is loaded anew, with its secret, by the next call that needs it.",
        "scope": "tenant",
        "tenant_id": "tenant-a",
        "stats": {"cached_connectors": 1, "hits": 6, "misses": 2, "evictions": 3, "hit_rate_percent": 75.0},
    });
    assert_eq!(refreshed(&world, "/tenant-a", &of_tenant(&world, "tenant-a")).await, expected);
}

#[tokio::test]
async fn a_refresh_of_a_connector_names_both_and_counts_its_tenants() {
    let world = World::saas().await;
    put(&world, &row("tenant-a", "c-1", SystemClock.now().wall, 1)).await;
    put(&world, &row("tenant-b", "c-1", SystemClock.now().wall, 10)).await;
    let expected = json!({
        "success": true,
        "message": "The connector crm of tenant-a is loaded anew, with its secret, by the next call that needs it.",
        "scope": "connector",
        "tenant_id": "tenant-a",
        "connector": "crm",
        "stats": {"cached_connectors": 1, "hits": 6, "misses": 2, "evictions": 3, "hit_rate_percent": 75.0},
    });
    assert_eq!(refreshed(&world, "/tenant-a/crm", &of_tenant(&world, "tenant-a")).await, expected);
}

#[tokio::test]
async fn a_refresh_of_all_counts_every_tenant() {
    let world = World::saas().await;
    put(&world, &row("tenant-a", "c-1", SystemClock.now().wall, 1)).await;
    put(&world, &row("tenant-b", "c-1", SystemClock.now().wall, 10)).await;
    let body = refreshed(&world, "", &license(&world, |_| {})).await;
    let expected =
        json!({"cached_connectors": 11, "hits": 66, "misses": 22, "evictions": 33, "hit_rate_percent": 75.0});
    assert_eq!(body["stats"], expected);
}

#[tokio::test]
async fn statistics_of_nothing_are_zeros_and_nulls() {
    let world = World::saas().await;
    let mut body = call(&world, "GET", STATS, &of_tenant(&world, "tenant-a")).await.expect(200).json();
    let at: jiff::Timestamp = take(&mut body, "timestamp").parse().unwrap();
    assert!(at.duration_until(SystemClock.now().wall).as_secs() < 60);
    let mut expected = json!({
        "cached_connectors": 0, "hits": 0, "misses": 0, "evictions": 0, "factory_creations": 0,
        "factory_failures": 0, "connection_errors": 0, "hit_rate_percent": 0.0, "last_eviction": null,
        "last_factory_create": null, "registry_enabled": true, "instances": 0, "window": "24h",
    });
    assert_eq!(body, expected);
    let mut body = call(&world, "GET", STATS, &license(&world, |_| {})).await.expect(200).json();
    take(&mut body, "timestamp");
    expected["by_tenant"] = json!({});
    expected["by_instance"] = json!({});
    assert_eq!(body, expected);
}
