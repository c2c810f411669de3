//! `GET /mcp/connectors/{name}/health`: what is wrong with a connector is a finding, and only what is not there is an
//! error.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use end_to_end::{Fault, Reply, Upstream, World, secret, token};
use serde_json::{Value, json};

use crate::setup::{answer, closed_port, crm, custom, refused, stalling_upstream};

async fn look(world: &World, name: &str) -> Reply {
    world.agent_as("tenant-a", "GET", &format!("/mcp/connectors/{name}/health")).send().await
}

/// A finding in its one shape.
#[track_caller]
fn found(reply: &Reply, healthy: bool) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec!["details", "healthy", "latency", "latency_ms", "timestamp"];
    expected.extend((!healthy).then_some("error"));
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(body["healthy"], healthy, "{body}");
    let (latency, ms) = (body["latency"].as_u64().unwrap(), body["latency_ms"].as_u64().unwrap());
    assert_eq!(latency / 1_000_000, ms, "nanoseconds and milliseconds of one span");
    body["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(body["details"].as_object().unwrap().values().all(Value::is_string), "{body}");
    body
}

#[tokio::test]
async fn a_healthy_connector_says_what_was_seen_on_the_way() {
    let (world, upstream) = crm("[]").await;
    let body = found(&look(&world, "crm").await, true);
    assert!(body["latency"].as_u64().unwrap() > 0);
    let details = body["details"].as_object().unwrap();
    let keys: Vec<_> = details.keys().map(String::as_str).collect();
    let expected =
        ["authenticate", "call", "connect", "connector_type", "egress", "name_resolution", "source"];
    assert_eq!(keys, expected);
    assert_eq!((&details["connector_type"], &details["source"]), (&json!("custom"), &json!("database")));
    assert_eq!(upstream.seen().len(), 1);
    assert_eq!(upstream.seen()[0].method, "HEAD");
}

#[tokio::test]
async fn an_unhealthy_connector_names_the_stage_and_what_to_do() {
    let world = World::saas().await;
    let statuses = Upstream::start(|seen| answer(seen.target.trim_start_matches('/').parse().unwrap(), "{}"));
    let statuses = statuses.await.url();
    let closed = format!("http://{}", closed_port().await);
    let hanging = format!("http://{}", stalling_upstream(b"").await);
    let status = |status: &str| json!({"options": {"health_path": status}});
    for (name, url, more, stage, advice) in [
        ("closed", closed.as_str(), json!({}), "connect", "check host and port"),
        ("hanging", &hanging, json!({"timeout_ms": 300}), "call", "did not answer before the deadline"),
        (
            "nowhere",
            "https://nowhere.invalid",
            json!({}),
            "name_resolution",
            "check the host in connection_url",
        ),
        ("metadata", "https://169.254.169.254", json!({}), "egress", "EGRESS_ALLOW"),
        ("refusing", &statuses, status("/401"), "authenticate", "check that they are current"),
        ("forbidding", &statuses, status("/403"), "authenticate", "what they have the right to"),
        ("missing", &statuses, status("/404"), "call", "404"),
        ("failing", &statuses, status("/500"), "call", "500"),
    ] {
        world.create(&custom(name, url, &more)).await;
        let body = found(&look(&world, name).await, false);
        assert_eq!(body["details"]["stage"], stage, "{name}: {body}");
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(advice), "{name}: {error}");
        assert!(error.ends_with('.') && !error.starts_with(char::is_lowercase), "{error}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_secret_is_a_finding_too() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let theirs = world.create_secret("axonflow/theirs", "tenant-b", &token("hunter2")).await;
    let malformed = world.create_secret("axonflow/malformed", "tenant-a", &secret("hunter2")).await;
    let absent = theirs.replace("/theirs-", "/absent-");
    for (name, arn, advice) in [
        ("theirs", &theirs, "no such secret"),
        ("malformed", &malformed, "not a JSON object"),
        ("absent", &absent, "no such secret"),
    ] {
        let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
        world.create(&custom(name, &upstream.url(), &more)).await;
        let reply = look(&world, name).await;
        let body = found(&reply, false);
        assert_eq!(body["details"]["stage"], "secret", "{body}");
        assert!(body["error"].as_str().unwrap().contains(advice), "{body}");
        assert!(!reply.text.contains("hunter2") && !reply.text.contains("arn:"), "{}", reply.text);
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_secret_that_is_gone_when_it_is_read_again_is_a_finding() {
    let world = World::saas().await;
    let accepted = Arc::new(AtomicBool::new(true));
    let current = Arc::clone(&accepted);
    let upstream =
        Upstream::start(move |_| answer(if current.load(Ordering::Relaxed) { 200 } else { 401 }, "[]")).await;
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("t")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    world.create(&custom("crm", &upstream.url(), &more)).await;
    // Each of the two containers has it loaded.
    for _ in 0..4 {
        found(&look(&world, "crm").await, true);
    }
    accepted.store(false, Ordering::Relaxed);
    let delete = json!({"SecretId": "axonflow/tenant-a/crm", "ForceDeleteWithoutRecovery": true});
    world.secrets("DeleteSecret", &delete).await;
    for _ in 0..2 {
        let body = found(&look(&world, "crm").await, false);
        assert_eq!(body["details"]["stage"], "secret", "{body}");
        assert!(body["error"].as_str().unwrap().contains("no such secret"), "{body}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_an_error() {
    let (world, upstream) = crm("[]").await;
    world.create(&custom("off", &upstream.url(), &json!({"enabled": false}))).await;
    refused(&look(&world, "no-such").await, 404, "connector-not-found");
    refused(&look(&world, "NOT%20A%20NAME").await, 404, "connector-not-found");
    refused(&look(&world, "off").await, 409, "connector-disabled");
    let of_b = world.agent_as("tenant-b", "GET", "/mcp/connectors/crm/health").send().await;
    refused(&of_b, 404, "connector-not-found");
    refused(&world.agent("GET", "/mcp/connectors/crm/health").send().await, 401, "not-licensed");
    let other = world.license(|license| license.connectors = Some(vec!["erp".to_owned()]));
    let reply = world.agent("GET", "/mcp/connectors/crm/health").header("x-license-key", &other).send().await;
    refused(&reply, 403, "license-connector");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_read_only_or_narrowed_connector_is_looked_at_like_any_other() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let options = json!({"options": {"read_only": true, "allowed_operations": []}});
    world.create(&custom("crm", &upstream.url(), &options)).await;
    found(&look(&world, "crm").await, true);
}

#[tokio::test]
async fn a_look_stores_nothing() {
    let (world, _upstream) = crm("[]").await;
    found(&look(&world, "crm").await, true);
    let record = world.portal("GET", "/api/v1/connectors/crm").send().await.expect(200);
    assert_eq!((record.header("etag"), &record.json()["health_status"]), ("\"1.0\"", &json!("unknown")));
}

#[tokio::test]
async fn markers_that_can_not_be_read_are_503_and_no_finding() {
    let (world, upstream) = crm("[]").await;
    let agent = world
        .faulty(|operation| match operation {
            "BatchGetItem" => Fault::refused("AccessDeniedException"),
            _ => Fault::None,
        })
        .await;
    let reply = agent.agent_as(&world, "tenant-a", "GET", "/mcp/connectors/crm/health").send().await;
    refused(&reply, 503, "store-unavailable");
    assert!(upstream.seen().is_empty());
}
