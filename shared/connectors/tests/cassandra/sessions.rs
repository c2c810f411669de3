//! One session an instance, not trusted to be alive.

use std::{sync::Arc, time::Duration};

use connectors::{ConnectorError, Stages};
use egress::EgressError;
use futures_util::future::join_all;
use model::clock::SystemClock;
use serde_json::json;
use test_servers::cassandra::Cassandra;

use test_servers::misbehaving::{Carried, Harm, When};

use crate::setup::{Moved, Setup, keyspace, soon, within};

/// A node behind a proxy: the driver makes two connections to it, one of them for the cluster's own news.
const CONNECTIONS: usize = 2;

#[tokio::test]
async fn many_calls_share_one_session_that_nobody_opens_before_the_first() {
    let server = crate::server!();
    let (name, _) = keyspace(server);
    let proxy = Carried::start(server.port, When::Told, Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    assert_eq!(proxy.connections(), 0);
    let calls = (0..16).map(|_| db.query("SELECT key FROM system.local"));
    assert!(join_all(calls).await.into_iter().all(|answer| answer.is_ok()));
    assert_eq!(proxy.connections(), CONNECTIONS);
    db.query("SELECT * FROM nothing").await.unwrap_err();
    db.query("SELECT key FROM system.local").await.unwrap();
    assert_eq!(proxy.connections(), CONNECTIONS);
}

#[tokio::test]
async fn closing_ends_every_connection_and_leaves_nothing_that_dials() {
    let server = crate::server!();
    let (name, _) = keyspace(server);
    let proxy = Carried::start(server.port, When::Told, Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    db.query("SELECT key FROM system.local").await.unwrap();
    db.connector.close().await;
    proxy.ended(CONNECTIONS).await;
    let error = db.query("SELECT key FROM system.local").await.unwrap_err().text();
    assert!(error.contains("closed"), "{error}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(proxy.connections(), CONNECTIONS);
    // Dropping one does the same.
    let db = Setup::plain(proxy.port, &name).db();
    db.query("SELECT key FROM system.local").await.unwrap();
    drop(db);
    proxy.ended(2 * CONNECTIONS).await;
}

#[tokio::test]
async fn a_call_that_gives_up_on_a_session_lets_the_next_one_open_it() {
    let server = crate::server!();
    let (name, _) = keyspace(server);
    let proxy = Carried::start(server.port, When::Begun(1), Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    // The first finds a silent server; the second waits for it no longer than its own time; the third is served.
    let first = db.query_with("SELECT key FROM system.local", json!({}), None, within(1_500));
    let second = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        db.query_with("SELECT key FROM system.local", json!({}), None, within(400)).await
    };
    let third = async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        db.query_with("SELECT key FROM system.local", json!({}), None, soon()).await
    };
    let (first, second, third) = tokio::join!(first, second, third);
    for late in [first, second] {
        assert!(matches!(late.unwrap_err().error(), ConnectorError::Egress(EgressError::Deadline { .. })));
    }
    assert_eq!(third.unwrap().items().len(), 1);
}

#[tokio::test]
async fn a_session_that_died_silently_during_a_freeze_costs_no_error() {
    let server = crate::server!();
    let (name, mut admin) = keyspace(server);
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY)"));
    let proxy = Carried::start(server.port, When::Told, Harm::Silence).await;
    let clock = Arc::new(Moved::default());
    let thawed = Setup { clock: Arc::clone(&clock) as _, max_retries: 0, ..Setup::plain(proxy.port, &name) };
    let db = thawed.db();
    for k in 1..=2 {
        db.execute(&format!("INSERT INTO t (k) VALUES ({})", k * 10)).await.unwrap();
        assert_eq!(proxy.connections(), k * CONNECTIONS);
        proxy.silence();
        clock.on(Duration::from_mins(1));
        db.execute(&format!("INSERT INTO t (k) VALUES ({k})")).await.unwrap();
        assert_eq!(proxy.connections(), (k + 1) * CONNECTIONS);
        db.query("SELECT * FROM t").await.unwrap();
    }
    let rows = db.query("SELECT k FROM t").await.unwrap();
    assert_eq!(rows.items().len(), 4);
}

#[tokio::test]
async fn connections_that_were_cut_while_idle_cost_no_error() {
    let server = crate::server!();
    let (name, mut admin) = keyspace(server);
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY)"));
    let proxy = Carried::start(server.port, When::Told, Harm::Silence).await;
    let db = Setup { max_retries: 0, ..Setup::plain(proxy.port, &name) }.db();
    for k in 0..5 {
        db.execute(&format!("INSERT INTO t (k) VALUES ({k})")).await.unwrap();
        proxy.cut().await;
    }
    assert_eq!(db.query("SELECT k FROM t").await.unwrap().items().len(), 5);
}

#[tokio::test]
async fn a_test_opens_a_session_of_its_own_and_the_next_call_uses_it() {
    let server = crate::server!();
    let (name, _) = keyspace(server);
    let proxy = Carried::start(server.port, When::Told, Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    db.query("SELECT key FROM system.local").await.unwrap();
    let mut stages = Stages::new(&SystemClock);
    db.connector.health(&mut stages, soon()).await.unwrap();
    // One more to see how far that gets.
    assert_eq!(proxy.connections(), 2 * CONNECTIONS + 1);
    db.query("SELECT key FROM system.local").await.unwrap();
    assert_eq!(proxy.connections(), 2 * CONNECTIONS + 1);
}

#[tokio::test]
async fn a_node_that_dies_between_two_calls_and_comes_back_costs_no_error() {
    let Some(mut server) = Cassandra::start() else { return };
    let (name, mut admin) = keyspace(&server);
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY)"));
    let db = Setup { max_retries: 0, ..Setup::plain(server.port, &name) }.db();
    db.execute("INSERT INTO t (k) VALUES (1)").await.unwrap();
    server.stop_node(1);
    let error = db.query("SELECT k FROM t").await.unwrap_err().error();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Connect { .. })), "{error:?}");
    server.start_node(1);
    db.execute("INSERT INTO t (k) VALUES (2)").await.unwrap();
    assert_eq!(db.query("SELECT k FROM t").await.unwrap().items().len(), 2);
}
