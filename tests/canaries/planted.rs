//! Tests that leak. None of them is run but by the one that expects it to fail.

use axum::{body::Body, http::Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::{Call, Told, Upstream, World, canary, secret};
use serde_json::json;

async fn answered(header: &str, body: String) {
    let header = header.to_owned();
    let upstream = Upstream::start(move |_| {
        Response::builder().header("x-echo", &header).body(Body::from(body.clone())).unwrap()
    })
    .await;
    Call::new("GET", upstream.url()).send().await;
}

async fn stored(value: String) {
    let world = World::saas().await;
    let item = json!({"tenant_id": {"S": "tenant-a"}, "at_id": {"S": "1"}, "result": {"S": value}});
    world.dynamo("PutItem", &json!({"TableName": "audit", "Item": item})).await;
}

#[tokio::test]
#[ignore = "planted"]
async fn in_a_line_of_the_log() {
    let _world = World::saas().await;
    tracing::info!(token = secret("log"), "planted");
}

#[tokio::test]
#[ignore = "planted"]
async fn in_a_line_of_the_log_from_a_task() {
    let _world = World::saas().await;
    tokio::task::spawn_blocking(|| tracing::error!("planted: {}", secret("task"))).await.unwrap();
}

#[tokio::test]
#[ignore = "planted"]
async fn a_session_in_the_log() {
    let world = World::saas().await;
    tracing::warn!(cookie = world.stack.identity.session("tenant-b"), "planted");
}

#[tokio::test]
#[ignore = "planted"]
async fn a_license_in_the_log() {
    let world = World::saas().await;
    tracing::warn!(key = world.license(|_| {}), "planted");
}

#[tokio::test]
#[ignore = "planted"]
async fn an_arn_in_an_answer() {
    answered(
        "",
        "\"arn:aws:secretsmanager:us-east-1:000000000000:secret:axonflow/tenant-a/crm-AbCdEf\"".to_owned(),
    )
    .await;
}

#[tokio::test]
#[ignore = "planted"]
async fn in_a_header_that_is_echoed() {
    answered(&format!("Bearer {}", secret("header")), String::new()).await;
}

#[tokio::test]
#[ignore = "planted"]
async fn encoded_in_an_error() {
    let pair = BASE64_STANDARD.encode(format!("client-1:{}", secret("error")));
    answered(
        "",
        json!({"error": "invalid_client", "error_description": format!("Basic {pair}")}).to_string(),
    )
    .await;
}

#[tokio::test]
#[ignore = "planted"]
async fn in_a_table() {
    stored(secret("table")).await;
}

#[tokio::test]
#[ignore = "planted"]
async fn a_parameter_in_the_audit() {
    stored(format!("no order {}", canary::PARAMETER)).await;
}

#[tokio::test]
#[ignore = "planted"]
async fn in_a_file() {
    let world = World::saas().await;
    std::fs::write(world.stack.data_dir.join("dump"), secret("file")).unwrap();
}

#[test]
#[ignore = "planted"]
fn in_the_words_of_a_panic() {
    panic!("the password {} was refused", secret("panic"));
}

#[test]
#[ignore = "planted"]
fn in_the_output_of_a_program() {
    canary::check_program("a program", "", &format!("error: {}", secret("program")));
}

#[tokio::test]
#[ignore = "planted"]
async fn what_may_come_out() {
    let told = Told::of("function");
    answered("none", format!("no order {}", canary::PARAMETER)).await;
    stored("arn:aws:secretsmanager:us-east-1:000000000000:secret:axonflow/tenant-a/crm-AbCdEf".to_owned())
        .await;
    tracing::info!(arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:axonflow/...masked", "masked");
    assert_eq!(told.text(), "");
}
