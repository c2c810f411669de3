//! Who is let in at all: the license key, judged before anything else of the request is.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use end_to_end::{Call, World};
use model::{
    clock::{Clock, SystemClock},
    entropy::SystemEntropy,
    license::{License, SigningKey},
};
use serde_json::{Value, json};

use crate::setup::{refused, rows};

fn demo() -> Value {
    json!({"connector": "demo-crm", "statement": "/accounts"})
}

fn with_key(world: &World, key: &str) -> Call {
    world.anonymous_query(&demo()).header("x-license-key", key)
}

async fn assert_unauthorized(call: Call, case: &str) {
    let reply = call.send().await;
    let body = refused(&reply, 401, "not-licensed");
    assert!(reply.header("www-authenticate").contains("X-License-Key"), "{case}: {body}");
}

/// The claims of a license that is good in everything but its signature.
fn claims(exp_in: i64) -> License {
    let now = SystemClock.now().epoch_seconds();
    License {
        sub: "mallory".to_owned(),
        tenants: vec!["*".to_owned()],
        scopes: vec!["query".to_owned()],
        connectors: None,
        exp: now + exp_in,
        iat: now,
        jti: "forged".to_owned(),
    }
}

#[tokio::test]
async fn a_license_of_the_tenant_with_the_scope_is_let_in() {
    let world = World::saas().await;
    assert_eq!(rows(&world.query(&demo()).send().await).as_array().unwrap().len(), 3);
    assert_eq!(rows(&with_key(&world, &world.license(|_| {})).send().await).as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn without_a_key_or_with_a_malformed_one_nobody_is_let_in() {
    let world = World::saas().await;
    assert_unauthorized(world.anonymous_query(&demo()), "none").await;
    let good = world.license(|_| {});
    let two_parts = good.rsplit_once('.').unwrap().0.to_owned();
    let long = format!("{good}{}", "A".repeat(8 * 1024));
    for key in ["", "AXON-", "AXON-a.b.c", "open sesame", &good["AXON-".len()..], &two_parts, &long] {
        assert_unauthorized(with_key(&world, key), key).await;
    }
    let bearer = world.anonymous_query(&demo()).header("authorization", &format!("Bearer {good}"));
    assert_unauthorized(bearer, "bearer").await;
    let twice = with_key(&world, &good).header("x-license-key", &good);
    assert_unauthorized(twice, "two keys").await;
}

#[tokio::test]
async fn a_forged_key_is_refused_even_under_the_right_key_id() {
    let world = World::saas().await;
    let own = world.stack.identity.key().unwrap();
    let other = SigningKey::generate(&SystemEntropy);
    assert_unauthorized(with_key(&world, &other.issue(&claims(3600))), "unknown key id").await;
    let posing = SigningKey::generate(&SystemEntropy).with_key_id(own.key_id());
    assert_unauthorized(with_key(&world, &posing.issue(&claims(3600))), "known key id").await;
}

#[tokio::test]
async fn a_key_that_names_another_algorithm_is_refused() {
    let world = World::saas().await;
    let key_id = world.stack.identity.key().unwrap().key_id().to_owned();
    let payload = BASE64.encode(serde_json::to_vec(&claims(3600)).unwrap());
    let signed = world.license(|_| {});
    let signature = signed.rsplit_once('.').unwrap().1;
    for algorithm in ["none", "None", "HS256", "RS256", "ES256"] {
        let header = BASE64.encode(json!({"alg": algorithm, "kid": key_id, "typ": "JWT"}).to_string());
        for signature in ["", "AAAA", signature] {
            let forged = format!("AXON-{header}.{payload}.{signature}");
            assert_unauthorized(with_key(&world, &forged), algorithm).await;
        }
    }
}

#[tokio::test]
async fn claims_that_were_changed_after_signing_are_refused() {
    let world = World::saas().await;
    let signed = world.license(|license| license.tenants = vec!["tenant-b".to_owned()]);
    let parts: Vec<&str> = signed.split('.').collect();
    let mut payload: Value = serde_json::from_slice(&BASE64.decode(parts[1]).unwrap()).unwrap();
    payload["tenants"] = json!(["tenant-a"]);
    let changed = [parts[0], &BASE64.encode(payload.to_string()), parts[2]].join(".");
    assert_unauthorized(with_key(&world, &changed), "changed").await;
}

#[tokio::test]
async fn an_expired_license_is_refused() {
    let world = World::saas().await;
    let now = SystemClock.now().epoch_seconds();
    for exp in [now - 1, now - 3600, 0, i64::MIN] {
        let key = world.license(|license| license.exp = exp);
        let reply = with_key(&world, &key).send().await;
        let body = refused(&reply, 401, "not-licensed");
        assert!(body["detail"].as_str().unwrap().contains("expired"), "{body}");
    }
}

#[tokio::test]
async fn a_license_without_the_query_scope_may_not_query() {
    let world = World::saas().await;
    for scopes in [vec![], vec!["execute", "refresh", "stats"], vec!["Query"], vec!["query "], vec!["*"]] {
        let key = world.license(|license| license.scopes = scopes.iter().map(ToString::to_string).collect());
        let body = refused(&with_key(&world, &key).send().await, 403, "license-scope");
        assert!(body["detail"].as_str().unwrap().contains("query"), "{body}");
    }
}

#[tokio::test]
async fn a_license_for_some_connectors_covers_no_other() {
    let world = World::saas().await;
    for (patterns, covered) in [
        (vec!["demo-crm"], true),
        (vec!["erp", "demo-*"], true),
        (vec!["*"], true),
        (vec!["demo"], false),
        (vec!["demo-crm-2"], false),
        (vec!["*-crm"], false),
        (vec![""], false),
        (vec![], false),
    ] {
        let patterns_of = || Some(patterns.iter().map(ToString::to_string).collect());
        let key = world.license(|license| license.connectors = patterns_of());
        let reply = with_key(&world, &key).send().await;
        if covered {
            rows(&reply);
        } else {
            refused(&reply, 403, "license-connector");
        }
    }
    // Whether a connector that is not covered exists is not for this license to know.
    let key = world.license(|license| license.connectors = Some(vec!["erp".to_owned()]));
    let unknown = world.anonymous_query(&json!({"connector": "no-such"})).header("x-license-key", &key);
    refused(&unknown.send().await, 403, "license-connector");
}

#[tokio::test]
async fn a_revoked_license_is_refused_from_the_next_call_on_and_no_other_is() {
    let world = World::saas().await;
    let revoked = world.license(|license| license.jti = "revoked".to_owned());
    let other = world.license(|license| license.jti = "revoked-2".to_owned());
    rows(&with_key(&world, &revoked).send().await);
    let boot = &world.stack.boot;
    let put = boot.clients.dynamo.put_item().table_name(&boot.settings.tables.licenses);
    put.item("jti", AttributeValue::S("revoked".to_owned())).send().await.unwrap();
    // Two containers answer in turn; none of them may remember the license.
    for _ in 0..4 {
        assert_unauthorized(with_key(&world, &revoked), "revoked").await;
    }
    rows(&with_key(&world, &other).send().await);
    // It is refused before the connector is looked at, so that it tells nothing about what exists.
    let unknown = world.anonymous_query(&json!({"connector": "no-such"})).header("x-license-key", &revoked);
    assert_unauthorized(unknown, "unknown connector").await;
}

#[tokio::test]
async fn who_is_not_let_in_learns_nothing_about_the_body() {
    let world = World::saas().await;
    let call = world.agent("POST", "/mcp/resources/query").header("content-type", "application/json");
    assert_unauthorized(call.body("{"), "malformed body").await;
}
