//! What governance refuses, what a refusal says, and that it is written down.

use end_to_end::{Reply, Upstream, World};
use serde_json::{Value, json};

use crate::setup::{audit, crm, custom, refused, rows, text};

async fn operation(world: &World, connector: &str, operation: &str) -> Reply {
    let body = json!({"connector": connector, "statement": "/x", "operation": operation});
    world.query(&body).send().await
}

#[tokio::test]
async fn a_query_never_writes() {
    let (world, upstream) = crm("[]").await;
    for name in ["POST", "PUT", "PATCH", "DELETE", "delete"] {
        let body = refused(&operation(&world, "crm", name).await, 403, "blocked-by-policy");
        assert_eq!(body["blocked"], true);
        assert!(body["error"].as_str().unwrap().contains("a query only reads"), "{body}");
    }
    assert!(upstream.seen().is_empty());
    rows(&operation(&world, "crm", "GET").await);
}

#[tokio::test]
async fn a_refusal_says_which_rule_refused_and_why() {
    let (world, _upstream) = crm("[]").await;
    let body = refused(&operation(&world, "crm", "DELETE").await, 403, "blocked-by-policy");
    let mut info = body["policy_info"].clone();
    assert!(info["processing_time_ms"].is_u64());
    info["processing_time_ms"] = Value::Null;
    let expected = json!({
        "policies_evaluated": 4, "blocked": true, "block_reason": body["error"], "redactions_applied": 0,
        "processing_time_ms": null,
        "matched_policies": [{
            "policy_id": "query-reads-only", "policy_name": "Queries only read", "category": "operation-governance",
            "severity": "high", "action": "block",
        }],
        "exfiltration_check": {
            "exceeded": false, "limit_type": "none", "rows_returned": 0, "row_limit": 10_000, "bytes_returned": 0,
            "byte_limit": 5 * 1024 * 1024,
        },
    });
    assert_eq!(info, expected);
}

#[tokio::test]
async fn a_refusal_is_written_down_with_who_asked_for_what_and_without_its_values() {
    let (world, _upstream) = crm("[]").await;
    assert!(audit(&world, "tenant-a", "query_refused").await.is_empty());
    let key = world.license(|license| (license.sub, license.jti) = ("billing-agent".into(), "j-1".into()));
    let body = json!({
        "connector": "crm", "operation": "DELETE", "statement": "/accounts/7", "parameters": {"a": "canary"},
    });
    let reply = world.anonymous_query(&body).header("x-license-key", &key).send().await;
    refused(&reply, 403, "blocked-by-policy");
    let entries = audit(&world, "tenant-a", "query_refused").await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(text(entry, "who"), "license:billing-agent#j-1");
    assert_eq!(text(entry, "connector_name"), "crm");
    assert_eq!(text(entry, "request_id"), reply.header("x-request-id"));
    assert!(text(entry, "result").starts_with("query-reads-only: DELETE writes"), "{entry:?}");
    assert_eq!((text(entry, "operation"), text(entry, "statement")), ("DELETE", "/accounts/7"));
    // printf '{"a":"canary"}' | sha256sum
    assert_eq!(
        text(entry, "parameters_sha256"),
        "e10923cd0a55a277e893832b0602ba8c9869530c6d0248383d28c4b5f140d4a9"
    );
    assert!(!format!("{entry:?}").contains("canary"), "{entry:?}");
    rows(&operation(&world, "crm", "GET").await);
    assert_eq!(audit(&world, "tenant-a", "query_refused").await.len(), 1);
    assert!(audit(&world, "tenant-b", "query_refused").await.is_empty());
}

#[tokio::test]
async fn allowed_operations_narrow_what_a_query_may_do() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    for (name, allowed, passes) in [
        ("exact", json!(["GET"]), true),
        ("lower", json!(["get"]), true),
        ("star", json!(["*"]), true),
        ("head", json!(["G*"]), true),
        ("none", json!([]), false),
        ("other", json!(["POST"]), false),
        ("longer", json!(["GETS*"]), false),
        ("part", json!(["GE"]), false),
    ] {
        let options = json!({"allowed_operations": allowed});
        world.create(&custom(name, &upstream.url(), &json!({"options": options}))).await;
        let reply = operation(&world, name, "GET").await;
        if passes {
            rows(&reply);
        } else {
            let body = refused(&reply, 403, "blocked-by-policy");
            assert_eq!(body["policy_info"]["matched_policies"][0]["policy_id"], "allowed-operations");
        }
        // Being listed opens no write to a query.
        refused(&operation(&world, name, "POST").await, 403, "blocked-by-policy");
    }
    assert_eq!(upstream.seen().len(), 4);
}

#[tokio::test]
async fn blocked_operations_of_a_record_open_no_write_to_a_query() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let options = json!({"blocked_operations": [], "allowed_operations": ["*"]});
    world.create(&custom("crm", &upstream.url(), &json!({"options": options}))).await;
    refused(&operation(&world, "crm", "DELETE").await, 403, "blocked-by-policy");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_read_only_connector_answers_queries() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    world.create(&custom("crm", &upstream.url(), &json!({"options": {"read_only": true}}))).await;
    assert_eq!(rows(&operation(&world, "crm", "GET").await), json!([1]));
}

#[tokio::test]
async fn an_unknown_operation_is_refused_with_the_known_ones() {
    let (world, upstream) = crm("[]").await;
    for name in ["HEAD", "TRACE", "CONNECT", "GET /", "", "DROP"] {
        let body = refused(&operation(&world, "crm", name).await, 422, "invalid-query");
        assert!(body["detail"].as_str().unwrap().contains("GET, POST, PUT, PATCH, DELETE"), "{body}");
    }
    assert!(upstream.seen().is_empty());
}
