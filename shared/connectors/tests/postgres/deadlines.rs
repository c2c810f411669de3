//! A call ends with its deadline, here and at the server.

use std::time::Duration;

use connectors::ConnectorError;
use egress::EgressError;
use serde_json::json;

use crate::setup::{Stopped, eventually, soon, value, within, world, world_with};

const ACTIVE: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                      AND pid <> pg_backend_pid()";
const SESSIONS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

fn is_late(stopped: &Stopped) -> bool {
    matches!(stopped, Stopped::Failed(ConnectorError::Egress(EgressError::Deadline { .. })))
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_cancelled_at_the_server() {
    let (db, admin) = world(crate::server!()).await;
    let stopped = db.query_with("SELECT pg_sleep(600)", json!({}), None, within(400)).await.unwrap_err();
    assert!(is_late(&stopped), "{stopped:?}");
    eventually(&admin, ACTIVE, "0").await;
    assert_eq!(db.row("SELECT 1 AS a", json!({})).await, r#"{"a":1}"#);
}

#[tokio::test]
async fn a_write_that_takes_too_long_leaves_nothing() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    let slow = "INSERT INTO t SELECT 1 FROM pg_sleep(600)";
    let stopped = db.execute_with(slow, json!({}), None, within(400)).await.unwrap_err();
    assert!(is_late(&stopped), "{stopped:?}");
    eventually(&admin, ACTIVE, "0").await;
    assert_eq!(value(&admin, "SELECT count(*) FROM t").await, "0");
}

#[tokio::test]
async fn a_dropped_call_is_cancelled_and_its_session_is_not_used_again() {
    let (db, admin) = world_with(crate::server!(), json!({"pool_size": 1})).await;
    let before = db.row("SELECT pg_backend_pid() AS p", json!({})).await;
    for statement in ["SELECT pg_sleep(600)", "SELECT repeat('x', 5000) FROM generate_series(1, 100000000)"] {
        let call = db.query_with(statement, json!({}), None, soon());
        assert!(
            tokio::time::timeout(Duration::from_millis(300), call).await.is_err()
                || statement.contains("repeat")
        );
        eventually(&admin, ACTIVE, "0").await;
    }
    assert_ne!(db.row("SELECT pg_backend_pid() AS p", json!({})).await, before);
    eventually(&admin, SESSIONS, "1").await;
}

#[tokio::test]
async fn a_deadline_that_has_passed_sends_nothing() {
    let (db, admin) = world(crate::server!()).await;
    let past = within(1);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(is_late(&db.query_with("SELECT 1", json!({}), None, past).await.unwrap_err()));
    assert_eq!(value(&admin, SESSIONS).await, "0");
}
