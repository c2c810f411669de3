//! However much there is, an answer is bounded, and so is what is kept of it.

use connectors::{ConnectorError, Limit};
use egress::EgressError;
use serde_json::json;

use crate::setup::{Stopped, soon, world};

/// The most that this process ever held, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

const BOUND: u64 = 96 * 1024 * 1024;

#[tokio::test]
async fn a_million_rows_are_cut_without_being_kept() {
    let (db, _) = world(crate::server!()).await;
    let before = peak();
    let rows = db.query("SELECT g, repeat('x', 200) AS a FROM generate_series(1, 1000000) g").await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, Some(Limit::Rows)));
    assert!(peak() - before < BOUND, "{} to {}", before, peak());
    let rows = db.query("SELECT g FROM generate_series(1, 10000) g").await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, None));
    for wanted in [1, 9_999, 10_000] {
        let statement = "SELECT g FROM generate_series(1, 1000000) g";
        let rows = db.query_with(statement, json!({}), Some(wanted), soon()).await.unwrap();
        assert_eq!((rows.items().len(), rows.exceeded()), (wanted, None));
    }
    let rows = db.query_with("SELECT 1", json!({}), Some(0), soon()).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (0, None));
}

#[tokio::test]
async fn rows_beyond_five_mebibytes_are_cut_and_the_rest_is_not_read() {
    let (db, _) = world(crate::server!()).await;
    let before = peak();
    let statement = "SELECT repeat('x', 100000) AS a FROM generate_series(1, 5000) g";
    for _ in 0..3 {
        let rows = db.query(statement).await.unwrap();
        assert_eq!((rows.items().len(), rows.exceeded()), (52, Some(Limit::Bytes)));
    }
    assert!(peak() - before < BOUND, "{} to {}", before, peak());
}

#[tokio::test]
async fn a_giant_value_is_cut_at_the_server() {
    let (db, _) = world(crate::server!()).await;
    let before = peak();
    let rows = db.query("SELECT 1 AS a, repeat('x', 120000000) AS b").await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (0, Some(Limit::Bytes)));
    let size = 5 * 1024 * 1024 - 2;
    let rows = db.query(&format!("SELECT repeat('x', {size}) AS b")).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (0, Some(Limit::Bytes)));
    let rows = db.query(&format!("SELECT repeat('x', {}) AS b", size - 20)).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (1, None));
    assert!(peak() - before < BOUND, "{} to {}", before, peak());
}

#[tokio::test]
async fn a_giant_value_that_can_not_be_wrapped_ends_the_session() {
    let (db, admin) = world(crate::server!()).await;
    admin
        .batch_execute(
            "CREATE PROCEDURE giant(INOUT a text) LANGUAGE plpgsql AS $$ BEGIN a := repeat('x', 60000000); END $$",
        )
        .await
        .unwrap();
    let before = peak();
    let stopped = db.execute("CALL giant('')").await.unwrap_err();
    let Stopped::Failed(ConnectorError::Egress(EgressError::BodyTooLarge { .. })) = stopped else {
        panic!("{stopped:?}")
    };
    assert!(peak() - before < BOUND, "{} to {}", before, peak());
    assert_eq!(db.row("SELECT 1 AS a", json!({})).await, r#"{"a":1}"#);
}
