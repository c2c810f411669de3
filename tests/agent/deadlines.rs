//! A call ends by its deadline, whatever the upstream does: the smaller of the caller's and the record's.

use end_to_end::{World, token};
use serde_json::{Value, json};

use crate::setup::{crm, custom, refused, stalling_upstream};

async fn hanging(more: &Value) -> World {
    let (world, address) = (World::saas().await, stalling_upstream(b"").await);
    world.create(&custom("crm", &format!("http://{address}"), more)).await;
    world
}

#[tokio::test]
async fn the_callers_timeout_ends_a_call_of_an_upstream_that_hangs() {
    let world = hanging(&json!({})).await;
    let reply = world.query(&json!({"connector": "crm", "timeout": "200ms"})).send().await;
    let problem = refused(&reply, 504, "upstream-deadline");
    assert_eq!(problem["stage"], "deadline");
}

#[tokio::test]
async fn the_records_timeout_ends_a_call_of_an_upstream_that_hangs() {
    let world = hanging(&json!({"timeout_ms": 100})).await;
    refused(&world.query(&json!({"connector": "crm"})).send().await, 504, "upstream-deadline");
    // A caller can shorten the record's time and never lengthen it.
    let longer = json!({"connector": "crm", "timeout": "10m"});
    refused(&world.query(&longer).send().await, 504, "upstream-deadline");
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_too() {
    // The head arrives, the body does not.
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n[";
    let address = stalling_upstream(head).await;
    let world = World::saas().await;
    world.create(&custom("crm", &format!("http://{address}"), &json!({}))).await;
    let reply = world.query(&json!({"connector": "crm", "timeout": "200ms"})).send().await;
    refused(&reply, 504, "upstream-deadline");
}

#[tokio::test]
async fn a_time_that_is_over_before_the_upstream_is_asked_is_a_deadline_as_well() {
    let (world, upstream) = crm("[]").await;
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("t")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    world.create(&custom("with-secret", &upstream.url(), &more)).await;
    for connector in ["crm", "with-secret"] {
        let reply = world.query(&json!({"connector": connector, "timeout": "1ns"})).send().await;
        refused(&reply, 504, "upstream-deadline");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn one_tenants_hanging_upstream_does_not_hold_up_another_tenants_query() {
    let world = hanging(&json!({})).await;
    let stuck = world.query(&json!({"connector": "crm", "timeout": "20s"}));
    let stuck: Vec<_> = (0..8).map(|_| tokio::spawn(stuck.clone().send())).collect();
    let other = world.anonymous_query(&json!({"connector": "demo-crm", "statement": "/accounts"}));
    let other = other.header("x-license-key", world.stack.identity.license("tenant-b"));
    for _ in 0..4 {
        assert_eq!(other.clone().send().await.status, 200);
    }
    assert!(stuck.iter().all(|call| !call.is_finished()), "they were to hang for longer than this test");
    stuck.iter().for_each(tokio::task::JoinHandle::abort);
}
