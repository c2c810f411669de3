//! Writes: what they report, and what is said where nobody knows whether they took effect.

use connectors::ConnectorError;
use egress::EgressError;
use model::clock::{Clock, SystemClock};
use serde_json::json;

use test_servers::misbehaving::{Carried, Harm, When};

use crate::setup::{Setup, Stopped, keyspace, soon, texts, within, world};

#[tokio::test]
async fn writes_say_what_they_were() {
    let (db, _, _) = world(crate::server!());
    for (statement, message) in [
        ("CREATE TABLE t (k int PRIMARY KEY, v text)", "CREATE"),
        ("INSERT INTO t (k, v) VALUES (1, 'a')", "INSERT"),
        ("UPDATE t SET v = 'b' WHERE k = 1;", "UPDATE"),
        ("BEGIN BATCH INSERT INTO t (k) VALUES (2); DELETE v FROM t WHERE k = 1; APPLY BATCH", "BATCH"),
        ("DELETE FROM t WHERE k = 2", "DELETE"),
    ] {
        let done = db.execute(statement).await.unwrap();
        assert!(done.rows_affected == 1 && done.rows.is_none(), "{statement}");
        assert_eq!(done.message, message, "{statement}");
    }
    let read = db.execute("SELECT k FROM t").await.unwrap();
    assert_eq!((read.rows_affected, read.message.as_str()), (1, "SELECT"));
    assert_eq!(texts(&read.rows.unwrap()), [r#"{"k":1}"#]);
}

#[tokio::test]
async fn a_lightweight_transaction_says_whether_it_was_applied_and_what_is_there() {
    let (db, _, _) = world(crate::server!());
    db.execute("CREATE TABLE t (k int PRIMARY KEY, v text)").await.unwrap();
    let insert = "INSERT INTO t (k, v) VALUES (1, :v) IF NOT EXISTS";
    let first = db.execute_with(insert, r#"{"v": "a"}"#, soon()).await.unwrap();
    assert_eq!((first.rows_affected, first.message.as_str()), (1, "INSERT"));
    assert_eq!(texts(&first.rows.unwrap()), [r#"{"[applied]":true}"#]);
    let second = db.execute_with(insert, r#"{"v": "b"}"#, soon()).await.unwrap();
    assert_eq!((second.rows_affected, second.message.as_str()), (0, "INSERT, not applied"));
    assert_eq!(texts(&second.rows.unwrap()), [r#"{"[applied]":false,"k":1,"v":"a"}"#]);
    let update = db.execute("UPDATE t SET v = 'c' WHERE k = 1 IF v = 'a'").await.unwrap();
    assert_eq!(update.rows_affected, 1);
    let batch = "BEGIN BATCH UPDATE t SET v = 'd' WHERE k = 1 IF v = 'a' APPLY BATCH";
    assert_eq!(db.execute(batch).await.unwrap().rows_affected, 0);
    assert_eq!(db.row("SELECT v FROM t", json!({})).await, r#"{"v":"c"}"#);
}

#[tokio::test]
async fn what_governance_blocks_reaches_no_server() {
    let (db, _, _) = world(crate::server!());
    db.execute("CREATE TABLE t (k int PRIMARY KEY, v text)").await.unwrap();
    for statement in [
        "DROP TABLE t",
        "TRUNCATE t",
        "ALTER TABLE t ADD w int",
        "GRANT ALL ON t TO clerk",
        "GRANT boss TO clerk",
        "REVOKE ALL ON t FROM clerk",
    ] {
        assert!(matches!(db.execute(statement).await, Err(Stopped::Refused(..))), "{statement}");
    }
    for statement in
        ["INSERT INTO t (k) VALUES (1)", "DELETE FROM t WHERE k = 1", "CREATE TABLE u (k int PRIMARY KEY)"]
    {
        assert!(matches!(db.query(statement).await, Err(Stopped::Refused(..))), "{statement}");
    }
    assert!(db.query("SELECT * FROM t").await.unwrap().items().is_empty());
}

#[tokio::test]
async fn what_the_server_refuses_comes_with_its_words() {
    let (db, _, _) = world(crate::server!());
    db.execute("CREATE TABLE t (k int PRIMARY KEY, v text)").await.unwrap();
    for (statement, code, words) in [
        ("SELECT FROM t", "0x2000", "no viable alternative"),
        ("SELECT * FROM nothing", "0x2200", "does not exist"),
        ("SELECT * FROM t WHERE v = 'a'", "0x2200", "ALLOW FILTERING"),
        ("SELECT nothing FROM t", "0x2200", "Undefined column"),
    ] {
        let error = db.query(statement).await.unwrap_err().error();
        let text = error.to_string();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{error:?}");
        assert!(text.contains(code) && text.contains(words), "{text}");
    }
    let error = db.execute("CREATE TABLE t (k int PRIMARY KEY)").await.unwrap_err().text();
    assert!(error.contains("0x2400"), "{error}");
}

#[tokio::test]
async fn a_keyspace_that_lacks_replicas_is_the_clusters_trouble() {
    let server = crate::server!();
    let (_, mut admin, _) = world(server);
    // Three replicas, where there is one node.
    let name = crate::setup::unused();
    admin.run(&format!(
        "CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 3}}"
    ));
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY)"));
    let lacking = Setup { max_retries: 1, ..Setup::plain(server.port, &name) }.db();
    for error in [
        lacking.query("SELECT * FROM t").await.unwrap_err().error(),
        lacking.execute("INSERT INTO t (k) VALUES (1)").await.unwrap_err().error(),
    ] {
        assert!(
            matches!(error, ConnectorError::Upstream(_)) && error.to_string().contains("0x1000"),
            "{error:?}"
        );
    }
    // With fewer replicas asked for it works: the level is what the record says.
    let options = json!({"tls": false, "consistency": "ONE", "serial_consistency": "SERIAL"});
    let one = Setup { options, ..Setup::plain(server.port, &name) }.db();
    one.execute("INSERT INTO t (k) VALUES (1)").await.unwrap();
    assert_eq!(one.row("SELECT k FROM t", json!({})).await, r#"{"k":1}"#);
    // What a lightweight transaction needs is never certain to have done nothing.
    let error = one.execute("INSERT INTO t (k) VALUES (1) IF NOT EXISTS").await.unwrap_err().error();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
}

#[tokio::test]
async fn a_write_whose_answer_does_not_come_is_uncertain_and_not_repeated() {
    let server = crate::server!();
    let (name, mut admin) = keyspace(server);
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY, n counter)"));
    admin.run(&format!("UPDATE {name}.t SET n = n + 1 WHERE k = 1"));
    let marked = |value: &str| format!(r#"{{"k": 1, "n": {value}}}"#);
    // The number as the protocol has it.
    let proxy =
        Carried::start(server.port, When::Asked(7_777_777_i64.to_be_bytes().into()), Harm::CutOnceTaken)
            .await;
    let db = Setup::plain(proxy.port, &name).db();
    let update = "UPDATE t SET n = n + :n WHERE k = :k";
    let error = db.execute_with(update, &marked("7777777"), soon()).await.unwrap_err().error();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    assert_eq!(proxy.seen(), 1);
    let direct = Setup::plain(server.port, &name).db();
    assert_eq!(direct.row("SELECT n FROM t", json!({})).await, r#"{"n":7777778}"#);
    // The same where nobody says anything: the deadline ends it.
    let proxy =
        Carried::start(server.port, When::Asked(8_888_888_i64.to_be_bytes().into()), Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    db.query("SELECT * FROM t").await.unwrap();
    let error = db.execute_with(update, &marked("8888888"), within(1_500)).await.unwrap_err().error();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
}

#[tokio::test]
async fn a_read_whose_connection_breaks_is_asked_again_on_another() {
    let server = crate::server!();
    let (name, mut admin) = keyspace(server);
    admin.run(&format!("CREATE TABLE {name}.t (k bigint PRIMARY KEY)"));
    let proxy =
        Carried::start(server.port, When::AskedOnce(7_777_777_i64.to_be_bytes().into()), Harm::Cut).await;
    let db = Setup { max_retries: 0, ..Setup::plain(proxy.port, &name) }.db();
    db.query("SELECT * FROM t").await.unwrap();
    let rows =
        db.query_with("SELECT * FROM t WHERE k = ?", json!({"1": 7_777_777}), None, soon()).await.unwrap();
    assert!(rows.items().is_empty());
    assert_eq!(proxy.seen(), 2);
}

#[tokio::test]
async fn a_read_whose_connection_breaks_between_pages_goes_on_where_it_stopped() {
    let server = crate::server!();
    let (name, mut admin) = keyspace(server);
    admin.run(&format!("CREATE TABLE {name}.t (p int, k int, v text, PRIMARY KEY (p, k))"));
    for k in 0..64 {
        admin.run(&format!("INSERT INTO {name}.t (p, k, v) VALUES (1, {k}, 'page-marker-4712')"));
    }
    let proxy = Carried::start(server.port, When::Answered(b"page-marker-4712".into(), 2), Harm::Cut).await;
    let db = Setup { max_retries: 0, ..Setup::plain(proxy.port, &name) }.db();
    db.query("SELECT k FROM t LIMIT 1").await.unwrap();
    let rows = db.query("SELECT k, v FROM t WHERE p = 1").await.unwrap();
    let expected: Vec<String> = (0..64).map(|k| format!(r#"{{"k":{k},"v":"page-marker-4712"}}"#)).collect();
    assert_eq!(texts(&rows), expected);
    assert!(proxy.seen() >= 3);
}

#[tokio::test]
async fn a_deadline_in_the_middle_of_a_page_ends_the_call_there() {
    let server = crate::server!();
    let (name, mut admin) = keyspace(server);
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY, v text)"));
    for k in 0..64 {
        admin.run(&format!("INSERT INTO {name}.t (k, v) VALUES ({k}, 'page-marker-4711')"));
    }
    // The first page goes by; the state that asks for the second does not.
    let proxy =
        Carried::start(server.port, When::Answered(b"page-marker-4711".into(), 2), Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    db.query_with("SELECT k FROM t LIMIT 1", json!({}), None, soon()).await.unwrap();
    let before = SystemClock.now();
    let stopped = db.query_with("SELECT * FROM t", json!({}), None, within(2_000)).await.unwrap_err();
    println!("ended {} ms after it began, with 2000 ms to go", SystemClock.now().millis_since(before));
    assert!(matches!(stopped.error(), ConnectorError::Egress(EgressError::Deadline { .. })));
    assert_eq!(proxy.seen(), 2);
    // It has left nothing behind that stands in the way of the next call: the silent connection is replaced.
    let rows = db.query_with("SELECT k FROM t WHERE k = 1", json!({}), None, soon()).await.unwrap();
    assert_eq!(rows.items().len(), 1);
}
