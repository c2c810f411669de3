//! When the store fails: nothing is promised that did not happen, and nothing denied that did.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use boot::aws::Clients;
use end_to_end::{Fault, Loss, Reply, Variant, World};
use serde_json::json;

use crate::setup::{REFRESH, ROUTES, STATS, at, counters, license, refused, shards_at};

#[track_caller]
fn assert_unavailable(reply: &Reply) {
    refused(reply, 503, "store-unavailable");
    assert_eq!(reply.header("retry-after"), "1");
    let text = reply.text.to_lowercase();
    for inside in ["dynamo", "127.0.0.1", "getitem", "updateitem", "scan", "c4n4ry", "connection"] {
        assert!(!text.contains(inside), "{inside}: {text}");
    }
}

async fn ask(agent: &Variant, method: &str, path: &str, key: &str) -> Reply {
    at(agent.agent, method, path, key).send().await
}

/// Functions for which every request of some operations is refused.
async fn without(world: &World, operations: &'static [&'static str]) -> Variant {
    let judge = |operation: &str| {
        if operations.contains(&operation) { Fault::refused("AccessDeniedException") } else { Fault::None }
    };
    world.faulty(judge).await
}

#[tokio::test]
async fn a_store_that_can_not_be_reached_is_503_on_every_route() {
    let world = World::saas().await;
    let dead = Clients::local("http://127.0.0.1:1", "us-east-1").unwrap();
    let agent = world.variant(|boot| boot.clients = dead).await;
    let key = license(&world, |_| {});
    for (method, path) in ROUTES {
        assert_unavailable(&ask(&agent, method, path, &key).await);
    }
}

#[tokio::test]
async fn a_license_that_can_not_be_looked_up_refreshes_and_sees_nothing() {
    let world = World::saas().await;
    let agent = without(&world, &["GetItem"]).await;
    let key = license(&world, |_| {});
    for (method, path) in ROUTES {
        assert_unavailable(&ask(&agent, method, path, &key).await);
    }
    assert!(counters(&world).await.is_empty());
}

#[tokio::test]
async fn a_refresh_that_did_not_happen_is_503() {
    let world = World::saas().await;
    let agent = without(&world, &["UpdateItem", "TransactWriteItems"]).await;
    let key = license(&world, |_| {});
    for below in ["", "/tenant-a", "/tenant-a/crm"] {
        assert_unavailable(&ask(&agent, "POST", &format!("{REFRESH}{below}"), &key).await);
    }
    assert!(counters(&world).await.is_empty());
}

#[tokio::test]
async fn a_refresh_that_happened_says_so_though_its_figures_are_unknown() {
    let world = World::saas().await;
    let agent = without(&world, &["Query", "Scan"]).await;
    let key = license(&world, |_| {});
    for below in ["", "/tenant-a", "/tenant-a/crm"] {
        let body = ask(&agent, "POST", &format!("{REFRESH}{below}"), &key).await.expect(200).json();
        assert_eq!(body["success"], true);
        let unknown = json!({
            "cached_connectors": null, "hits": null, "misses": null, "evictions": null, "hit_rate_percent": null,
        });
        assert_eq!(body["stats"], unknown);
        assert!(body["message"].as_str().unwrap().contains("statistics could not be read"), "{body}");
    }
    let mut expected = shards_at(1);
    expected.extend([("tenant#tenant-a".to_owned(), 1), ("tenant#tenant-a#crm".to_owned(), 1)]);
    assert_eq!(counters(&world).await, expected);
    assert_unavailable(&ask(&agent, "GET", STATS, &key).await);
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_is_done_again_by_itself() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for below in ["", "/tenant-a", "/tenant-a/crm"] {
        let first = AtomicBool::new(true);
        let judge = move |operation: &str| match operation {
            "UpdateItem" | "TransactWriteItems" if first.swap(false, Ordering::Relaxed) => {
                Fault::AnswerLost(Loss::ServerError)
            }
            _ => Fault::None,
        };
        let agent = world.faulty(judge).await;
        ask(&agent, "POST", &format!("{REFRESH}{below}"), &key).await.expect(200);
    }
    let counters = counters(&world).await;
    // A transaction carries a token and counts once; a counter may count twice, which refreshes no more than once does.
    assert_eq!(counters["platform#00"], 1);
    assert!(counters["tenant#tenant-a"] >= 1 && counters["tenant#tenant-a#crm"] >= 1);
}

#[tokio::test]
async fn a_refresh_that_meets_a_portal_write_waits_for_it() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    let turn = AtomicUsize::new(0);
    let judge = move |operation: &str| match operation {
        "UpdateItem" if turn.fetch_add(1, Ordering::Relaxed) < 3 => {
            Fault::refused("TransactionConflictException")
        }
        "TransactWriteItems" if turn.fetch_add(1, Ordering::Relaxed) < 6 => Fault::conflict(),
        _ => Fault::None,
    };
    let agent = world.faulty(judge).await;
    for below in ["/tenant-a/crm", ""] {
        ask(&agent, "POST", &format!("{REFRESH}{below}"), &key).await.expect(200);
    }
    let mut expected = shards_at(1);
    expected.insert("tenant#tenant-a#crm".to_owned(), 1);
    assert_eq!(counters(&world).await, expected);
}

#[tokio::test]
async fn no_table_is_needed_but_the_three() {
    let world = World::saas().await;
    let agent = world
        .variant(|boot| {
            let tables = &mut boot.settings.tables;
            for name in [&mut tables.connectors, &mut tables.sessions, &mut tables.audit] {
                *name = format!("missing-{name}");
            }
        })
        .await;
    let key = license(&world, |_| {});
    for (method, path) in ROUTES {
        let body = ask(&agent, method, path, &key).await.expect(200).json();
        let hits = if path == STATS { &body["hits"] } else { &body["stats"]["hits"] };
        assert_eq!(hits, 0, "{body}");
    }
}

#[tokio::test]
async fn what_needs_no_store_is_answered_without_it() {
    let world = World::saas().await;
    let dead = Clients::local("http://127.0.0.1:1", "us-east-1").unwrap();
    let agent = world.variant(|boot| boot.clients = dead).await;
    let key = license(&world, |license| license.tenants = vec!["tenant-a".to_owned()]);
    refused(&ask(&agent, "POST", REFRESH, &key).await, 403, "license-tenant");
    refused(&ask(&agent, "POST", &format!("{REFRESH}/tenant-a/CRM"), &key).await, 404, "nothing-to-refresh");
    refused(&ask(&agent, "GET", STATS, "AXON-").await, 401, "not-licensed");
    refused(&ask(&agent, "GET", REFRESH, &key).await, 405, "wrong-method");
}
