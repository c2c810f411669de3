//! Credentials on their way to the upstream, and to no other.

use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use end_to_end::{Upstream, World, secret};
use serde_json::{Value, json};

use crate::setup::{answer, custom, refused, rows};

/// Creates a connector with a secret of tenant-a.
async fn with_secret(world: &World, name: &str, url: &str, options: Value, secret: &Value) {
    let arn =
        world.create_secret(&format!("axonflow/tenant-a/{name}"), "tenant-a", &secret.to_string()).await;
    let more = json!({"options": options, "credentials_secret_arn": arn});
    world.create(&custom(name, url, &more)).await;
}

async fn headers(world: &World, upstream: &Upstream, connector: &str) -> HeaderMap {
    rows(&world.query(&json!({"connector": connector})).send().await);
    upstream.seen().pop().unwrap().headers
}

#[tokio::test]
async fn each_kind_of_authentication_sends_its_own_header() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let url = upstream.url();
    with_secret(&world, "bearer", &url, json!({"auth_type": "bearer"}), &json!({"token": secret("t-1")}))
        .await;
    assert_eq!(
        headers(&world, &upstream, "bearer").await["authorization"],
        format!("Bearer {}", secret("t-1"))
    );
    let pair = json!({"username": "Aladdin", "password": "open sesame"});
    with_secret(&world, "basic", &url, json!({"auth_type": "basic"}), &pair).await;
    // The example of RFC 7617.
    let expected = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_eq!(headers(&world, &upstream, "basic").await["authorization"], expected);
    with_secret(&world, "key", &url, json!({"auth_type": "api_key"}), &json!({"api_key": secret("k-1")}))
        .await;
    assert_eq!(headers(&world, &upstream, "key").await["x-api-key"], secret("k-1"));
    let named = json!({"auth_type": "api_key", "api_key_header": "X-Crm-Key"});
    with_secret(&world, "named", &url, named, &json!({"api_key": secret("k-2")})).await;
    assert_eq!(headers(&world, &upstream, "named").await["x-crm-key"], secret("k-2"));
}

#[tokio::test]
async fn a_connector_that_wants_no_authentication_sends_none() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    with_secret(&world, "crm", &upstream.url(), json!({}), &json!({"token": secret("t-1")})).await;
    let headers = headers(&world, &upstream, "crm").await;
    assert!(!headers.contains_key("authorization") && !format!("{headers:?}").contains("t-1"));
}

#[tokio::test]
async fn a_bearer_token_goes_to_its_own_upstream_and_to_no_other() {
    let world = World::saas().await;
    let target = Upstream::json("[1]").await;
    let location = target.url();
    let redirecting = Upstream::start(move |_| {
        let mut response = answer(302, "");
        response.headers_mut().insert("location", location.parse().unwrap());
        response
    })
    .await;
    let own = Upstream::json("[]").await;
    for (name, upstream, token) in [("own", &own, "t-own"), ("redirecting", &redirecting, "t-redirecting")] {
        with_secret(
            &world,
            name,
            &upstream.url(),
            json!({"auth_type": "bearer"}),
            &json!({"token": secret(token)}),
        )
        .await;
    }
    world.create(&custom("open", &target.url(), &json!({}))).await;
    rows(&world.query(&json!({"connector": "own"})).send().await);
    refused(&world.query(&json!({"connector": "redirecting"})).send().await, 502, "upstream-failed");
    assert!(target.seen().is_empty(), "a redirect was followed");
    rows(&world.query(&json!({"connector": "open"})).send().await);
    assert_eq!(own.seen()[0].headers["authorization"], format!("Bearer {}", secret("t-own")));
    assert_eq!(redirecting.seen()[0].headers["authorization"], format!("Bearer {}", secret("t-redirecting")));
    assert!(!target.seen()[0].headers.contains_key("authorization"));
}

/// Gives the secret of the connector `crm` a new token.
async fn rotate(world: &World, token: &str, version: &str) {
    let rotated = json!({
        "SecretId": "axonflow/tenant-a/crm", "SecretString": end_to_end::token(token),
        "ClientRequestToken": format!("{version:-<32}"),
    });
    world.secrets("PutSecretValue", &rotated).await;
}

#[tokio::test]
async fn a_rotated_secret_heals_itself_in_every_container_when_the_upstream_refuses_the_old_one() {
    let world = World::saas().await;
    let accepted = Arc::new(Mutex::new(secret("old")));
    let current = Arc::clone(&accepted);
    let upstream = Upstream::start(move |seen| {
        let right = seen.headers["authorization"] == format!("Bearer {}", current.lock().unwrap());
        answer(if right { 200 } else { 401 }, "[1]")
    })
    .await;
    let old = json!({"token": secret("old")});
    with_secret(&world, "crm", &upstream.url(), json!({"auth_type": "bearer"}), &old).await;
    let ask = || world.query(&json!({"connector": "crm"})).send();
    for _ in 0..4 {
        rows(&ask().await);
    }
    for token in ["new", "newer"] {
        *accepted.lock().unwrap() = secret(token);
        rotate(&world, token, token).await;
        let before = upstream.seen().len();
        for _ in 0..6 {
            rows(&ask().await);
        }
        // One refused call for each of the two containers.
        assert_eq!(upstream.seen().len() - before, 6 + 2, "{token}");
    }
    // A secret that stays wrong is an error of its own, and is not tried twice on every call.
    *accepted.lock().unwrap() = secret("none");
    let before = upstream.seen().len();
    for _ in 0..6 {
        refused(&ask().await, 424, "credentials-refused");
    }
    assert!(upstream.seen().len() - before < 12);
}

#[tokio::test]
async fn a_rotated_secret_is_used_by_the_very_next_query_after_a_change_in_the_portal() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    with_secret(
        &world,
        "crm",
        &upstream.url(),
        json!({"auth_type": "bearer"}),
        &json!({"token": secret("old")}),
    )
    .await;
    for _ in 0..2 {
        assert_eq!(
            headers(&world, &upstream, "crm").await["authorization"],
            format!("Bearer {}", secret("old"))
        );
    }
    rotate(&world, "new", "new").await;
    let change = world.portal("PUT", "/api/v1/connectors/crm").json(&json!({"description": "rotated"}));
    change.send().await.expect(200);
    for _ in 0..4 {
        assert_eq!(
            headers(&world, &upstream, "crm").await["authorization"],
            format!("Bearer {}", secret("new"))
        );
    }
}

#[tokio::test]
async fn no_answer_ever_shows_the_secret() {
    let world = World::saas().await;
    // An upstream that repeats what it was sent in its refusal.
    let upstream = Upstream::start(|seen| {
        let sent = seen.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("none");
        let status = seen.target.trim_start_matches('/').parse().unwrap();
        answer(status, json!({"debug": sent, "headers": {"authorization": sent}}).to_string())
    })
    .await;
    let token = json!({"token": secret("token")});
    with_secret(&world, "crm", &upstream.url(), json!({"auth_type": "bearer"}), &token).await;
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
        let body = json!({"connector": "crm", "statement": format!("/{status}")});
        let reply = world.query(&body).send().await;
        assert_ne!(reply.status, 200);
        assert!(!reply.text.contains(&secret("token")), "{}", reply.text);
    }
    assert!(
        upstream
            .seen()
            .iter()
            .all(|seen| seen.headers["authorization"] == format!("Bearer {}", secret("token")))
    );
}

#[tokio::test]
async fn a_secret_that_the_upstream_repeats_in_its_message_is_taken_out() {
    let world = World::saas().await;
    let upstream = Upstream::start(|seen| {
        let sent = seen.headers["authorization"].to_str().unwrap();
        // Of what it was sent it repeats what it made of it, too.
        let read = if sent.starts_with("Basic") { "open sesame" } else { "nobody" };
        answer(400, json!({"message": format!("{sent} may not do this, neither may {read}")}).to_string())
    })
    .await;
    let token = json!({"token": secret("token")});
    with_secret(&world, "bearer", &upstream.url(), json!({"auth_type": "bearer"}), &token).await;
    let pair = json!({"username": "Aladdin", "password": "open sesame"});
    with_secret(&world, "basic", &upstream.url(), json!({"auth_type": "basic"}), &pair).await;
    for (connector, secret) in [
        ("bearer", secret("token").as_str()),
        ("basic", "open sesame"),
        ("basic", "QWxhZGRpbjpvcGVuIHNlc2FtZQ"),
    ] {
        let reply = world.query(&json!({"connector": connector})).send().await;
        let problem = refused(&reply, 422, "upstream-refused");
        assert!(problem["detail"].as_str().unwrap().contains("may not do this"), "{problem}");
        assert!(!reply.text.contains(secret), "{}", reply.text);
    }
}
