//! Tenant isolation: with tenant-b's license, no field of any request reaches a connector, an upstream or a secret
//! of tenant-a: what each way of naming them is answered with. That it is the same as for what does not exist, whatever
//! the operation and the spelling, is shown by `tests/tenants`.

use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::{Call, Upstream, World, token};
use serde_json::{Value, json};

use crate::setup::{custom, refused, rows};

/// A world in which tenant-a has the connector `secret-crm` with a secret of its own.
async fn world() -> (World, Upstream) {
    let (world, upstream) = (World::saas().await, Upstream::json(r#"[{"of":"tenant-a"}]"#).await);
    let arn = world.create_secret("axonflow/tenant-a/secret-crm", "tenant-a", &token("t")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    world.create(&custom("secret-crm", &upstream.url(), &more)).await;
    (world, upstream)
}

fn as_b(world: &World, body: &Value) -> Call {
    world.anonymous_query(body).header("x-license-key", world.stack.identity.license("tenant-b"))
}

#[tokio::test]
async fn no_field_of_a_request_leads_to_another_tenants_connector() {
    let (world, upstream) = world().await;
    let license = world.stack.identity.license("tenant-b").to_owned();
    let plain = json!({"connector": "secret-crm", "statement": "/"});
    let named = json!({"connector": "secret-crm", "statement": "/", "tenant_id": "tenant-a"});
    let basic = |user: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{license}")));
    let cases = [
        (as_b(&world, &plain), 404),
        (as_b(&world, &named), 403),
        (as_b(&world, &plain).header("x-tenant-id", "tenant-a"), 403),
        (as_b(&world, &named).header("x-tenant-id", "tenant-b"), 400),
        (as_b(&world, &named).header("x-tenant-id", "tenant-a"), 403),
        (world.anonymous_query(&plain).header("authorization", &basic("tenant-a")), 403),
        (world.anonymous_query(&plain).header("authorization", &basic("tenant-b")), 404),
        (world.anonymous_query(&named).header("authorization", &basic("tenant-b")), 400),
        (as_b(&world, &plain).header("authorization", &basic("tenant-a")), 404),
        (as_b(&world, &plain).session(world.stack.identity.session("tenant-a")), 404),
    ];
    for (index, (call, status)) in cases.into_iter().enumerate() {
        let reply = call.send().await;
        assert_eq!(reply.status, status, "case {index}: {}", reply.text);
        assert!(!reply.text.contains("127.0.0.1"), "{}", reply.text);
    }
    assert!(upstream.seen().is_empty());
    // The same call by the owner shows that there was something to reach.
    rows(&world.query(&plain).send().await);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn fields_that_are_ignored_really_are() {
    let (world, upstream) = world().await;
    let own = world.stack.identity.license("tenant-a");
    for (name, value) in [
        ("client_id", json!("tenant-a")),
        ("tenant", json!("tenant-a")),
        ("tenantId", json!("tenant-a")),
        ("license_key", json!(own)),
        ("user_token", json!(own)),
        ("options", json!({"tenant_id": "tenant-a"})),
        ("credentials_secret_arn", json!("axonflow/tenant-a/secret-crm")),
        ("connection_url", json!(upstream.url())),
    ] {
        let mut body = json!({"connector": "secret-crm", "statement": "/"});
        body[name] = value;
        refused(&as_b(&world, &body).send().await, 404, "connector-not-found");
    }
    let path = "/mcp/resources/query?tenant_id=tenant-a&connector=secret-crm";
    let call = world.agent("POST", path).json(&json!({"connector": "secret-crm"}));
    let call = call.header("x-license-key", world.stack.identity.license("tenant-b"));
    refused(&call.send().await, 400, "bad-request");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn the_same_name_is_another_connector_for_another_tenant() {
    let (world, upstream) = world().await;
    let other = Upstream::json(r#"[{"of":"tenant-b"}]"#).await;
    let body = custom("secret-crm", &other.url(), &json!({}));
    let created = world.portal_as("tenant-b", "POST", "/api/v1/connectors").json(&body).send().await;
    assert_eq!(created.status, 201, "{}", created.text);
    let query = json!({"connector": "secret-crm"});
    assert_eq!(rows(&as_b(&world, &query).send().await), json!([{"of": "tenant-b"}]));
    assert_eq!(rows(&world.query(&query).send().await), json!([{"of": "tenant-a"}]));
    assert_eq!((upstream.seen().len(), other.seen().len()), (1, 1));
    assert!(!other.seen()[0].headers.contains_key("authorization"));
}
