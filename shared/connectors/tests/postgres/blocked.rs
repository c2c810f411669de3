//! What an execute refuses, however it is dressed, and what it lets pass.

use connectors::ConnectorError;
use model::{
    connector_type::ConnectorType,
    policy::{OperationClass, Route},
};
use serde_json::json;

use crate::setup::{Stopped, asked, parameters, value, world, world_with};

const BLOCKED: &[&str] = &[
    "DELETE FROM t",
    "delete/**/from t",
    "DELETE FROM t USING t u WHERE t.n = u.n RETURNING t.n",
    "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "WITH a AS (SELECT 1) DELETE FROM t",
    "WITH d AS (DELETE FROM t RETURNING *) INSERT INTO t SELECT * FROM d",
    "INSERT INTO t WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "WITH a AS (WITH d AS (DELETE FROM t RETURNING n) SELECT * FROM d) SELECT * FROM a",
    "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN (ANALYZE, COSTS off) DELETE FROM t",
    "EXPLAIN (\"analyze\" on) WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "MERGE INTO t USING (SELECT 1 AS n) s ON t.n = s.n WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (SELECT 1 AS n) s ON t.n = s.n WHEN MATCHED AND t.n > 5 THEN UPDATE SET n = 1 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
    "TRUNCATE t",
    "TRUNCATE TABLE ONLY t, u CASCADE",
    "DROP TABLE t",
    "DROP VIEW IF EXISTS v",
    "DROP FUNCTION f()",
    "DROP SCHEMA public CASCADE",
    "DROP ROLE r",
    "ALTER TABLE t ADD x int",
    "ALTER TABLE t DROP COLUMN n",
    "ALTER ROLE postgres SUPERUSER",
    "GRANT ALL ON t TO public",
    "REVOKE ALL ON t FROM public",
];

/// Refused because no one can say what they do, or because they outlive the call.
const UNACCEPTABLE: &[&str] = &[
    "DO $$ BEGIN DELETE FROM t; END $$",
    "DO LANGUAGE plpgsql 'BEGIN DELETE FROM t; END'",
    "PREPARE q AS DELETE FROM t",
    "EXECUTE q",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'",
    "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM t; END",
    "CREATE PROCEDURE q() LANGUAGE sql AS 'DELETE FROM t'",
    "CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION f()",
    "CREATE RULE r AS ON INSERT TO t DO INSTEAD DELETE FROM t",
    "CREATE ROLE r SUPERUSER IN ROLE postgres",
    "CREATE USER u WITH PASSWORD 'x'",
    "CREATE POLICY p ON t USING (true)",
    "CREATE TABLE u AS EXECUTE q",
    "CREATE EXTENSION dblink",
    "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
    "CREATE SCHEMA x CREATE TABLE y (n int) GRANT ALL ON y TO public",
    "COPY t FROM PROGRAM 'echo 9'",
    "COPY t TO '/tmp/connectors-blocked-1'",
    "COPY t FROM STDIN",
    "SELECT query_to_xml('DELETE FROM t', true, true, '')",
    "SELECT dblink_exec('dbname=x', 'DELETE FROM t')",
    "INSERT INTO t SELECT * FROM dblink('dbname=x', 'DELETE FROM t') AS x(n int)",
    "UPDATE t SET n = (SELECT count(*) FROM ts_stat('SELECT 1'))",
    "SELECT set_config('search_path', 'evil', false)",
    "SELECT pg_advisory_lock(1)",
    "INSERT INTO t VALUES (1); DELETE FROM t",
    "BEGIN; DELETE FROM t; COMMIT",
    "COMMIT",
    "ROLLBACK",
    "SET ROLE postgres",
    "LOCK TABLE t",
    "REASSIGN OWNED BY postgres TO r",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO public",
    "VACUUM FULL t",
    "GRANT postgres TO public",
    "SECURITY LABEL ON TABLE t IS 'x'",
    "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z",
    "SELECT 1 END INTO u",
    "INSERT INTO t SELECT 1 END ON CONFLICT (n) DO UPDATE SET n = 9",
];

#[tokio::test]
async fn no_disguise_carries_a_blocked_operation() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)").await.unwrap();
    for statement in BLOCKED {
        match db.execute(statement).await {
            Err(Stopped::Refused("blocked-operations", why)) => {
                assert!(why.contains("DROP, DELETE, TRUNCATE, ALTER, GRANT, REVOKE"), "{why}");
            }
            other => panic!("{statement}: {other:?}"),
        }
    }
    for statement in UNACCEPTABLE {
        match db.execute(statement).await {
            Err(Stopped::Failed(ConnectorError::Invalid(why))) => {
                assert!(why.len() > 15, "{statement}: {why}");
            }
            other => panic!("{statement}: {other:?}"),
        }
    }
    assert_eq!(value(&admin, "SELECT string_agg(n::text, ',') FROM t").await, "1,2");
}

#[test]
fn every_operation_of_a_statement_is_seen() {
    let none = parameters(&json!({}));
    for (statement, expected) in [
        ("SELECT 1", "SELECT"),
        ("VALUES (1)", "VALUES"),
        ("SHOW all", "SHOW"),
        ("EXPLAIN DELETE FROM t", "EXPLAIN"),
        ("INSERT INTO t VALUES (1)", "INSERT!"),
        ("INSERT INTO t SELECT * FROM u", "INSERT! SELECT"),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "INSERT!"),
        ("INSERT INTO t VALUES (1) ON CONFLICT (n) DO UPDATE SET n = 2", "INSERT! UPDATE!"),
        ("INSERT INTO t VALUES (nextval('s'))", "INSERT! nextval:CALL!"),
        ("UPDATE t SET n = 1 WHERE n IN (SELECT 2)", "UPDATE! SELECT"),
        ("SELECT * INTO u FROM t", "SELECT SELECT INTO:CREATE!"),
        ("SELECT n FROM t FOR UPDATE", "SELECT FOR UPDATE:LOCK!"),
        ("CREATE TABLE u AS SELECT 1", "CREATE! SELECT"),
        ("CREATE TABLE u (n int DEFAULT nextval('s'), m numeric(10,2))", "CREATE! nextval:CALL!"),
        ("CALL p(1)", "CALL!"),
        ("EXPLAIN ANALYZE INSERT INTO t VALUES (1)", "EXPLAIN ANALYZE! INSERT!"),
        (
            "MERGE INTO t USING u ON t.n = u.n WHEN MATCHED THEN UPDATE SET n = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
            "MERGE! UPDATE! INSERT!",
        ),
    ] {
        let request = asked(statement, &none, None);
        let operations = connectors::classify(ConnectorType::Postgres, Route::Execute, request)
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        let shown: Vec<String> = operations
            .iter()
            .map(|operation| {
                let verb = if operation.name == operation.verb {
                    String::new()
                } else {
                    format!(":{}", operation.verb)
                };
                let mark = if operation.class == OperationClass::Write { "!" } else { "" };
                format!("{}{verb}{mark}", operation.name)
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{statement}");
    }
}

#[tokio::test]
async fn a_records_own_list_narrows_what_is_done() {
    let (db, admin) = world_with(crate::server!(), json!({"allowed_operations": ["SELECT", "INSERT"]})).await;
    admin.batch_execute("CREATE TABLE t (n int PRIMARY KEY)").await.unwrap();
    db.execute("INSERT INTO t VALUES (1)").await.unwrap();
    db.query("SELECT * FROM t").await.unwrap();
    for statement in ["UPDATE t SET n = 2", "INSERT INTO t VALUES (1) ON CONFLICT (n) DO UPDATE SET n = 2"] {
        let Err(Stopped::Refused("allowed-operations", why)) = db.execute(statement).await else {
            panic!("{statement}")
        };
        assert!(why.contains("UPDATE") && why.contains("SELECT, INSERT"), "{why}");
    }
}
