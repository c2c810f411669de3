//! A change through the portal is seen by the very next query, in whichever container it ends up.

use end_to_end::{Upstream, World, secret};
use serde_json::{Value, json};

use crate::setup::{ask, custom, refused, rows};

const CRM: &str = "/api/v1/connectors/crm";
/// More than there are containers, which answer in turn.
const ROUNDS: usize = 4;

async fn put(world: &World, change: &Value) {
    let reply = world.portal("PUT", CRM).json(change).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn a_new_url_is_used_by_the_next_query() {
    let (world, old, new) = (World::saas().await, Upstream::json("[1]").await, Upstream::json("[2]").await);
    world.create(&custom("crm", &old.url(), &json!({}))).await;
    for round in 1..=ROUNDS {
        for (upstream, expected) in [(&old, json!([1])), (&new, json!([2]))] {
            put(&world, &json!({"connection_url": upstream.url()})).await;
            assert_eq!(rows(&ask(&world, "/").send().await), expected);
        }
        assert_eq!((old.seen().len(), new.seen().len()), (round, round));
    }
}

#[tokio::test]
async fn new_options_are_used_by_the_next_query() {
    let (world, upstream) = (World::saas().await, Upstream::json(r#"{"a":[1],"b":[2]}"#).await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for _ in 0..ROUNDS {
        put(&world, &json!({"options": {"data_path": "/a"}})).await;
        assert_eq!(rows(&ask(&world, "/").send().await), json!([1]));
        put(&world, &json!({"options": {"data_path": "/b"}})).await;
        assert_eq!(rows(&ask(&world, "/").send().await), json!([2]));
        put(&world, &json!({"options": {"allowed_operations": []}})).await;
        refused(&ask(&world, "/").send().await, 403, "blocked-by-policy");
    }
}

#[tokio::test]
async fn disabling_stops_the_next_query_and_enabling_starts_it_again() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for round in 1..=ROUNDS {
        put(&world, &json!({"enabled": false})).await;
        let problem = refused(&ask(&world, "/").send().await, 409, "connector-disabled");
        assert!(problem["detail"].as_str().unwrap().contains("portal"), "{problem}");
        assert_eq!(upstream.seen().len(), round - 1);
        put(&world, &json!({"enabled": true})).await;
        rows(&ask(&world, "/").send().await);
        assert_eq!(upstream.seen().len(), round);
    }
}

#[tokio::test]
async fn a_connector_created_disabled_is_not_called() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("crm", &upstream.url(), &json!({"enabled": false}))).await;
    refused(&ask(&world, "/").send().await, 409, "connector-disabled");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn deleting_stops_the_next_query_and_creating_again_is_a_new_connector() {
    let (world, old, new) = (World::saas().await, Upstream::json("[1]").await, Upstream::json("[2]").await);
    refused(&ask(&world, "/").send().await, 404, "connector-not-found");
    for _ in 0..ROUNDS {
        for (upstream, expected) in [(&old, json!([1])), (&new, json!([2]))] {
            world.create(&custom("crm", &upstream.url(), &json!({}))).await;
            assert_eq!(rows(&ask(&world, "/").send().await), expected);
            assert_eq!(world.portal("DELETE", CRM).send().await.status, 204);
            refused(&ask(&world, "/").send().await, 404, "connector-not-found");
        }
    }
}

#[tokio::test]
async fn a_changed_secret_reference_is_used_by_the_next_query() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let mut arns = Vec::new();
    for token in ["one", "two"] {
        let name = format!("axonflow/tenant-a/{token}");
        arns.push(world.create_secret(&name, "tenant-a", &end_to_end::token(token)).await);
    }
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arns[0]});
    world.create(&custom("crm", &upstream.url(), &more)).await;
    for _ in 0..ROUNDS {
        for (arn, token) in arns.iter().zip(["one", "two"]) {
            put(&world, &json!({"credentials_secret_arn": arn})).await;
            rows(&ask(&world, "/").send().await);
            let sent = upstream.seen().pop().unwrap().headers["authorization"].clone();
            assert_eq!(sent, format!("Bearer {}", secret(token)));
        }
    }
    put(&world, &json!({"credentials_secret_arn": null})).await;
    refused(&ask(&world, "/").send().await, 424, "secret-malformed");
}
