//! Writes that come as queries. Each is refused before it is sent, and the server, asked past the connector, is as
//! it was. The role is the superuser: nothing else would have stopped them.

use connectors::ConnectorError;
use tokio_postgres::Client;

use crate::setup::{Stopped, value, world};

const STATE: &str = "SELECT concat_ws('|',
    (SELECT string_agg(n::text, ',' ORDER BY n) FROM t),
    (SELECT last_value || ' ' || is_called FROM s),
    (SELECT count(*) FROM pg_largeobject_metadata),
    (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
    (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
    (SELECT count(*) FROM pg_roles WHERE rolname <> 'clerk'),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
    (SELECT count(*) FROM pg_prepared_xacts),
    (SELECT relacl::text FROM pg_class WHERE relname = 't'),
    (SELECT count(*) FROM pg_ls_dir('/tmp') AS f WHERE f LIKE 'connectors-disguise%'))";

const DISGUISES: &[&str] = &[
    // Plain writes, with whatever is in front of them.
    "INSERT INTO t VALUES (9)",
    "UPDATE t SET n = 9",
    "DELETE FROM t",
    "TRUNCATE t",
    "DROP TABLE t",
    "ALTER TABLE t ADD x int",
    "GRANT ALL ON t TO public",
    "REVOKE ALL ON t FROM postgres",
    "CREATE TABLE u (n int)",
    "CREATE TEMP TABLE u (n int)",
    "CREATE TABLE u AS SELECT 1",
    "CREATE VIEW u AS SELECT 1",
    "MERGE INTO t USING (SELECT 1 AS n) s ON t.n = s.n WHEN MATCHED THEN DELETE",
    "COMMENT ON TABLE t IS 'x'",
    "CALL p()",
    "DO $$ BEGIN DELETE FROM t; END $$",
    "COPY t TO '/tmp/connectors-disguise-1'",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/connectors-disguise-2'",
    "COPY t FROM PROGRAM 'echo 9'",
    "COPY t FROM STDIN",
    "REFRESH MATERIALIZED VIEW m",
    "VACUUM t",
    "REINDEX TABLE t",
    "CHECKPOINT",
    "LOAD 'auto_explain'",
    // Comments and white space.
    "/* SELECT */ DELETE FROM t",
    "/* a /* b */ SELECT 1 */ DELETE FROM t",
    "-- SELECT 1\nDELETE FROM t",
    "-- SELECT 1\rDELETE FROM t",
    "\u{b}DELETE\u{c}FROM t",
    // More than one statement.
    "SELECT 1; DELETE FROM t",
    "SELECT 1;; DELETE FROM t",
    "SELECT ';' ; DELETE FROM t; --'",
    "SELECT E'\\'' ; DELETE FROM t; --'",
    "SELECT $a$ ' $a$ ; DELETE FROM t; --'",
    "SELECT 1) x; DELETE FROM t; SELECT * FROM (SELECT 1",
    // Inside a query.
    "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "WITH a AS (SELECT 1), d AS (UPDATE t SET n = 9 RETURNING *) SELECT * FROM a",
    "WITH a AS (WITH d AS (INSERT INTO t VALUES (9) RETURNING *) SELECT * FROM d) SELECT * FROM a",
    "WITH a AS (SELECT 1) DELETE FROM t",
    "SELECT * FROM (DELETE FROM t RETURNING *) x",
    "SELECT * INTO u FROM t",
    "SELECT n INTO TEMP u FROM t",
    "WITH a AS (SELECT 1 AS n) SELECT n INTO u FROM a",
    "(SELECT 1 AS n INTO u)",
    "SELECT 1 AS n INTO u UNION SELECT 2",
    // Locks.
    "SELECT * FROM t FOR UPDATE",
    "SELECT * FROM t WHERE false FOR SHARE",
    "SELECT * FROM t FOR NO KEY UPDATE",
    "SELECT * FROM t FOR KEY SHARE SKIP LOCKED",
    "SELECT * FROM (SELECT * FROM t FOR UPDATE) x",
    "WITH a AS (SELECT * FROM t FOR UPDATE) SELECT 1",
    "LOCK TABLE t",
    // Behind a name that the parser takes for the end.
    "SELECT n END FROM t FOR UPDATE",
    "SELECT 1 END INTO u",
    "INSERT INTO t SELECT 1 END ON CONFLICT DO NOTHING",
    // Running what is only to be explained.
    "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN ANALYSE DELETE FROM t",
    "EXPLAIN (ANALYZE) DELETE FROM t",
    "EXPLAIN (COSTS off, ANALYZE true) DELETE FROM t",
    "EXPLAIN (\"analyze\") DELETE FROM t",
    "EXPLAIN (ANALYSE 1) DELETE FROM t",
    "EXPLAIN ANALYZE VERBOSE SELECT nextval('s')",
    "EXPLAIN ANALYZE CREATE TABLE u AS SELECT 1",
    "EXPLAIN ANALYZE EXECUTE q",
    // The session and the transaction.
    "SET TRANSACTION READ WRITE",
    "SET default_transaction_read_only = off",
    "SET LOCAL statement_timeout = 0",
    "SET ROLE postgres",
    "RESET ALL",
    "BEGIN",
    "BEGIN READ WRITE",
    "START TRANSACTION",
    "COMMIT",
    "COMMIT AND CHAIN",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT a",
    "RELEASE a",
    "PREPARE TRANSACTION 'x'",
    "PREPARE q AS DELETE FROM t",
    "EXECUTE q",
    "DEALLOCATE ALL",
    "DISCARD ALL",
    "LISTEN c",
    "UNLISTEN *",
    "NOTIFY c",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "FETCH 1 FROM c",
    // Functions with side effects, in every place where one can stand.
    "SELECT nextval('s')",
    "SELECT pg_catalog.nextval('s')",
    "SELECT \"nextval\"('s')",
    "SELECT \"pg_catalog\" . \"nextval\" ('s')",
    "SELECT NextVal /* x */ ('s')",
    "SELECT nextval\n-- y\n('s')",
    "SELECT U&\"\\006eextval\"('s')",
    "SELECT 1 WHERE setval('s', 9) > 0",
    "SELECT n FROM t ORDER BY setval('s', 9)",
    "SELECT n FROM t GROUP BY n, setval('s', 9) HAVING setval('s', 9) > 0",
    "SELECT sum(setval('s', 9)) OVER (PARTITION BY setval('s', 9)) FROM t",
    "SELECT 1 LIMIT setval('s', 9)",
    "SELECT CASE WHEN setval('s', 9) > 0 THEN 1 END",
    "SELECT setval('s', 9)::text",
    "SELECT ARRAY[setval('s', 9)]",
    "SELECT (ARRAY[1,2])[setval('s', 9)]",
    "SELECT count(*) FILTER (WHERE setval('s', 9) > 0) FROM t",
    "SELECT * FROM setval('s', 9)",
    "SELECT * FROM t, LATERAL setval('s', 9) x",
    "SELECT * FROM ROWS FROM (setval('s', 9)) x",
    "SELECT * FROM t JOIN LATERAL (SELECT setval('s', 9)) x ON true",
    "SELECT * FROM t TABLESAMPLE SYSTEM (setval('s', 9))",
    "VALUES (setval('s', 9))",
    "SELECT 1 UNION SELECT setval('s', 9)",
    "SELECT setval('s', n) FROM (VALUES (7)) AS v(n)",
    "SELECT json_build_object('a', setval('s', 9))",
    "SELECT 'a' || setval('s', 9) OPERATOR(pg_catalog.||) 'b'",
    "SELECT setval(variadic array['s', '9'])",
    "SELECT lo_import('/etc/hostname')",
    "SELECT * FROM lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_creat(-1)",
    "SELECT pg_notify('c', 'x')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_terminate_backend(0)",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('/')",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT pg_reload_conf()",
    "SELECT pg_export_snapshot()",
    "SELECT pg_create_restore_point('x')",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT query_to_xml('SELECT setval(''s'', 9)', true, true, '')",
    "SELECT * FROM ts_stat('SELECT to_tsvector(setval(''s'', 9)::text)')",
    "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, setval(''s'', 9)::text::tsquery')",
    "SELECT * FROM dblink('dbname=x', 'DELETE FROM t') AS x(a int)",
    "SELECT dblink_exec('DELETE FROM t')",
    // Nothing, and no SQL.
    "",
    ";",
    "-- nothing",
    "SELECT",
    "selec 1",
    "SELECT 'a",
];

async fn prepare(admin: &Client) {
    admin
        .batch_execute(
            "CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2); CREATE SEQUENCE s;
             CREATE MATERIALIZED VIEW m AS SELECT 1;
             CREATE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM t'",
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn no_disguise_makes_a_query_write() {
    let (db, admin) = world(crate::server!()).await;
    prepare(&admin).await;
    let before = value(&admin, STATE).await;
    for statement in DISGUISES {
        match db.query(statement).await {
            Err(Stopped::Refused("query-reads-only", why)) => assert!(why.contains("allowed"), "{why}"),
            Err(Stopped::Failed(ConnectorError::Invalid(why))) => {
                assert!(why.len() > 15, "{statement}: {why}");
            }
            other => panic!("{statement}: {other:?}"),
        }
        assert_eq!(value(&admin, STATE).await, before, "{statement}");
    }
    assert!(DISGUISES.len() > 100);
}

/// To the server `and$1$$` would be one name, and what stands between the quotes behind it SQL.
#[tokio::test]
async fn no_parameter_opens_the_quotes_behind_it() {
    let (db, admin) = world(crate::server!()).await;
    prepare(&admin).await;
    let before = value(&admin, STATE).await;
    for statement in [
        "SELECT true AND:a$$, setval('s', 9) --$$",
        "SELECT true AND:a$q$, lo_create(0) --$q$",
        "SELECT true AND:a$$, query_to_xml('DELETE FROM t', true, true, '') --$$",
    ] {
        for given in [serde_json::json!({"a": true}), serde_json::json!({"a": "x"})] {
            drop(db.query_with(statement, given.clone(), None, crate::setup::soon()).await);
            drop(db.execute_with(statement, given, None, crate::setup::soon()).await);
        }
        assert_eq!(value(&admin, STATE).await, before, "{statement}");
    }
    let row = db.row("SELECT true AND:a AS v", serde_json::json!({"a": true})).await;
    assert_eq!(row, r#"{"v":true}"#);
}

/// Were a disguise ever overlooked by the judgement, the transaction and the parentheses would still stand.
#[tokio::test]
async fn what_is_not_judged_still_can_not_write_rows() {
    let (db, admin) = world(crate::server!()).await;
    prepare(&admin).await;
    let before = value(&admin, STATE).await;
    let none = model::parameters::Parameters::default();
    for statement in [
        "INSERT INTO t VALUES (9) RETURNING n",
        "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
        "SELECT 1; DELETE FROM t",
        "SELECT 1) x; DELETE FROM t; SELECT * FROM (SELECT 1",
        "SELECT n INTO u FROM t",
        "CREATE TEMP TABLE u AS SELECT 1",
        "SELECT * FROM t FOR UPDATE",
        "SELECT nextval('s')",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT set_config('application_name', 'x', false)",
        "SELECT pg_advisory_lock(1)",
    ] {
        let request = crate::setup::asked(statement, &none, None);
        drop(db.connector.query(request, crate::setup::soon()).await);
        assert_eq!(value(&admin, STATE).await, before, "{statement}");
    }
    let name = db.row("SELECT current_setting('application_name') AS v", serde_json::json!({})).await;
    assert_eq!(name, r#"{"v":"axonflow-connectors"}"#);
}

/// Backslashes in strings mean what the judgement took them for, whatever the database's own setting is.
#[tokio::test]
async fn a_databases_own_settings_do_not_change_how_statements_are_read() {
    let server = crate::server!();
    let name = crate::setup::database(server).await;
    let admin = crate::setup::admin(server, &name).await;
    admin
        .batch_execute(&format!(
            "CREATE SEQUENCE s; ALTER DATABASE {name} SET standard_conforming_strings = off;
             ALTER DATABASE {name} SET default_transaction_read_only = off;
             ALTER DATABASE {name} SET IntervalStyle = 'iso_8601'; ALTER DATABASE {name} SET TimeZone = 'Asia/Tokyo';
             ALTER DATABASE {name} SET bytea_output = 'escape'; ALTER DATABASE {name} SET DateStyle = 'German'",
        ))
        .await
        .unwrap();
    let db = crate::setup::Setup::plain(server.port, &name).db();
    let statement = r"SELECT '\' AS a, ', nextval(''s'') --' AS b, interval '1 day' AS c, 'x'::bytea AS d,
                      timestamptz '2026-01-02T00:00:00Z' AS e";
    let expected =
        r#"{"a":"\\","b":", nextval('s') --","c":"1 day","d":"\\x78","e":"2026-01-02T00:00:00+00:00"}"#;
    assert_eq!(db.row(statement, serde_json::json!({})).await, expected);
    assert_eq!(value(&admin, "SELECT is_called FROM s").await, "f");
}

#[tokio::test]
async fn a_statement_of_the_greatest_length_does_not_exhaust_the_stack() {
    crate::server!();
    let none = model::parameters::Parameters::default();
    let judge = |statement: String| {
        let request = crate::setup::asked(&statement, &none, None);
        connectors::classify(
            model::connector_type::ConnectorType::Postgres,
            model::policy::Route::Query,
            request,
        )
    };
    for unit in [
        "+1",
        "(",
        "case when ",
        "[",
        "not ",
        " union select 1",
        "::int",
        "-",
        "a.",
        "select(",
        ",x",
        "/*",
        "position(",
        " join a",
        " left join a",
        " natural join a",
        " cross join a",
        " join a on true",
        " json_table(a, '$' columns(nested path '$' columns(",
    ] {
        let filler = unit.repeat((32 * 1024 - 10) / unit.len());
        drop(judge(format!("SELECT 1{filler}")));
        drop(judge(format!("SELECT {filler}1")));
        drop(judge(format!("SELECT 1 FROM a{filler}")));
    }
    assert!(judge(format!("SELECT 1{}", " ".repeat(32 * 1024))).is_err());
    // Joins that wait for their ON, on both sides of the limit; those that have it may be any number.
    let waiting =
        |joins: usize| format!("SELECT 1 FROM a{}{}", " JOIN a".repeat(joins), " ON true".repeat(joins));
    assert!(judge(waiting(16)).is_ok());
    assert!(judge(waiting(17)).is_err_and(|why| why.to_string().contains("16 joins wait")));
    assert!(judge(format!("SELECT 1 FROM a{}", " JOIN a ON true".repeat(200))).is_ok());
}
