//! Statements, and what they come to: which read, which are seen to write, and which no one can judge.

use model::{
    connector_type::ConnectorType,
    fault::Pointer,
    options::Options,
    parameters::Parameters,
    policy::{OperationClass, Policy},
};

use super::*;

fn classified(statement: &str, route: Route) -> Result<Vec<Operation>, ConnectorError> {
    let none = Parameters::default();
    classify(route, Request { statement: Some(statement), parameters: &none, ..Request::NOTHING })
}

/// Whether a statement goes through to the server, with the rules that every record has.
fn passes(statement: &str, route: Route) -> bool {
    let kind = ConnectorType::Snowflake;
    let policy = Policy::of(kind, &Options::check(&serde_json::json!({}), kind, &Pointer::root()).unwrap());
    classified(statement, route).is_ok_and(|operations| {
        assert!(!operations.is_empty(), "{statement}");
        operations.iter().all(|operation| policy.judge(route, operation).is_ok())
    })
}

/// Operations as `name:verb`, the verb where it is another word, with a mark on those that write.
fn shown(statement: &str) -> String {
    let operations = classified(statement, Route::Execute).unwrap_or_else(|why| panic!("{statement}: {why}"));
    let shown = operations.iter().map(|operation| {
        let verb =
            if operation.name == operation.verb { String::new() } else { format!(":{}", operation.verb) };
        let mark = if operation.class == OperationClass::Write { "!" } else { "" };
        format!("{}{verb}{mark}", operation.name)
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_operation_of_a_statement_is_seen() {
    for (statement, expected) in [
        ("SELECT 1", "SELECT"),
        ("VALUES (1)", "VALUES"),
        ("SHOW TABLES IN SCHEMA a.b", "SHOW"),
        ("DESC TABLE t", "DESCRIBE"),
        ("ls @s/a PATTERN = 'x'", "LIST"),
        ("EXPLAIN USING JSON DELETE FROM t", "EXPLAIN"),
        ("INSERT INTO t VALUES (1)", "INSERT!"),
        ("INSERT INTO t SELECT * FROM u", "INSERT! SELECT"),
        ("INSERT INTO t VALUES (s.nextval)", "INSERT! nextval:CALL!"),
        ("INSERT OVERWRITE INTO t SELECT 1", "INSERT! TRUNCATE! SELECT"),
        ("INSERT ALL INTO t VALUES (a) INTO u SELECT a FROM v", "INSERT! SELECT"),
        ("INSERT OVERWRITE ALL INTO t INTO u SELECT a FROM v", "INSERT! TRUNCATE! SELECT"),
        (
            "INSERT OVERWRITE FIRST WHEN a > 1 THEN INTO t ELSE INTO u SELECT a FROM v",
            "INSERT! TRUNCATE! SELECT",
        ),
        ("UPDATE t SET a = u.a FROM u WHERE u.b = t.b", "UPDATE!"),
        ("DELETE FROM t USING u WHERE t.a = u.a", "DELETE!"),
        (
            "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND u.d THEN DELETE WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
            "MERGE! DELETE! UPDATE! INSERT!",
        ),
        ("TRUNCATE TABLE IF EXISTS t", "TRUNCATE!"),
        ("COPY INTO t FROM @s/a FILE_FORMAT = (TYPE = CSV)", "COPY!"),
        ("COPY INTO t FROM '@s/a' PURGE = TRUE", "COPY! COPY PURGE:DELETE!"),
        ("CREATE TABLE t (a INT)", "CREATE!"),
        ("CREATE TABLE t CLONE u", "CREATE!"),
        ("CREATE TABLE t CLONE u COPY GRANTS", "CREATE! COPY GRANTS:GRANT!"),
        ("CREATE OR REPLACE TABLE t AS SELECT 1 AS a", "CREATE! SELECT CREATE OR REPLACE:DROP!"),
        ("CREATE OR ALTER TABLE t (a INT)", "CREATE! CREATE OR ALTER:ALTER!"),
        ("CREATE OR REPLACE SECURE VIEW v AS SELECT 1", "CREATE! SELECT CREATE OR REPLACE:DROP!"),
        ("CREATE SCHEMA IF NOT EXISTS a.b", "CREATE!"),
        ("CREATE SEQUENCE IF NOT EXISTS s START = 1 INCREMENT = 2", "CREATE!"),
        ("CREATE OR REPLACE SEQUENCE s", "CREATE! CREATE OR REPLACE:DROP!"),
        ("ALTER WAREHOUSE w SET WAREHOUSE_SIZE = LARGE", "ALTER!"),
        ("DROP TABLE t", "DROP!"),
        ("UNDROP TABLE t", "UNDROP:CREATE!"),
        ("GRANT ROLE r TO USER u", "GRANT!"),
        ("REVOKE ALL ON t FROM ROLE r", "REVOKE!"),
        ("COMMENT ON TABLE t IS 'x'", "COMMENT!"),
        ("CALL p(1)", "CALL!"),
        ("SELECT a INTO :b FROM t", "SELECT SELECT INTO:CREATE!"),
        ("SELECT a FROM t FOR UPDATE NOWAIT", "SELECT FOR UPDATE:LOCK!"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

/// Writes that come as queries.
const DISGUISES: &[&str] = &[
    // Plain writes, with whatever is in front of them.
    "INSERT INTO t VALUES (9)",
    "INSERT OVERWRITE INTO t SELECT 1",
    "INSERT ALL INTO t SELECT 1",
    "UPDATE t SET n = 9",
    "DELETE FROM t",
    "TRUNCATE t",
    "DROP TABLE t",
    "UNDROP TABLE t",
    "ALTER TABLE t ADD x int",
    "ALTER SESSION SET MULTI_STATEMENT_COUNT = 0",
    "GRANT ALL ON t TO ROLE public",
    "REVOKE ALL ON t FROM ROLE r",
    "CREATE TABLE u (n int)",
    "CREATE TABLE u AS SELECT 1",
    "CREATE TABLE u CLONE t",
    "CREATE VIEW u AS SELECT 1",
    "MERGE INTO t USING (SELECT 1 AS n) s ON t.n = s.n WHEN MATCHED THEN DELETE",
    "COMMENT ON TABLE t IS 'x'",
    "CALL p()",
    "EXECUTE IMMEDIATE 'DELETE FROM t'",
    "EXECUTE IMMEDIATE $$DELETE FROM t$$",
    "EXECUTE IMMEDIATE FROM @s/f.sql",
    "EXECUTE TASK k",
    "BEGIN DELETE FROM t; END",
    "DECLARE n INT; BEGIN DELETE FROM t; END",
    "IF (TRUE) THEN DELETE FROM t; END IF",
    "FOR i IN 1 TO 2 DO DELETE FROM t; END FOR",
    "LET n INT := 1",
    "COPY INTO t FROM @s",
    "COPY INTO @s FROM t",
    "COPY INTO 's3://b/p' FROM (SELECT * FROM t)",
    "COPY FILES INTO @a FROM @b",
    "PUT file:///etc/passwd @s",
    "GET @s file:///tmp",
    "REMOVE @s",
    "RM @~/a",
    "USE ROLE accountadmin",
    "SET x = (SELECT 1)",
    "UNSET x",
    "COMMIT",
    // Comments and white space.
    "/* SELECT */ DELETE FROM t",
    "/* a /* b */ SELECT 1 */ DELETE FROM t",
    "/* a /* b */ SELECT 1 -- */ DELETE FROM t",
    "/*/ SELECT 1 /*/ DELETE FROM t",
    "-- SELECT 1\nDELETE FROM t",
    "// SELECT 1\nDELETE FROM t",
    "-- SELECT 1\rDELETE FROM t",
    "SELECT 1 // \r; DELETE FROM t",
    "-- \u{2028}DELETE FROM t\nSELECT 1",
    "SELECT 1 -- \u{85}; DELETE FROM t",
    "\u{a0}DELETE FROM t",
    "\u{b}DELETE\u{c}FROM t",
    // More than one statement.
    "SELECT 1; DELETE FROM t",
    "SELECT 1;; DELETE FROM t",
    "SHOW TABLES; DELETE FROM t",
    "SELECT ';' ; DELETE FROM t; --'",
    "SELECT '\\'' ; DELETE FROM t; --'",
    "SELECT '\\\\' ; DELETE FROM t; --'",
    "SELECT $$ ' $$ ; DELETE FROM t; --'",
    "SELECT \"a\\\" ; DELETE FROM t; --\"",
    "SELECT a$$ ; DELETE FROM t; --$$",
    "SELECT 1) x; DELETE FROM t; SELECT * FROM (SELECT 1",
    "SELECT 1 ->> DELETE FROM t",
    "SHOW TABLES ->> INSERT INTO t SELECT 1 FROM $1",
    // Inside a query, or around one.
    "WITH d AS (DELETE FROM t) SELECT * FROM d",
    "WITH a AS (SELECT 1) DELETE FROM t",
    "WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$ BEGIN DELETE FROM t; END $$ CALL p()",
    "SELECT * FROM (DELETE FROM t)",
    "(DELETE FROM t)",
    "SELECT n INTO :x FROM t",
    "SELECT * INTO u FROM t",
    "SELECT * FROM t FOR UPDATE",
    "SELECT * FROM (SELECT * FROM t FOR UPDATE WAIT 5) x",
    "SELECT n END FROM t FOR UPDATE",
    "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN USING JSON SELECT 1; DELETE FROM t",
    // A sequence moves on, in every spelling of it.
    "SELECT s.nextval",
    "SELECT s . /* x */ NextVal",
    "SELECT a.b.\"S\".\"NEXTVAL\"",
    "SELECT s.nextval::string FROM t",
    "SELECT 1 WHERE s.nextval > 0",
    "SELECT n FROM t ORDER BY s.nextval",
    "VALUES (s.nextval)",
    "WITH a AS (SELECT s.nextval) SELECT * FROM a",
    "SELECT IDENTIFIER('s.nextval')",
    "SELECT IDENTIFIER('s.next\\x76al')",
    "SELECT IDENTIFIER('s').nextval",
    "SELECT IDENTIFIER(:name)",
    "SELECT IDENTIFIER($name)",
    "SELECT IDENTIFIER('s' || '.nextval')",
    "SELECT a.nextval FROM TABLE(GETNEXTVAL(s)) a",
    "SELECT * FROM TABLE(\"GETNEXTVAL\"(s))",
    "EXPLAIN SELECT s.nextval",
    // Functions that act, run text, or send data out, wherever one can stand.
    "SELECT SYSTEM$CANCEL_ALL_QUERIES(1)",
    "SELECT system$wait(60)",
    "SELECT \"SYSTEM$WAIT\"(60)",
    "SELECT SYSTEM$ABORT_SESSION /* x */ (1)",
    "SELECT SYSTEM$GENERATE_SCIM_ACCESS_TOKEN('x')",
    "SELECT 1 WHERE SYSTEM$CANCEL_QUERY('x') = 'y'",
    "SELECT * FROM t ORDER BY SYSTEM$PIPE_FORCE_RESUME('p')",
    "SELECT CASE WHEN TRUE THEN SYSTEM$WAIT(1) END",
    "SELECT {'a': SYSTEM$WAIT(1)}, [SYSTEM$WAIT(1)]",
    "SELECT TRANSFORM(a, x -> SYSTEM$WAIT(x)) FROM t",
    "VALUES (SYSTEM$WAIT(1))",
    "SELECT IDENTIFIER('system$wait')(60)",
    "SELECT IDENTIFIER('snowflake').cortex.complete('m', 'p')",
    "SELECT * FROM TABLE(IDENTIFIER('f')(1))",
    "SELECT AI_COMPLETE('m', n) FROM t",
    "SELECT ai_filter(n) FROM t",
    "SELECT SNOWFLAKE.CORTEX.COMPLETE('m', n) FROM t",
    "SELECT \"SNOWFLAKE\".\"CORTEX\".\"SUMMARIZE\"(n) FROM t",
    "SELECT EMBED_TEXT_768('m', n) FROM t",
    "SELECT my_model!PREDICT(n) FROM t",
    "SELECT * FROM TABLE(my_model!FORECAST(n => 3))",
    "SELECT * FROM TABLE(TO_QUERY('DELETE FROM t'))",
    "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
    "SELECT GET_PRESIGNED_URL(@s, 'f')",
    // What is nothing at all.
    "",
    ";",
    "-- nothing",
    "SHOW",
    "DELETE",
];

#[test]
fn no_write_passes_as_a_query() {
    for statement in DISGUISES {
        assert!(!passes(statement, Route::Query), "{statement}");
    }
}

/// Refused on both routes, because no one can say what they do, or because they outlive the call.
const UNACCEPTABLE: &[&str] = &[
    "BEGIN",
    "BEGIN TRANSACTION",
    "START TRANSACTION",
    "ROLLBACK",
    "INSERT INTO t VALUES (1); DELETE FROM t",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "EXECUTE NOTEBOOK n()",
    "CREATE FUNCTION f() RETURNS INT AS '1'",
    "CREATE OR REPLACE PROCEDURE p() RETURNS INT LANGUAGE SQL AS $$ BEGIN RETURN 1; END $$",
    "CREATE TASK k AS DELETE FROM t",
    "CREATE ALERT a IF (EXISTS (SELECT 1)) THEN DELETE FROM t",
    "CREATE DYNAMIC TABLE u TARGET_LAG = '1 day' WAREHOUSE = w AS SELECT 1",
    "CREATE PIPE p AS COPY INTO t FROM @s",
    "CREATE STAGE s URL = 's3://b'",
    "CREATE STORAGE INTEGRATION i",
    "CREATE API INTEGRATION i",
    "CREATE EXTERNAL FUNCTION f() RETURNS INT AS 'https://x'",
    "CREATE EXTERNAL TABLE u LOCATION = @s",
    "CREATE SHARE s",
    "CREATE SECRET s TYPE = PASSWORD",
    "CREATE NETWORK RULE r",
    "CREATE USER u",
    "CREATE ROLE r",
    "CREATE DATABASE d",
    "CREATE WAREHOUSE w",
    "CREATE MASKING POLICY p AS (v INT) RETURNS INT -> v",
    "CREATE TEMPORARY TABLE u (n int)",
    "CREATE LOCAL TEMP TABLE u (n int)",
    "CREATE OR REPLACE TEMP TABLE u (n int)",
    "COPY INTO @s FROM t",
    "COPY INTO '@s' FROM t",
    "COPY INTO 's3://b/p' FROM t CREDENTIALS = (AWS_KEY_ID = 'x')",
    "COPY INTO t FROM 's3://b/p'",
    "COPY INTO t FROM @s CREDENTIALS = (AWS_KEY_ID = 'x')",
    "INSERT INTO t SELECT SYSTEM$WAIT(1)",
    "INSERT INTO ai_events (a) SELECT AI_COMPLETE('m', 'p')",
    "INSERT INTO t SELECT * FROM TABLE(TO_QUERY('x'))",
    "CREATE TABLE t (a INT DEFAULT AI_COMPLETE('m', 'p'))",
    "INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT AI_FILTER('p'))",
    "UPDATE t SET n = AI_COMPLETE('m', n)",
    "CALL SYSTEM$SEND_EMAIL('i', 'a@b', 'c', 'd')",
    "CALL IDENTIFIER('p')()",
    "CALL budget!SET_SPENDING_LIMIT(1)",
    "DELETE FROM IDENTIFIER(?)",
    "LOCK TABLE t",
    "RENAME TABLE t TO u",
    "REPLACE INTO t VALUES (1)",
    "ANALYSE t",
];

#[test]
fn what_no_one_can_judge_is_refused_on_both_routes_with_a_reason() {
    for statement in UNACCEPTABLE {
        for route in [Route::Query, Route::Execute] {
            let operations = classified(statement, route);
            match operations {
                Err(ConnectorError::Invalid(why)) => assert!(why.len() > 15, "{statement}: {why}"),
                // A function that is refused is told as a write on the route that takes none.
                Ok(_) => assert!(route == Route::Query && !passes(statement, route), "{statement}"),
                Err(other) => panic!("{statement}: {other:?}"),
            }
        }
    }
}

/// What an execute blocks by its list, which no record changes.
#[test]
fn no_disguise_carries_a_blocked_operation() {
    for statement in [
        "DELETE FROM t",
        "delete/**/from t",
        "// x\nDELETE FROM t",
        "(DELETE FROM t)",
        "DELETE FROM IDENTIFIER('t')",
        "INSERT OVERWRITE INTO t SELECT 1",
        "INSERT OVERWRITE ALL INTO t SELECT 1",
        "MERGE INTO t USING u ON t.n = u.n WHEN MATCHED THEN DELETE",
        "TRUNCATE t",
        "DROP TABLE t",
        "DROP ROLE r",
        "ALTER TABLE t DROP COLUMN n",
        "ALTER USER u SET RSA_PUBLIC_KEY = 'x'",
        "ALTER TABLE t SWAP WITH u",
        "GRANT OWNERSHIP ON t TO ROLE r",
        "REVOKE ALL ON t FROM ROLE r",
        "CREATE OR REPLACE TABLE t (n int)",
        "create /* x */ or -- y\n replace table t (n int)",
        "CREATE OR REPLACE TABLE t CLONE u",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "CREATE OR REPLACE SCHEMA s",
        "CREATE OR REPLACE TRANSIENT TABLE t (n int)",
        "CREATE OR ALTER TABLE t (n int)",
        "COPY INTO t FROM @s PURGE = TRUE",
    ] {
        assert!(classified(statement, Route::Execute).is_ok(), "{statement}");
        assert!(!passes(statement, Route::Execute), "{statement}");
    }
}

#[test]
fn what_only_reads_passes() {
    for statement in [
        "SELECT CURRENT_VERSION()",
        "select 1;",
        "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n < 5) SELECT * FROM a",
        "(SELECT 1) UNION ALL SELECT 2 MINUS SELECT 3",
        "SELECT 'DELETE FROM t; ' || 'it\\'s' || 'it''s' || $$; DROP TABLE t$$ AS \"s.nextval\"",
        "SELECT a -- ; DELETE FROM t\nFROM t // s.nextval\n/* ->> */",
        "SELECT t.$1, $2 FROM @stage/path (FILE_FORMAT => 'x') t",
        "SELECT $1:a.b[0]::string FROM '@s'",
        "SELECT src:a.\"x y\"[0]::int, src['a']['b'], f.value:v FROM t, LATERAL FLATTEN(INPUT => t.src) f",
        "SELECT ?, ?::int FROM t WHERE a = :a AND b IN (?, ?) LIMIT ?",
        "SELECT {'a': 1, 'b': :x, 'c':y}, [1, 2][0], x'ff', 1e10, .5 FROM t",
        "SELECT TRANSFORM(a, x INT -> x + 1), FILTER(b, x -> x:v > 1) FROM t",
        "SELECT * FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[1]')))",
        "SELECT * FROM TABLE(INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY('2026-01-01'))",
        "SELECT seq4(), RANDOM(), UUID_STRING() FROM TABLE(GENERATOR(ROWCOUNT => 3))",
        "SELECT * FROM IDENTIFIER('a.b.t'), TABLE('u')",
        "SELECT * FROM t AT (OFFSET => -60) JOIN u BEFORE (STATEMENT => 'x') USING (a)",
        "SELECT * FROM db..t SAMPLE (10)",
        "SELECT * EXCLUDE (a) RENAME (b AS c) FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1",
        "SELECT TOP 5 a, b, FROM t GROUP BY ALL ORDER BY ALL",
        "SELECT * FROM t PIVOT (SUM(x) FOR m IN ('a', 'b'))",
        "SELECT * FROM a ASOF JOIN b MATCH_CONDITION (a.t >= b.t) ON a.x = b.x",
        "SELECT * FROM t START WITH a IS NULL CONNECT BY b = PRIOR a",
        "SELECT a ILIKE ANY ('x', 'y'), LISTAGG(b, ',') WITHIN GROUP (ORDER BY b) FROM t",
        "SELECT SYSTEM$TYPEOF(a), TRANSLATE(b, 'x', 'y') FROM t",
        "SHOW TERSE TABLES LIKE 'a%' IN SCHEMA db.s STARTS WITH 'x' LIMIT 10 FROM 'y'",
        "SHOW GRANTS TO ROLE r",
        "SHOW COLUMNS IN TABLE \"t\"",
        "DESCRIBE PROCEDURE p(NUMBER, VARCHAR)",
        "DESC TABLE t TYPE = COLUMNS",
        "LIST @~",
        "EXPLAIN DELETE FROM t",
        "EXPLAIN USING TABULAR SELECT 1",
    ] {
        assert!(passes(statement, Route::Query), "{statement}: {:?}", classified(statement, Route::Query));
    }
}

#[test]
fn what_is_not_blocked_can_be_executed() {
    for statement in [
        "INSERT INTO t (a, b) SELECT a, PARSE_JSON(?) FROM u",
        "INSERT INTO IDENTIFIER('t') (a) VALUES (s.nextval)",
        "INSERT INTO ai_events (a) VALUES (1)",
        "INSERT INTO db.cortex.\"to_query\" (a) SELECT 1",
        "CREATE TABLE IF NOT EXISTS s.ai_events (a INT)",
        "CREATE TABLE finetune (a INT)",
        "UPDATE t SET a = :a WHERE b = :b",
        "MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)",
        "COPY INTO t (a, b) FROM (SELECT $1, $2 FROM @s/a) PATTERN = 'x' ON_ERROR = CONTINUE",
        "CREATE TABLE IF NOT EXISTS t (a NUMBER(38,0) AUTOINCREMENT, b VARIANT, c TIMESTAMP_NTZ(9) DEFAULT CURRENT_TIMESTAMP())",
        "CREATE TABLE t CLONE u AT (OFFSET => -60)",
        "CREATE SEQUENCE s START WITH 1 INCREMENT BY 1",
        "UNDROP TABLE t",
        "CALL p(1, 'x')",
        "SELECT 1",
    ] {
        assert!(
            passes(statement, Route::Execute),
            "{statement}: {:?}",
            classified(statement, Route::Execute)
        );
    }
}

#[test]
fn a_statement_of_the_greatest_length_does_not_exhaust_the_stack() {
    for unit in [
        "+1",
        "(",
        "case when ",
        "[",
        "{'a':",
        "not ",
        " union select 1",
        "::int",
        "-",
        "a.",
        "a:b.",
        "select(",
        ",x",
        "/**/",
        "position(",
        " join a",
        " natural join a",
        "a -> ",
        "(a) -> ",
        "table(",
        "prior ",
        "interval ",
        "with a as (",
        "@s ",
        ".a",
        "pivot(",
    ] {
        let filler = unit.repeat((32 * 1024 - 50) / unit.len());
        drop(classified(&format!("SELECT 1{filler}"), Route::Query));
        drop(classified(&format!("SELECT {filler}1"), Route::Query));
        drop(classified(&format!("SELECT 1 FROM a{filler}"), Route::Query));
        drop(classified(&format!("INSERT INTO t {filler}"), Route::Execute));
        drop(classified(&format!("SELECT 1 FROM t MATCH_RECOGNIZE (PATTERN ({filler}"), Route::Query));
    }
    // Patterns nest without a limit of the parser's own: ours, on both sides.
    let nested = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        format!("SELECT 1 FROM t MATCH_RECOGNIZE (MEASURES a AS b PATTERN {open}x{close} DEFINE x AS true)")
    };
    assert!(passes(&nested(99), Route::Query));
    assert!(!passes(&nested(100), Route::Query));
}
