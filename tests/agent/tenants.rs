//! Which tenant a call is for: the license's own, or one named beside it, and never one that is not covered.

use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::{Call, Reply, World};
use serde_json::{Value, json};

use crate::setup::{refused, rows};

fn basic(world: &World, user: &str, key: &str, body: &Value) -> Call {
    let pair = BASE64_STANDARD.encode(format!("{user}:{key}"));
    world.anonymous_query(body).header("authorization", &format!("Basic {pair}"))
}

fn demo(more: &Value) -> Value {
    let mut body = json!({"connector": "demo-crm", "statement": "/accounts"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// Whose records the demo service gave: it shows each tenant its own.
#[track_caller]
fn owner(reply: &Reply) -> String {
    rows(reply)[0]["owner"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_license_of_one_tenant_needs_no_tenant_named() {
    let world = World::saas().await;
    assert_eq!(owner(&world.query(&demo(&json!({}))).send().await), "tenant-a");
    assert_eq!(owner(&world.query(&demo(&json!({"tenant_id": "tenant-a"}))).send().await), "tenant-a");
    assert_eq!(owner(&world.query(&demo(&json!({"tenant_id": null}))).send().await), "tenant-a");
}

#[tokio::test]
async fn another_tenant_is_not_covered_wherever_it_is_named() {
    let world = World::saas().await;
    let body = demo(&json!({"tenant_id": "tenant-b"}));
    refused(&world.query(&body).send().await, 403, "license-tenant");
    let header = world.query(&demo(&json!({}))).header("x-tenant-id", "tenant-b");
    refused(&header.send().await, 403, "license-tenant");
    for near in ["tenant-", "tenant-aa", "TENANT-A", "tenant"] {
        let call = world.query(&demo(&json!({"tenant_id": near})));
        refused(&call.send().await, 403, "license-tenant");
    }
}

#[tokio::test]
async fn what_is_no_tenant_id_is_a_bad_request() {
    let world = World::saas().await;
    for text in ["", "*", "tenant a", "tenant-a#crm", "-a", &"t".repeat(101)] {
        let body = refused(&world.query(&demo(&json!({"tenant_id": text}))).send().await, 400, "bad-request");
        assert!(body["detail"].as_str().unwrap().starts_with("tenant_id must be"), "{body}");
        let header = world.query(&demo(&json!({}))).header("x-tenant-id", text);
        refused(&header.send().await, 400, "bad-request");
    }
}

#[tokio::test]
async fn a_license_of_several_tenants_needs_one_named() {
    let world = World::saas().await;
    let several = |tenants: &[&str]| {
        world.license(|license| license.tenants = tenants.iter().map(ToString::to_string).collect())
    };
    for tenants in [["*"].as_slice(), &["tenant-a", "tenant-b"], &[]] {
        let key = several(tenants);
        let unnamed = world.anonymous_query(&demo(&json!({}))).header("x-license-key", &key);
        let body = refused(&unnamed.send().await, 400, "bad-request");
        assert!(body["detail"].as_str().unwrap().contains("X-Tenant-ID"), "{body}");
    }
    for key in [several(&["*"]), several(&["tenant-a", "tenant-b"])] {
        for tenant in ["tenant-a", "tenant-b"] {
            let in_body = world.anonymous_query(&demo(&json!({"tenant_id": tenant})));
            assert_eq!(owner(&in_body.header("x-license-key", &key).send().await), tenant);
            let in_header = world.anonymous_query(&demo(&json!({}))).header("x-tenant-id", tenant);
            assert_eq!(owner(&in_header.header("x-license-key", &key).send().await), tenant);
        }
    }
    let outside = world.anonymous_query(&demo(&json!({"tenant_id": "tenant-c"})));
    let outside = outside.header("x-license-key", &several(&["tenant-a", "tenant-b"]));
    refused(&outside.send().await, 403, "license-tenant");
}

#[tokio::test]
async fn two_tenants_that_differ_are_a_bad_request_and_two_that_agree_are_not() {
    let world = World::saas().await;
    let all = world.stack.identity.license("*").to_owned();
    let named = |body: &str, header: &str| {
        let call = world.anonymous_query(&demo(&json!({"tenant_id": body})));
        call.header("x-tenant-id", header).header("x-license-key", &all)
    };
    refused(&named("tenant-a", "tenant-b").send().await, 400, "bad-request");
    assert_eq!(owner(&named("tenant-b", "tenant-b").send().await), "tenant-b");
    let twice = named("tenant-a", "tenant-a").header("x-tenant-id", "tenant-b");
    refused(&twice.send().await, 400, "bad-request");
}

#[tokio::test]
async fn existing_sdks_name_the_tenant_as_the_user_of_basic_authentication() {
    let world = World::saas().await;
    let (own, all) = (world.stack.identity.license("tenant-a"), world.stack.identity.license("*"));
    assert_eq!(owner(&basic(&world, "tenant-a", own, &demo(&json!({}))).send().await), "tenant-a");
    assert_eq!(owner(&basic(&world, "tenant-b", all, &demo(&json!({}))).send().await), "tenant-b");
    refused(&basic(&world, "tenant-b", own, &demo(&json!({}))).send().await, 403, "license-tenant");
    let other = demo(&json!({"tenant_id": "tenant-a"}));
    refused(&basic(&world, "tenant-b", all, &other).send().await, 400, "bad-request");
    let lower = BASE64_STANDARD.encode(format!("tenant-a:{own}"));
    let call = world.anonymous_query(&demo(&json!({}))).header("authorization", &format!("basic {lower}"));
    assert_eq!(owner(&call.send().await), "tenant-a");
}

#[tokio::test]
async fn malformed_basic_authentication_is_no_authentication() {
    let world = World::saas().await;
    let own = world.stack.identity.license("tenant-a");
    let encoded = |text: String| format!("Basic {}", BASE64_STANDARD.encode(text));
    for header in [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {own}"),
        encoded(own.to_owned()),
        encoded(format!(":{own}")),
        encoded(format!("tenant a:{own}")),
        encoded("tenant-a:".to_owned()),
        encoded("tenant-a:secret".to_owned()),
        format!("Digest {}", BASE64_STANDARD.encode(format!("tenant-a:{own}"))),
    ] {
        let call = world.anonymous_query(&demo(&json!({}))).header("authorization", &header);
        let reply = call.send().await;
        refused(&reply, 401, "not-licensed");
        assert!(!reply.header("www-authenticate").is_empty(), "{header}");
    }
}
