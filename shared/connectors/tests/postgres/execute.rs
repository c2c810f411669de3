//! Writes: what was done, what came back, and what is known when the answer does not come.

use std::sync::Arc;

use connectors::{ConnectorError, Limit};
use serde_json::json;

use test_servers::misbehaving::{Carried, Harm, When};

use crate::setup::{Setup, Stopped, admin, database, soon, texts, value, world};

#[tokio::test]
async fn a_write_commits_and_counts() {
    let (db, admin) = world(crate::server!()).await;
    admin
        .batch_execute("CREATE PROCEDURE add(n int) LANGUAGE sql AS 'INSERT INTO t VALUES (n)'")
        .await
        .unwrap_err();
    for (statement, affected, message) in [
        ("CREATE TABLE t (n int, a text DEFAULT 'x')", 0, "CREATE"),
        ("INSERT INTO t SELECT generate_series(1, 3)", 3, "INSERT 0 3"),
        ("UPDATE t SET a = 'y' WHERE n < 3", 2, "UPDATE 2"),
        ("UPDATE t SET a = 'y' WHERE false", 0, "UPDATE 0"),
        ("WITH x AS (SELECT 9 AS n) INSERT INTO t SELECT n FROM x", 1, "INSERT 0 1"),
        (
            "MERGE INTO t USING (VALUES (1)) s(n) ON t.n = s.n WHEN MATCHED THEN UPDATE SET a = 'z'",
            1,
            "MERGE 1",
        ),
        ("CREATE INDEX i ON t (n)", 0, "CREATE"),
        ("COMMENT ON TABLE t IS 'x'", 0, "COMMENT"),
        ("ANALYZE t", 0, "ANALYZE"),
    ] {
        let executed =
            db.execute(statement).await.unwrap_or_else(|stopped| panic!("{statement}: {stopped:?}"));
        assert_eq!((executed.rows_affected, executed.message.as_str()), (affected, message), "{statement}");
        assert!(executed.rows.is_none(), "{statement}");
    }
    let seen = value(&admin, "SELECT string_agg(n || a, ',' ORDER BY n) FROM t").await;
    assert_eq!(seen, "1z,2y,3x,9x");
}

#[tokio::test]
async fn what_a_write_returns_comes_as_rows() {
    let (db, admin) = world(crate::server!()).await;
    admin
        .batch_execute(
            "CREATE TABLE t (n int, p numeric); CREATE SEQUENCE s;
             CREATE PROCEDURE twice(INOUT n int) LANGUAGE plpgsql AS 'BEGIN n := n * 2; END';
             CREATE PROCEDURE exact(INOUT n numeric) LANGUAGE plpgsql AS 'BEGIN n := n * 2; END'",
        )
        .await
        .unwrap();
    let given = json!({"p": "1.50"});
    for (statement, given, affected, expected) in [
        (
            "INSERT INTO t VALUES (1, :p), (2, 2.0) RETURNING n, p, n AS n;",
            given.clone(),
            2,
            r#"{"n":1,"p":"1.50","n_2":1} {"n":2,"p":"2.0","n_2":2}"#,
        ),
        ("UPDATE t SET n = 9 WHERE false RETURNING n", json!({}), 0, ""),
        (
            "WITH u AS (UPDATE t SET n = n + 10 RETURNING n) SELECT sum(n) AS s FROM u",
            json!({}),
            1,
            r#"{"s":23}"#,
        ),
        (
            "WITH u AS (UPDATE t SET n = n + 10 RETURNING n), v(x) AS MATERIALIZED (SELECT 1)
             INSERT INTO t SELECT n + x, 0 FROM u, v RETURNING n -- as always",
            json!({}),
            2,
            r#"{"n":22} {"n":23}"#,
        ),
        ("SELECT nextval('s') AS a", json!({}), 1, r#"{"a":1}"#),
        ("SELECT n FROM t WHERE n = 21 FOR UPDATE", json!({}), 1, r#"{"n":21}"#),
        ("CALL twice(21)", json!({}), 1, r#"{"n":42}"#),
        ("VALUES (1)", json!({}), 1, r#"{"column1":1}"#),
    ] {
        let executed = db.execute_with(statement, given, None, soon()).await;
        let executed = executed.unwrap_or_else(|stopped| panic!("{statement}: {stopped:?}"));
        assert_eq!(executed.rows_affected, affected, "{statement}");
        assert_eq!(texts(&executed.rows.unwrap()).join(" "), expected, "{statement}");
    }
    let stopped = db.execute("CALL exact(1.5)").await.unwrap_err();
    assert!(stopped.text().contains("type numeric"), "{stopped:?}");
    let plan = db.execute("EXPLAIN ANALYZE INSERT INTO t VALUES (77)").await.unwrap();
    assert!(texts(&plan.rows.unwrap())[0].contains("Insert on t"));
    assert_eq!(value(&admin, "SELECT count(*) FROM t WHERE n = 77").await, "1");
}

#[tokio::test]
async fn a_write_that_returns_more_than_an_answer_holds_is_done_and_cut() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (n int, a text)").await.unwrap();
    let many = "INSERT INTO t SELECT g, 'x' FROM generate_series(1, 20000) g RETURNING n";
    let executed = db.execute(many).await.unwrap();
    let rows = executed.rows.unwrap();
    assert_eq!(
        (executed.rows_affected, rows.items().len(), rows.exceeded()),
        (20_000, 10_000, Some(Limit::Rows))
    );
    let executed = db.execute_with(many, json!({}), Some(3), soon()).await.unwrap();
    let rows = executed.rows.unwrap();
    assert_eq!((executed.rows_affected, rows.items().len(), rows.exceeded()), (20_000, 3, None));
    let wide = "INSERT INTO t SELECT g, repeat('x', 1000000) FROM generate_series(1, 60) g RETURNING a";
    let executed = db.execute(wide).await.unwrap();
    let rows = executed.rows.unwrap();
    assert_eq!((executed.rows_affected, rows.items().len(), rows.exceeded()), (60, 5, Some(Limit::Bytes)));
    // Names and nulls count as well, or what is left of the answer would be too long for the session.
    let nulls = ", NULL::int".repeat(700);
    let empty = format!("INSERT INTO t SELECT g, 'x' FROM generate_series(1, 10000) g RETURNING n{nulls}");
    let executed = db.execute(&empty).await.unwrap();
    let rows = executed.rows.unwrap();
    assert_eq!((executed.rows_affected, rows.exceeded()), (10_000, Some(Limit::Bytes)));
    assert!(rows.items().len() > 100);
    assert_eq!(value(&admin, "SELECT count(*) FROM t").await, "50060");
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing() {
    let (db, admin) = world(crate::server!()).await;
    admin
        .batch_execute(
            "CREATE TABLE p (n int PRIMARY KEY); CREATE TABLE t (n int REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
        )
        .await
        .unwrap();
    // This one fails at COMMIT: the server says so, and the outcome is known.
    let stopped = db.execute("INSERT INTO t VALUES (1)").await.unwrap_err();
    let Stopped::Failed(ConnectorError::Rejected { status, .. }) = &stopped else { panic!("{stopped:?}") };
    assert_eq!(status.to_string(), "SQLSTATE 23503");
    let stopped =
        db.execute("INSERT INTO p SELECT 1 / (2 - g) FROM generate_series(1, 2) g").await.unwrap_err();
    assert!(stopped.text().contains("22012"), "{stopped:?}");
    assert_eq!(value(&admin, "SELECT (SELECT count(*) FROM p) + (SELECT count(*) FROM t)").await, "0");
}

#[tokio::test]
async fn a_call_leaves_nothing_in_the_session_for_the_next() {
    let (db, admin) = crate::setup::world_with(crate::server!(), json!({"pool_size": 1})).await;
    admin
        .batch_execute(
            "CREATE FUNCTION leave() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
               PERFORM set_config('application_name', 'left', false); PERFORM pg_advisory_lock(77);
               CREATE TEMP TABLE left_over (n int); RETURN 1; END $$",
        )
        .await
        .unwrap();
    db.execute("SELECT leave()").await.unwrap();
    let row = "SELECT current_setting('application_name') AS a, to_regclass('left_over') AS t, pg_backend_pid() > 0 AS p";
    assert_eq!(db.row(row, json!({})).await, r#"{"a":"axonflow-connectors","t":null,"p":true}"#);
    assert_eq!(
        value(&admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77").await,
        "0"
    );
    assert_eq!(
        value(&admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'left'").await,
        "0"
    );
}

#[tokio::test]
async fn a_write_whose_commit_is_not_answered_says_that_nobody_knows() {
    let server = crate::server!();
    let name = database(server).await;
    let admin = admin(server, &name).await;
    admin.batch_execute("CREATE TABLE t (a text)").await.unwrap();
    let proxy = Carried::start(server.port, When::Asked(b"COMMIT".into()), Harm::CutOnceTaken).await;
    let db = Setup::plain(proxy.port, &name).db();
    let stopped = db.execute("INSERT INTO t VALUES ('x')").await.unwrap_err();
    let Stopped::Failed(error @ ConnectorError::OutcomeUnknown(_)) = &stopped else { panic!("{stopped:?}") };
    assert!(error.to_string().contains("unknown"), "{error}");
    crate::setup::eventually(&admin, "SELECT count(*) FROM t", "1").await;
    let proxy = Carried::start(server.port, When::Asked(b"COMMIT".into()), Harm::Silence).await;
    let db = Setup::plain(proxy.port, &name).db();
    let waiting = db.execute_with("INSERT INTO t VALUES ('y')", json!({}), None, crate::setup::within(1_500));
    let stopped = waiting.await.unwrap_err();
    assert!(matches!(stopped, Stopped::Failed(ConnectorError::OutcomeUnknown(_))), "{stopped:?}");
    assert!(stopped.text().contains("deadline"), "{stopped:?}");
}

#[tokio::test]
async fn a_write_is_not_sent_twice() {
    let server = crate::server!();
    let name = database(server).await;
    let admin = admin(server, &name).await;
    admin.batch_execute("CREATE TABLE t (a text)").await.unwrap();
    let proxy =
        Arc::new(Carried::start(server.port, When::Asked(b"CANARY".into()), Harm::CutOnceTaken).await);
    let db = Setup::plain(proxy.port, &name).db();
    db.query("SELECT 1").await.unwrap();
    let given = json!({"a": "CANARY"});
    let stopped = db.execute_with("INSERT INTO t VALUES (:a)", given, None, soon()).await.unwrap_err();
    assert!(matches!(stopped, Stopped::Failed(ConnectorError::Egress(_))), "{stopped:?}");
    // The cancellation that follows is a connection too; no other may have carried the value.
    assert_eq!(proxy.seen(), 1);
    assert_eq!(value(&admin, "SELECT count(*) FROM t").await, "0");
}
