//! Few sessions, none of them trusted to be alive.

use std::{sync::Arc, time::Duration};

use connectors::ConnectorError;
use egress::EgressError;
use futures_util::future::join_all;
use serde_json::json;
use test_servers::postgres::Postgres;

use test_servers::misbehaving::{Carried, Harm, When};

use crate::setup::{
    Moved, Setup, Stopped, admin, database, eventually, soon, value, within, world, world_with,
};

const SESSIONS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_session_is_used_again() {
    let (db, admin) = world(crate::server!()).await;
    let first = db.row("SELECT pg_backend_pid() AS p", json!({})).await;
    db.query("SELECT * FROM nothing").await.unwrap_err();
    db.execute("CREATE TABLE t (n int)").await.unwrap();
    assert_eq!(db.row("SELECT pg_backend_pid() AS p", json!({})).await, first);
    assert_eq!(value(&admin, SESSIONS).await, "1");
    db.connector.close().await;
    eventually(&admin, SESSIONS, "0").await;
}

#[tokio::test]
async fn an_instance_holds_no_more_sessions_than_it_may() {
    let (db, admin) = world_with(crate::server!(), json!({"pool_size": 2})).await;
    let calls = (0..8).map(|_| db.query("SELECT pg_sleep(0.2)"));
    let watch = async {
        let mut most = 0;
        for _ in 0..15 {
            most = most.max(value(&admin, SESSIONS).await.parse::<u32>().unwrap());
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        most
    };
    let (answers, most) = tokio::join!(join_all(calls), watch);
    assert!(answers.into_iter().all(|answer| answer.is_ok()));
    assert_eq!(most, 2);
}

#[tokio::test]
async fn waiting_for_a_session_ends_with_the_deadline() {
    let (db, _) = world_with(crate::server!(), json!({"pool_size": 1})).await;
    let long = db.query_with("SELECT pg_sleep(600)", json!({}), None, within(3_000));
    let short = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        db.query_with("SELECT 1", json!({}), None, within(300)).await
    };
    let (_, waited) = tokio::join!(long, short);
    let Err(Stopped::Failed(ConnectorError::Egress(EgressError::Deadline { .. }))) = waited else {
        panic!("{waited:?}")
    };
}

#[tokio::test]
async fn sessions_that_the_server_ended_cost_no_error() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    for round in 1..=5 {
        // Several at once, so that more than one session is dead.
        join_all((0..3).map(|_| db.query("SELECT pg_sleep(0.05)"))).await;
        let end =
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()
                   AND pid <> pg_backend_pid()";
        assert_ne!(value(&admin, end).await, "0");
        db.execute("INSERT INTO t VALUES (1)").await.unwrap();
        db.query("SELECT 1").await.unwrap();
        assert_eq!(value(&admin, "SELECT count(*) FROM t").await, round.to_string());
    }
}

#[tokio::test]
async fn a_restart_of_the_server_costs_no_error() {
    let Some(mut server) = Postgres::start() else { return };
    let db = Setup::plain(server.port, "postgres").db();
    db.query("SELECT 1").await.unwrap();
    server.restart();
    db.execute("CREATE TABLE t (n int)").await.unwrap();
    db.query("SELECT * FROM t").await.unwrap();
}

#[tokio::test]
async fn a_session_that_died_silently_during_a_freeze_costs_no_error() {
    let server = crate::server!();
    let name = database(server).await;
    let proxy = Carried::start(server.port, When::Told, Harm::Silence).await;
    let clock = Arc::new(Moved::default());
    let db = Setup { clock: Arc::clone(&clock) as _, ..Setup::plain(proxy.port, &name) }.db();
    db.execute("CREATE TABLE t (n int)").await.unwrap();
    assert_eq!(proxy.connections(), 1);
    proxy.silence();
    clock.on(Duration::from_mins(1));
    db.execute_with("INSERT INTO t VALUES (1)", json!({}), None, soon()).await.unwrap();
    assert_eq!(proxy.connections(), 2);
    let admin = admin(server, &name).await;
    assert_eq!(value(&admin, "SELECT count(*) FROM t").await, "1");
}
