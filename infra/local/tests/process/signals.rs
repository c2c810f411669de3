//! How a run ends: by SIGTERM and SIGINT with status 0, whatever is still going on.

use std::net::Ipv4Addr;

use serde_json::json;
use tokio::net::TcpListener;

use crate::running::Running;

#[tokio::test]
async fn a_signal_ends_the_process_with_status_0() {
    for name in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let running = Running::start(folder.path(), &[]).await;
        let welcome = running.welcome.clone();
        let ended = running.signal(name).await;
        assert_eq!((ended.code, ended.stdout), (Some(0), welcome), "{name}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_call_that_hangs_does_not_keep_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[]).await;
    let upstream = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", upstream.local_addr().unwrap());
    let body = json!({"connector_name": "slow", "connector_type": "custom", "connection_url": url});
    let created = running.portal("POST", "/api/v1/connectors").json(&body).send().await;
    assert_eq!(created.status, 201, "{}", created.text);
    let call = tokio::spawn(running.query(&json!({"connector": "slow"})).try_send());
    // Once it is connected the call is under way; it is never answered.
    let connection = upstream.accept().await.unwrap();
    assert_eq!(running.signal("TERM").await.code, Some(0));
    drop(connection);
    drop(call.await.unwrap());
}
