//! Every execute is written down before its upstream hears of it, and how it ended after it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{extract::Request, handler::HandlerWithoutStateExt};
use end_to_end::{Fault, Loss, Upstream, World};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::setup::{answer, audit, closed_port, crm, custom, refused, stalling_upstream, text};

const CANARY: &str = "canary-4711";

fn post(connector: &str) -> Value {
    json!({
        "connector": connector, "action": "POST", "statement": "/orders", "parameters": {"card": CANARY},
    })
}

/// Waits for nothing: what an answered execute left in the audit is there.
async fn results(world: &World) -> Vec<String> {
    audit(world, "tenant-a", "execute").await.iter().map(|item| text(item, "result").to_owned()).collect()
}

#[tokio::test]
async fn the_intent_stands_in_the_audit_when_the_upstream_is_called() {
    let world = Arc::new(World::saas().await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = Arc::clone(&world);
    let handler = move |_: Request| {
        let world = Arc::clone(&own);
        // The answer is what the audit says at this moment.
        async move { answer(200, json!(results(&world).await).to_string()) }
    };
    tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
    world.create(&custom("crm", &url, &json!({}))).await;
    let body = world.execute(&post("crm")).send().await.expect(200).json();
    assert_eq!(body["data"], json!(["unknown"]));
    assert_eq!(results(&world).await, ["succeeded: POST 200"]);
    let body = world.execute(&post("crm")).send().await.expect(200).json();
    assert_eq!(body["data"], json!(["succeeded: POST 200", "unknown"]));
}

#[tokio::test]
async fn an_entry_says_who_did_what_to_which_connector_and_holds_no_value() {
    let (world, _upstream) = crm(r#"{"id":"canary-4711"}"#).await;
    let key = world.license(|license| {
        license.scopes = vec!["execute".to_owned()];
        (license.sub, license.jti) = ("billing-agent".to_owned(), "j-1".to_owned());
    });
    let call = world.agent("POST", "/mcp/tools/execute").header("x-license-key", &key);
    let reply = call.json(&post("crm")).send().await.expect(200);
    let entries = audit(&world, "tenant-a", "execute").await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(text(entry, "who"), "license:billing-agent#j-1");
    assert_eq!(text(entry, "connector_name"), "crm");
    assert_eq!(text(entry, "request_id"), reply.header("x-request-id"));
    assert_eq!((text(entry, "operation"), text(entry, "statement")), ("POST", "/orders"));
    // printf '{"card":"canary-4711"}' | sha256sum
    assert_eq!(
        text(entry, "parameters_sha256"),
        "257e76806bff679ba5b8e1e3c44cf404224d66fd427595cbc0a9e74188e504aa"
    );
    assert_eq!(text(entry, "result"), "succeeded: POST 200");
    assert!(!format!("{entry:?}").contains("canary"), "{entry:?}");
    assert!(audit(&world, "tenant-b", "execute").await.is_empty());
}

#[tokio::test]
async fn an_outcome_is_told_apart_as_done_not_done_and_unknown_and_never_quotes_a_value() {
    let world = World::saas().await;
    let upstream = Upstream::start(|seen| {
        let status = seen.target.trim_start_matches('/').parse().unwrap();
        answer(status, json!({"message": format!("no {}", seen.body)}).to_string())
    });
    let upstream = upstream.await;
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for (status, begins) in [
        ("202", "succeeded: POST 202"),
        ("400", "failed: "),
        ("401", "failed: "),
        ("500", "unknown: "),
        ("302", "unknown: "),
    ] {
        let body = json!({
            "connector": "crm", "action": "POST", "statement": status, "parameters": {"card": CANARY},
        });
        world.execute(&body).send().await;
        let results = results(&world).await;
        assert!(results.last().unwrap().starts_with(begins), "{status}: {results:?}");
        assert!(!results.join(" ").contains("canary"), "{results:?}");
    }
    let hanging = stalling_upstream(b"").await;
    let closed = closed_port().await;
    for (name, address, begins) in [("hanging", hanging, "unknown: "), ("closed", closed, "failed: ")] {
        world.create(&custom(name, &format!("http://{address}"), &json!({"timeout_ms": 500}))).await;
        world.execute(&post(name)).send().await;
        let results = results(&world).await;
        assert!(results.last().unwrap().starts_with(begins), "{name}: {results:?}");
    }
}

#[tokio::test]
async fn a_refused_execute_is_written_down_as_refused_and_leaves_no_intent() {
    let (world, upstream) = crm("[]").await;
    let body = json!({
        "connector": "crm", "action": "DELETE", "statement": "/orders/7", "parameters": {"card": CANARY},
    });
    let reply = world.execute(&body).send().await;
    refused(&reply, 403, "blocked-by-policy");
    let entries = audit(&world, "tenant-a", "execute_refused").await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert!(text(entry, "result").starts_with("blocked-operations: DELETE is blocked"), "{entry:?}");
    assert_eq!((text(entry, "operation"), text(entry, "statement")), ("DELETE", "/orders/7"));
    assert_eq!(text(entry, "request_id"), reply.header("x-request-id"));
    assert!(!format!("{entry:?}").contains("canary"), "{entry:?}");
    assert!(results(&world).await.is_empty() && upstream.seen().is_empty());
}

#[tokio::test]
async fn a_call_that_never_reached_governance_leaves_no_entry() {
    let (world, _upstream) = crm("[]").await;
    world.execute(&post("no-such")).send().await.expect(404);
    world.execute(&json!({"connector": "crm", "action": "HEAD"})).send().await.expect(422);
    world.agent("POST", "/mcp/tools/execute").json(&post("crm")).send().await.expect(401);
    for action in ["execute", "execute_refused"] {
        assert!(audit(&world, "tenant-a", action).await.is_empty());
    }
}

/// A service that counts connections and never answers.
async fn counting() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    (url, count)
}

#[tokio::test]
async fn an_intent_that_can_not_be_stored_is_503_and_no_connection_is_opened() {
    let world = World::saas().await;
    let (url, connections) = counting().await;
    world.create(&custom("crm", &url, &json!({}))).await;
    let agent = world
        .faulty(|operation| match operation {
            "PutItem" => Fault::refused("ProvisionedThroughputExceededException"),
            _ => Fault::None,
        })
        .await;
    let reply = agent.execute(&world, &post("crm")).send().await;
    refused(&reply, 503, "store-unavailable");
    assert_eq!(reply.header("retry-after"), "1");
    assert!(!reply.text.contains("c4n4ry") && !reply.text.contains("PutItem"), "{}", reply.text);
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    // Governance still refuses, whether or not that could be noted.
    let delete = json!({"connector": "crm", "action": "DELETE", "statement": "/x"});
    refused(&agent.execute(&world, &delete).send().await, 403, "blocked-by-policy");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    // The same call with a sound store gets there: there was something to count.
    let slow = json!({"connector": "crm", "action": "POST", "timeout": "3s"});
    refused(&world.execute(&slow).send().await, 504, "outcome-unknown");
    assert!(connections.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn an_intent_that_the_caller_does_not_wait_for_is_a_deadline_and_no_connection_is_opened() {
    let world = World::saas().await;
    let (url, connections) = counting().await;
    world.create(&custom("crm", &url, &json!({}))).await;
    let agent = world
        .faulty(|operation| match operation {
            "PutItem" => Fault::Late(Duration::from_secs(20)),
            _ => Fault::None,
        })
        .await;
    let body = json!({"connector": "crm", "action": "POST", "timeout": "2s"});
    let problem = refused(&agent.execute(&world, &body).send().await, 504, "upstream-deadline");
    assert!(problem["detail"].as_str().unwrap().contains("before its upstream was asked"), "{problem}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_outcome_that_can_not_be_stored_leaves_the_answer_and_the_intent_as_unknown() {
    let (world, upstream) = crm("[]").await;
    let agent = world
        .faulty(|operation| match operation {
            "UpdateItem" => Fault::refused("AccessDeniedException"),
            _ => Fault::None,
        })
        .await;
    let body = agent.execute(&world, &post("crm")).send().await.expect(200).json();
    assert_eq!(body["success"], true);
    assert_eq!((results(&world).await, upstream.seen().len()), (vec!["unknown".to_owned()], 1));
}

#[tokio::test]
async fn an_intent_whose_answer_was_lost_is_stored_once_and_the_write_sent_once() {
    let (world, upstream) = crm("[]").await;
    let turn = AtomicUsize::new(0);
    let agent = world
        .faulty(move |operation| match operation {
            // The row of statistics may be the one of the two.
            "PutItem" if turn.fetch_add(1, Ordering::SeqCst) < 2 => Fault::AnswerLost(Loss::ServerError),
            _ => Fault::None,
        })
        .await;
    agent.execute(&world, &post("crm")).send().await.expect(200);
    assert_eq!((results(&world).await.len(), upstream.seen().len()), (1, 1));
}
