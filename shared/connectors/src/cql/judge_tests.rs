use proptest::prelude::*;

use super::*;
use crate::sql::MAX_BYTES;

fn verbs(statement: &str) -> String {
    let found = judge(statement).unwrap_or_else(|why| panic!("{statement}: {why}"));
    let verbs: Vec<_> = found.iter().map(|operation| operation.verb).collect();
    assert!(found.iter().all(|operation| operation.name == operation.verb), "{statement}");
    verbs.join(" ")
}

fn class(statement: &str) -> Option<OperationClass> {
    let found = judge(statement).ok()?;
    let writes = found.iter().any(|operation| operation.class == OperationClass::Write);
    Some(if writes { OperationClass::Write } else { OperationClass::Read })
}

#[test]
fn reads_are_known_in_all_their_forms() {
    for (statement, verb) in [
        ("SELECT * FROM t", "SELECT"),
        ("select a, b AS c from ks.t where a = ? and b > :low limit 5;", "SELECT"),
        ("SELECT JSON * FROM t PER PARTITION LIMIT 2 ALLOW FILTERING", "SELECT"),
        ("SELECT DISTINCT a FROM t WHERE token(a) > 5 ; ;", "SELECT"),
        ("SELECT CAST(a AS text), ttl(b), writetime(c), f(d), e.f, g['x'], h[1..2] FROM t", "SELECT"),
        ("SELECT count(*) FROM \"T\" WHERE a IN ('DELETE FROM t', $$; DROP TABLE t$$)", "SELECT"),
        ("SELECT a FROM t ORDER BY v ANN OF [0.1, -2.5] LIMIT 3", "SELECT"),
        (
            "SELECT a FROM t WHERE d > 1h30m AND u = 123e4567-e89b-12d3-a456-426614174000 AND b = 0xCAFE",
            "SELECT",
        ),
        ("SELECT \"insert\", \"system_auth\" FROM t", "SELECT"),
        ("SELECT salt FROM notes WHERE a = 'system_auth.roles'", "SELECT"),
        ("-- a\n// b\n/* c */ SeLeCt release_version FROM system.local -- d\n", "SELECT"),
        ("SELECT a FROM t; -- done\n/* really */", "SELECT"),
        ("LIST ALL PERMISSIONS OF clerk", "LIST"),
        ("LIST ROLES", "LIST"),
        ("LIST USERS", "LIST"),
        ("DESCRIBE KEYSPACES", "DESCRIBE"),
        ("DESC TABLE ks.t", "DESCRIBE"),
    ] {
        assert_eq!(verbs(statement), verb, "{statement}");
        assert_eq!(class(statement), Some(OperationClass::Read), "{statement}");
    }
}

#[test]
fn writes_are_known_by_their_verb() {
    for (statement, verb) in [
        ("INSERT INTO t (a, b) VALUES (?, :b)", "INSERT"),
        ("INSERT INTO t JSON '{\"a\": 1}' DEFAULT UNSET IF NOT EXISTS USING TTL 5", "INSERT"),
        ("UPDATE t USING TTL 60 SET a = a + 1 WHERE k = 1 IF b = 2", "UPDATE"),
        ("DELETE a, b[1] FROM t USING TIMESTAMP 1 WHERE k = 1 IF EXISTS", "DELETE"),
        ("TRUNCATE t", "TRUNCATE"),
        ("TRUNCATE TABLE ks.t;", "TRUNCATE"),
        (
            "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE",
        ),
        ("CREATE SCHEMA IF NOT EXISTS k WITH durable_writes = true", "CREATE"),
        ("CREATE TABLE t (a int PRIMARY KEY, b text MASKED WITH DEFAULT)", "CREATE"),
        ("CREATE COLUMNFAMILY t (a int PRIMARY KEY)", "CREATE"),
        ("CREATE INDEX ON t (a)", "CREATE"),
        ("CREATE CUSTOM INDEX i ON t (a) USING 'StorageAttachedIndex'", "CREATE"),
        ("CREATE MATERIALIZED VIEW v AS SELECT a FROM t WHERE a IS NOT NULL PRIMARY KEY (a)", "CREATE"),
        ("CREATE TYPE u (a int)", "CREATE"),
        ("ALTER TABLE t ADD b int", "ALTER"),
        ("ALTER KEYSPACE k WITH durable_writes = false", "ALTER"),
        ("ALTER TYPE u ADD b int", "ALTER"),
        ("ALTER MATERIALIZED VIEW v WITH comment = 'x'", "ALTER"),
        ("DROP TABLE IF EXISTS t", "DROP"),
        ("DROP KEYSPACE k", "DROP"),
        ("DROP FUNCTION f", "DROP"),
        ("DROP ROLE r", "DROP"),
        ("DROP IDENTITY 'x'", "DROP"),
        ("GRANT SELECT ON t TO clerk", "GRANT"),
        ("GRANT boss TO clerk", "GRANT"),
        ("REVOKE ALL ON KEYSPACE k FROM clerk", "REVOKE"),
        ("BEGIN BATCH APPLY BATCH", "BATCH"),
        ("BEGIN BATCH INSERT INTO t (a) VALUES (1); APPLY BATCH;", "BATCH INSERT"),
        ("BEGIN UNLOGGED BATCH USING TIMESTAMP 5 UPDATE t SET a = 1 WHERE k = 1 APPLY BATCH", "BATCH UPDATE"),
        (
            "begin counter batch update t set a += 1 where k = 1; update t set a -= 1 where k = 2; apply batch",
            "BATCH UPDATE",
        ),
        (
            "BEGIN BATCH DELETE FROM t WHERE k = 1 INSERT INTO t (k) VALUES (1) UPDATE t SET a = 'apply' WHERE k = 1 APPLY BATCH",
            "BATCH DELETE INSERT UPDATE",
        ),
        (
            "BEGIN BATCH INSERT INTO t (k) VALUES ('; DELETE') /*;*/ ;UPDATE \"delete\" SET a = 1 WHERE k = 1; APPLY BATCH",
            "BATCH INSERT UPDATE",
        ),
    ] {
        assert_eq!(verbs(statement), verb, "{statement}");
        assert_eq!(class(statement), Some(OperationClass::Write), "{statement}");
    }
}

#[test]
fn what_no_route_takes_is_refused_with_what_would_be() {
    for (statement, part) in [
        ("", "empty"),
        (" ; ", "empty"),
        ("/* SELECT 1 */", "empty"),
        ("USE ks", "connection_url"),
        ("CREATE ROLE r WITH PASSWORD = 'x'", "roles"),
        ("CREATE USER u WITH PASSWORD 'x' SUPERUSER", "roles"),
        ("ALTER ROLE r WITH SUPERUSER = true", "roles"),
        ("alter /* x */ user u with password 'x'", "roles"),
        ("ADD IDENTITY 'spiffe://x' TO ROLE 'r'", "identities"),
        (
            "CREATE FUNCTION f (a int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$return 1;$$",
            "code",
        ),
        (
            "CREATE OR REPLACE FUNCTION f (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;'",
            "code",
        ),
        ("CREATE AGGREGATE a (int) SFUNC f STYPE int", "code"),
        ("CREATE TRIGGER x ON t USING 'c'", "code"),
        ("CREATE \"TABLE\" t (a int PRIMARY KEY)", "KEYSPACE, TABLE"),
        ("CREATE", "KEYSPACE, TABLE"),
        ("ALTER INDEX i", "KEYSPACE, TABLE"),
        ("EXPLAIN SELECT * FROM t", "SELECT, LIST"),
        ("COPY t FROM 'x'", "SELECT, LIST"),
        ("SOURCE 'x'", "SELECT, LIST"),
        ("APPLY BATCH", "SELECT, LIST"),
        ("\"SELECT\" a FROM t", "SELECT, LIST"),
        ("'SELECT' a FROM t", "SELECT, LIST"),
        ("(SELECT a FROM t)", "SELECT, LIST"),
        ("SELECTa FROM t", "SELECT, LIST"),
        ("SELECT a FROM t; SELECT b FROM t", "exactly one"),
        ("SELECT a FROM t;; DELETE FROM t WHERE k = 1", "exactly one"),
        ("SELECT a FROM t DELETE FROM t WHERE k = 1", "exactly one"),
        ("UPDATE t SET a = 1 WHERE k = 1 DELETE FROM t WHERE k = 2", "exactly one"),
        ("INSERT INTO t (a) VALUES (1); INSERT INTO t (a) VALUES (2)", "exactly one"),
        ("BEGIN BATCH INSERT INTO t (a) VALUES (1)", "APPLY BATCH"),
        ("BEGIN BATCH APPLY BATCH SELECT", "APPLY BATCH"),
        ("BEGIN BATCH APPLY BATCH; DROP TABLE t", "APPLY BATCH"),
        ("BEGIN TRANSACTION", "APPLY BATCH"),
        ("BEGIN LOGGED BATCH APPLY BATCH", "APPLY BATCH"),
        ("BEGIN BATCH DROP TABLE t; APPLY BATCH", "nothing else"),
        ("BEGIN BATCH BEGIN BATCH APPLY BATCH", "nothing else"),
        ("SELECT salted_hash FROM system_auth.roles", "system_auth"),
        ("SELECT * FROM \"system_auth\" . roles", "system_auth"),
        ("UPDATE SYSTEM_AUTH/**/.roles SET is_superuser = true WHERE role = 'me'", "system_auth"),
        (
            "BEGIN BATCH INSERT INTO system_auth.role_permissions (role) VALUES ('me') APPLY BATCH",
            "system_auth",
        ),
    ] {
        let why = judge(statement).unwrap_err();
        assert!(why.contains(part) && why.len() > 20, "{statement}: {why}");
    }
}

#[test]
fn no_disguise_makes_a_write_a_read() {
    for statement in [
        // Comments, and what only looks like one.
        "/* SELECT */ DELETE FROM t WHERE k = 1",
        "-- SELECT\nDELETE FROM t WHERE k = 1",
        "// SELECT\nDELETE FROM t WHERE k = 1",
        "-- SELECT\rDELETE FROM t WHERE k = 1",
        "/* SELECT /* */ DELETE FROM t WHERE k = 1",
        "/* /* */ SELECT 1 -- */ DELETE FROM t WHERE k = 1",
        "/*/ SELECT */ DELETE FROM t WHERE k = 1",
        "DEL/**/ETE FROM t WHERE k = 1",
        "/* -- */DELETE FROM t WHERE k = 1",
        "-- /*\nDELETE FROM t WHERE k = 1 -- */\n",
        "--\u{2028}SELECT\nDELETE FROM t WHERE k = 1",
        // Case and white space.
        "dElEtE\tFROM t WHERE k = 1",
        "\r\n\r\n  insert INTO t (k) VALUES (1)",
        "\u{feff}DELETE FROM t WHERE k = 1",
        "\u{a0}DELETE FROM t WHERE k = 1",
        "\0DELETE FROM t WHERE k = 1",
        "SELECT\0 a FROM t",
        "\u{b}DELETE FROM t WHERE k = 1",
        "\u{200b}DELETE FROM t WHERE k = 1",
        "\u{3000}DELETE FROM t WHERE k = 1",
        "SELECT\u{a0}a FROM t; DELETE FROM t WHERE k = 1",
        // A second statement.
        "SELECT a FROM t; DELETE FROM t WHERE k = 1",
        "SELECT a FROM t WHERE b = ';'; DELETE FROM t WHERE k = 1",
        "SELECT a FROM t WHERE b = $$'$$; DELETE FROM t WHERE k = 1 --'\n",
        "SELECT a FROM t WHERE b = 'a''; DELETE FROM t WHERE k = 1 --'\n; TRUNCATE t",
        "SELECT a FROM t WHERE b = '\\'; DELETE FROM t WHERE k = 1 --'\n",
        "SELECT \"a;\"\"\" FROM t /*;*/; TRUNCATE t",
        "SELECT a FROM t WHERE b = $$ $ $$; TRUNCATE t; --$$\n",
        // Writes that answer with rows, and writes of many kinds.
        "INSERT INTO t JSON '{\"k\": 1}'",
        "INSERT INTO t (k) VALUES (1) IF NOT EXISTS",
        "UPDATE t SET a = 1 WHERE k = 1 IF a = 2",
        "DELETE FROM t WHERE k = 1 IF EXISTS",
        "UPDATE t SET c = c + 1 WHERE k = 1",
        "BEGIN BATCH INSERT INTO t (k) VALUES (1) APPLY BATCH",
        "BEGIN COUNTER BATCH UPDATE t SET c = c + 1 WHERE k = 1; APPLY BATCH",
        "/**/begin/**/unlogged/**/batch/**/delete/**/from t where k = 1 apply batch",
        "TRUNCATE t",
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE k IS NOT NULL PRIMARY KEY (k)",
        "CREATE TABLE u (k int PRIMARY KEY)",
        "DROP TABLE t",
        "GRANT ALL ON t TO public",
        "CREATE ROLE r",
        "USE system",
        "UPDATE system_views.settings SET value = '1' WHERE name = 'x'",
        // Statements without an end.
        "SELECT a FROM t WHERE b = 'x; DELETE FROM t WHERE k = 1",
        "SELECT a FROM t /* ; DELETE FROM t WHERE k = 1",
        "SELECT a FROM t -- ; DELETE FROM t WHERE k = 1",
    ] {
        assert_ne!(class(statement), Some(OperationClass::Read), "{statement:?}");
    }
}

#[test]
fn only_reads_are_sent_again() {
    let again = |statement| is_idempotent(&judge(statement).unwrap());
    assert!(again("SELECT now() FROM t"));
    assert!(again("DESCRIBE TABLES"));
    assert!(!again("INSERT INTO t (k) VALUES (1)"));
    assert!(!again("BEGIN BATCH UPDATE t SET c = c + 1 WHERE k = 1 APPLY BATCH"));
}

#[test]
fn the_longest_statement_is_judged_whatever_it_is_made_of() {
    for unit in [
        "(",
        "[",
        "''",
        "$$$$",
        "/**/",
        "--\n",
        "/",
        "-",
        "*/",
        "1",
        "1d",
        "1e",
        "a.",
        ";",
        "\"\"\"\"",
        "abcdefab-",
        "delete ",
    ] {
        let filler = unit.repeat((MAX_BYTES - 40) / unit.len());
        drop(judge(&format!("SELECT {filler}")));
        drop(judge(&format!("BEGIN BATCH {filler} APPLY BATCH")));
        drop(judge(&filler));
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_or_refused(statement in "\\PC{0,80}") {
        drop(judge(&statement));
    }

    #[test]
    fn there_is_never_no_operation(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "SELECT", "INSERT", "BEGIN", "BATCH", "APPLY", ";", "UPDATE", "USE", "CREATE", "TABLE", "a", "'x'", "/* x */", "--\n",
            ]),
            0..8,
        )
    ) {
        if let Ok(found) = judge(&words.join(" ")) {
            prop_assert!(!found.is_empty());
        }
    }

    /// Whatever stands between, around and inside: the first word decides.
    #[test]
    fn gaps_and_case_change_nothing(
        gaps in prop::collection::vec(
            prop::sample::select(vec![" ", "\t\n", "\r\n", "/* SELECT; */", "-- 'SELECT\n", "// \"\n"]), 9
        ),
        upper in any::<bool>(),
    ) {
        for (words, verb) in [
            (["delete", "from", "t", "where", "k", "=", "1", ";"], "DELETE"),
            (["select", "'delete'", "from", "t", "limit", "1", ";", ";"], "SELECT"),
            (["begin", "batch", "delete", "from", "t", ";", "apply", "batch"], "BATCH DELETE"),
        ] {
            let mut text = gaps[0].to_owned();
            for (word, gap) in words.iter().zip(&gaps[1..]) {
                text.push_str(&if upper { word.to_ascii_uppercase() } else { (*word).to_owned() });
                text.push(' ');
                text.push_str(gap);
            }
            prop_assert_eq!(verbs(&text), verb);
        }
    }
}
