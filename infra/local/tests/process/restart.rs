//! What outlives the process on the same folder: keys, licenses, sessions, records and secrets.

use std::path::Path;

use serde_json::{Value, json};

use crate::running::Running;

async fn demo(running: &Running) -> Value {
    let reply = running.query(&json!({"connector": "demo-crm", "statement": "/accounts"})).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["data"].clone()
}

async fn own(running: &Running) -> Value {
    let reply = running.portal("GET", "/api/v1/connectors/own").send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// Everything of `credentials.json` but where the APIs listen.
fn lasting(running: &Running) -> [&Value; 2] {
    [&running.credentials["portal"]["sessions"], &running.credentials["agent"]["licenses"]]
}

async fn first_run(folder: &Path) -> (Running, Value, Value) {
    let running = Running::start(folder, &[]).await;
    let secret = json!({
        "Name": "axonflow/tenant-a/own", "SecretString": "{\"token\":\"t\"}", "ClientRequestToken": "0".repeat(32),
    });
    let created = running.secrets("CreateSecret", &secret).send().await;
    assert_eq!(created.status, 200, "{}", created.text);
    let body = json!({
        "connector_name": "own", "connector_type": "custom", "connection_url": "https://api.example.com",
        "credentials_secret_arn": created.json()["ARN"], "options": {"n": 1.5},
    });
    let created = running.portal("POST", "/api/v1/connectors").json(&body).send().await;
    assert_eq!(created.status, 201, "{}", created.text);
    let (record, rows) = (own(&running).await, demo(&running).await);
    (running, record, rows)
}

#[tokio::test]
async fn everything_survives_an_orderly_end_and_other_ports() {
    let folder = tempfile::tempdir().unwrap();
    let (first, record, rows) = first_run(folder.path()).await;
    let before = first.credentials.clone();
    assert_eq!(first.signal("TERM").await.code, Some(0));

    let second = Running::start(folder.path(), &[]).await;
    assert_eq!(lasting(&second), [&before["portal"]["sessions"], &before["agent"]["licenses"]]);
    assert_eq!(own(&second).await, record);
    let described =
        second.secrets("GetSecretValue", &json!({"SecretId": "axonflow/tenant-a/own"})).send().await;
    assert_eq!(described.json()["SecretString"], "{\"token\":\"t\"}");
    // The demo service listens elsewhere now, and the demo connector knows.
    assert_eq!(demo(&second).await, rows);
}

#[tokio::test]
async fn everything_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (first, record, rows) = first_run(folder.path()).await;
    let before = first.credentials.clone();
    assert_eq!(first.signal("KILL").await.code, None);

    let second = Running::start(folder.path(), &[]).await;
    assert_eq!(lasting(&second), [&before["portal"]["sessions"], &before["agent"]["licenses"]]);
    assert_eq!((own(&second).await, demo(&second).await), (record, rows));
}

#[tokio::test]
async fn another_folder_is_another_world() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = Running::start(one.path(), &[]).await;
    let two = Running::start(two.path(), &[]).await;
    for ([one, two], tenant) in std::iter::zip([lasting(&one), lasting(&two)], ["tenant-a", "tenant-b"]) {
        assert_ne!(one[tenant], two[tenant]);
    }
    let license = one.credentials["agent"]["licenses"]["tenant-a"].as_str().unwrap();
    let url = format!("{}/mcp/resources/query", two.credentials["agent"]["url"].as_str().unwrap());
    let call = end_to_end::Call::new("POST", url).header("x-license-key", license);
    assert_eq!(call.json(&json!({"connector": "demo-crm"})).send().await.status, 401);
}
