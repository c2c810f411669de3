//! What operators are told of a container: every event once, as CloudWatch reads it, and the same as the tenant's row.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use crate::support::{PRIVATE_NAME, TTL, World, execute, query};

fn told(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(name, amount)| ((*name).to_owned(), *amount)).collect()
}

#[tokio::test]
async fn a_scripted_day_is_counted_event_by_event() {
    let world = World::new().await;
    // Written, and never asked for.
    assert_eq!(world.counted(), told(&[]));

    world.query().await.unwrap();
    assert_eq!(
        world.counted(),
        told(&[("CacheMisses f", 1), ("Loads f", 1), ("UpstreamLatency custom ok", 1)])
    );
    for _ in 0..3 {
        world.query().await.unwrap();
    }
    world.execute().await.unwrap();
    assert_eq!(world.counted(), told(&[("CacheHits f", 4), ("UpstreamLatency custom ok", 4)]));

    // Governance refuses: nothing is asked of the upstream.
    world.stores.write(world.record(&json!({"options": {"auth_type": "bearer", "read_only": true}})));
    world.execute().await.unwrap_err();
    assert_eq!(world.counted(), told(&[("CacheMisses f", 1), ("Loads f", 1), ("PolicyRefusals f", 1)]));
    world.stores.write(world.record(&json!({})));
    world.query().await.unwrap();
    world.counted();

    world.stores.fail("markers");
    world.query().await.unwrap();
    // An execute is no stale serve, but an error.
    world.execute().await.unwrap_err();
    assert_eq!(world.counted(), told(&[("StaleServes f", 1), ("UpstreamLatency custom ok", 1)]));
    world.stores.mend();

    world.stores.fail("record");
    world.clock.advance(TTL, TTL);
    world.query().await.unwrap_err();
    assert_eq!(world.counted(), told(&[("CacheMisses f", 1), ("LoadFailures f", 1)]));
    world.stores.mend();
    world.clock.advance(Duration::from_secs(1), Duration::from_secs(1));

    // Refused credentials, read afresh, work.
    world.query().await.unwrap();
    world.counted();
    *world.upstream.accepted.lock().unwrap() = "second".into();
    *world.stores.secret.lock().unwrap() = r#"{"token":"second"}"#.into();
    world.query().await.unwrap();
    assert_eq!(
        world.counted(),
        told(&[
            ("CacheHits f", 1),
            ("CacheMisses f", 1),
            ("Loads f", 1),
            ("UpstreamLatency custom credentials", 1),
            ("UpstreamLatency custom ok", 1),
        ])
    );

    world.stores.fail("conclude");
    world.execute().await.unwrap();
    assert_eq!(
        world.counted(),
        told(&[("AuditOutcomesLost f", 1), ("CacheHits f", 1), ("UpstreamLatency custom ok", 1)])
    );
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_told_apart_from_one_that_refuses() {
    let world = World::new().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let record = json!({"connection_url": format!("http://{nobody}"), "max_retries": 2});
    world.stores.write(world.record(&record));
    world.query().await.unwrap_err();
    assert_eq!(
        world.counted(),
        told(&[
            ("CacheMisses f", 1),
            ("ConnectionErrors f", 1),
            ("Loads f", 1),
            ("Retries f", 2),
            ("UpstreamLatency custom unreachable", 1),
        ])
    );
}

#[tokio::test]
async fn an_address_that_is_not_permitted_is_no_connection_that_failed() {
    let world = World::new().await;
    world.stores.write(world.record(&json!({"connection_url": format!("https://{PRIVATE_NAME}")})));
    world.query().await.unwrap_err();
    let counted = world.counted();
    assert_eq!((counted.get("ConnectionErrors f"), counted["UpstreamLatency custom refused"]), (None, 1));
}

#[tokio::test]
async fn what_operators_are_told_is_what_the_tenants_row_says() {
    let world = World::new().await;
    for _ in 0..5 {
        world.query().await.unwrap();
    }
    world.stores.fail("markers");
    world.query().await.unwrap();
    world.stores.mend();
    // A row is written every five seconds, before the call that writes it has met its upstream.
    world.clock.advance(Duration::from_secs(6), Duration::from_secs(6));
    world.query().await.unwrap();
    let row = world.stores.rows.lock().unwrap().last().unwrap().counters;
    let counted = world.counted();
    assert_eq!((row.hits, counted["CacheHits f"]), (5, 5));
    assert_eq!((row.misses, counted["CacheMisses f"]), (1, 1));
    assert_eq!((row.factory_creations, counted["Loads f"]), (1, 1));
    assert_eq!((row.stale_serves, counted["StaleServes f"]), (1, 1));
}

#[tokio::test]
async fn calls_at_the_same_time_are_counted_each() {
    let world = World::new().await;
    world.query().await.unwrap();
    world.counted();
    let mut calls = tokio::task::JoinSet::new();
    for turn in 0..50 {
        let (runtime, clock) = (world.runtime.clone(), world.clock.clone());
        calls.spawn(async move {
            if turn % 2 == 0 {
                query(&runtime, &clock).await.map(drop).unwrap();
            } else {
                execute(&runtime, &clock).await.map(drop).unwrap();
            }
        });
    }
    calls.join_all().await;
    assert_eq!(world.counted(), told(&[("CacheHits f", 50), ("UpstreamLatency custom ok", 50)]));
}
