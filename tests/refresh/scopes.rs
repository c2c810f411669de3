//! What each scope raises: the counters that calls read, those of the scope and no others.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::World;
use serde_json::json;

use crate::setup::{REFRESH, counters, license, of_tenant, refresh, refused, shards_at, words};

#[tokio::test]
async fn all_raises_every_shard_of_the_platform() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    refresh(&world, "", &key).await.expect(200);
    assert_eq!(counters(&world).await, shards_at(1));
    refresh(&world, "", &key).await.expect(200);
    assert_eq!(counters(&world).await, shards_at(2));
}

#[tokio::test]
async fn a_tenant_and_a_connector_raise_their_own() {
    let world = World::saas().await;
    let key = of_tenant(&world, "tenant-a");
    refresh(&world, "/tenant-a", &key).await.expect(200);
    assert_eq!(counters(&world).await, BTreeMap::from([("tenant#tenant-a".to_owned(), 1)]));
    refresh(&world, "/tenant-a/crm", &key).await.expect(200);
    refresh(&world, "/tenant-a/crm", &key).await.expect(200);
    let expected = [("tenant#tenant-a".to_owned(), 1), ("tenant#tenant-a#crm".to_owned(), 2)];
    assert_eq!(counters(&world).await, BTreeMap::from(expected));
}

#[tokio::test]
async fn a_refresh_can_be_repeated_and_each_is_another_generation() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for below in ["", "/tenant-a", "/tenant-a/demo-crm"] {
        let mut generations = BTreeSet::new();
        for _ in 0..3 {
            let body = refresh(&world, below, &key).await.expect(200).json();
            assert_eq!(body["success"], true);
            generations.insert(body["generation"].as_str().unwrap().to_owned());
        }
        assert_eq!(generations.len(), 3, "{below}: {generations:?}");
    }
}

#[tokio::test]
async fn what_nobody_knows_is_refreshed_like_anything_else() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for below in ["/nobody", "/nobody/nothing", "/tenant-a/nothing", "/test", "/refresh", "/cache/stats"] {
        let body = refresh(&world, below, &key).await.expect(200).json();
        assert_eq!(body["stats"]["hits"], 0, "{below}");
    }
}

#[tokio::test]
async fn a_path_is_taken_as_it_reads_decoded() {
    let world = World::saas().await;
    let body = refresh(&world, "/tenant%2Da/%63rm", &of_tenant(&world, "tenant-a")).await.expect(200).json();
    assert_eq!((&body["tenant_id"], &body["connector"]), (&json!("tenant-a"), &json!("crm")));
}

#[tokio::test]
async fn of_many_refreshes_at_once_none_is_lost() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    let calls = (0..30).map(|turn| {
        let below = ["", "/tenant-a", "/tenant-a/crm"][turn % 3];
        let call = world.agent("POST", &format!("{REFRESH}{below}")).header("x-license-key", &key);
        tokio::spawn(call.send())
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().expect(200);
    }
    let mut expected = shards_at(10);
    expected.extend([("tenant#tenant-a".to_owned(), 10), ("tenant#tenant-a#crm".to_owned(), 10)]);
    assert_eq!(counters(&world).await, expected);
}

#[tokio::test]
async fn a_body_is_not_needed_and_not_read() {
    let world = World::saas().await;
    let key = of_tenant(&world, "tenant-a");
    let call = || world.agent("POST", &format!("{REFRESH}/tenant-a")).header("x-license-key", &key);
    for body in ["", "{}", "{", r#"{"tenant_id":"tenant-b"}"#, "a=b", "null"] {
        let answer = call().body(body).send().await.expect(200).json();
        assert_eq!(answer["tenant_id"], "tenant-a", "{body}");
    }
    call().header("content-type", "application/x-www-form-urlencoded").body("a=b").send().await.expect(200);
    call().body(vec![b' '; 1024 * 1024]).send().await.expect(200);
    let before = counters(&world).await;
    refused(&call().body(vec![b' '; 1024 * 1024 + 1]).send().await, 413, "body-too-large");
    assert_eq!(counters(&world).await, before);
}

#[tokio::test]
async fn existing_sdks_send_the_key_as_a_password() {
    let world = World::saas().await;
    let key = license(&world, |license| license.tenants = words(&["tenant-a", "tenant-b"]));
    let basic = |user: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{key}")));
    let call = |user: &str| {
        world.agent("POST", &format!("{REFRESH}/tenant-a/crm")).header("authorization", &basic(user)).send()
    };
    call("tenant-a").await.expect(200);
    let body = refused(&call("tenant-b").await, 400, "bad-request");
    assert!(body["detail"].as_str().unwrap().contains("two different tenants"), "{body}");
    refused(&call("tenant-c").await, 403, "license-tenant");
    let header = world.agent("POST", &format!("{REFRESH}/tenant-a")).header("x-license-key", &key);
    refused(&header.header("x-tenant-id", "tenant-b").send().await, 400, "bad-request");
}
