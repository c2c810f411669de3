//! What operators read: one line a request, with the fields that infra/operating.md names.

use std::collections::BTreeSet;

use end_to_end::{Listening, Reply};
use serde_json::{Value, json};

use crate::setup::{ask, crm, custom, refused};

/// The one line of a request that ended so.
#[track_caller]
fn line(log: &Listening, reply: &Reply, level: &str, message: &str) -> Value {
    let of_request = |line: &Value| line["span"]["request_id"] == *reply.header("x-request-id");
    let (mut of_request, _): (Vec<_>, Vec<_>) = log.take().into_iter().partition(of_request);
    assert_eq!(of_request.len(), 1, "{of_request:#?}");
    let line = of_request.remove(0);
    assert_eq!((&line["level"], &line["message"]), (&json!(level), &json!(message)), "{line}");
    assert_eq!(line["status"], reply.status, "{line}");
    assert!(line["duration_ms"].is_u64(), "{line}");
    line["span"].clone()
}

#[tokio::test]
async fn an_answered_call_says_for_whom_it_was_where_it_came_from_and_how_much_it_was() {
    let (world, _upstream) = crm(r#"[{"n":1},{"n":2}]"#).await;
    let log = Listening::start();
    let mut caches = BTreeSet::new();
    // Each container loads it once.
    for _ in 0..10 {
        let reply = ask(&world, "/accounts").send().await.expect(200);
        let span = line(&log, &reply, "INFO", "answered");
        for (field, expected) in [
            ("function", json!("agent-invoke")),
            ("route", json!("POST /mcp/resources/query")),
            ("tenant", json!("tenant-a")),
            ("connector", json!("crm")),
            ("connector_type", json!("custom")),
            ("source", json!("database")),
            ("rows", json!(2)),
            ("truncated", json!(false)),
        ] {
            assert_eq!(span[field], expected, "{field}: {span}");
        }
        caches.insert(span["cache"].as_str().unwrap().to_owned());
        assert!(span["who"].as_str().unwrap().starts_with("license:"), "{span}");
        assert!(span["bytes"].as_u64().unwrap() >= r#"{"n":1}{"n":2}"#.len() as u64, "{span}");
    }
    assert_eq!(caches, ["hit", "loaded"].map(str::to_owned).into());
    let execute = json!({"connector": "crm", "action": "POST", "statement": "/accounts"});
    for call in [
        world.agent_as("tenant-a", "POST", "/mcp/tools/execute").json(&execute),
        world.agent_as("tenant-a", "GET", "/mcp/connectors/crm/health"),
    ] {
        let reply = call.send().await.expect(200);
        let span = line(&log, &reply, "INFO", "answered");
        assert!(caches.contains(span["cache"].as_str().unwrap()), "{span}");
        assert_eq!(
            (&span["source"], &span["connector_type"]),
            (&json!("database"), &json!("custom")),
            "{span}"
        );
    }
}

#[tokio::test]
async fn a_refused_call_is_one_line_too_and_wakes_nobody() {
    let (world, _upstream) = crm("[]").await;
    let read_only = json!({"options": {"read_only": true}});
    world.create(&custom("ledger", "https://ledger.example.com", &read_only)).await;
    let log = Listening::start();
    let nowhere = world.query(&json!({"connector": "none", "statement": "/"})).send().await;
    refused(&nowhere, 404, "connector-not-found");
    let span = line(&log, &nowhere, "INFO", "refused");
    assert_eq!((&span["connector"], span.get("cache")), (&json!("none"), None), "{span}");
    let call = world.agent_as("tenant-a", "POST", "/mcp/tools/execute");
    let reply = call.json(&json!({"connector": "ledger", "action": "POST", "statement": "/"})).send().await;
    assert_eq!(reply.status, 403);
    line(&log, &reply, "INFO", "refused");
}
