//! Statements that hide a write behind what looks like something else: comments, quotes, brackets, lists.

use properties::statement::{cql, postgres, snowflake};
use proptest::prelude::*;

use crate::config;

fn write() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "DELETE FROM t",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DROP TABLE t",
        "TRUNCATE t",
        "GRANT a TO b",
        "MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE",
        "CREATE TABLE t (a int)",
        "CALL p()",
    ])
    .prop_map(str::to_owned)
}

fn read() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "SELECT 1",
        "SELECT * FROM t WHERE a = 'x'",
        "VALUES (1)",
        "SHOW TABLES",
        "TABLE t",
        "SELECT \"a;b\" FROM t",
        "SELECT extract(year from a) FROM t",
        "LIST ROLES",
        "DESCRIBE TABLE t",
    ])
    .prop_map(str::to_owned)
}

/// What stands between two parts: nothing that counts, or what one reader takes for its end and another does not.
fn between() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        " ",
        ";",
        "; ",
        "/**/",
        "/* ; */",
        "/* /* */",
        "/* /* */ */",
        "-- ",
        "--\n",
        "--\r",
        "//",
        "//\n",
        "'",
        "''",
        "\\'",
        "E'",
        "\"",
        "\"\"",
        "$$",
        "$a$",
        "$1",
        "\n",
        "\r",
        "\u{a0}",
        "\u{2028}",
        "(",
        ")",
        ",",
        " AS ",
        " UNION ",
        "\\",
        "\0",
        ":a",
        "?",
    ])
    .prop_map(str::to_owned)
}

fn statement() -> impl Strategy<Value = String> {
    let frame = prop::sample::select(vec![
        "{}",
        "WITH x AS ({}) SELECT * FROM x",
        "WITH x(a) AS NOT MATERIALIZED ({}), y AS (SELECT 1) TABLE y",
        "EXPLAIN {}",
        "EXPLAIN ANALYZE {}",
        "EXPLAIN (ANALYZE, VERBOSE) {}",
        "SELECT * FROM ({}) q",
        "({})",
        "BEGIN BATCH {} APPLY BATCH",
        "SELECT ({})",
        "WITH x AS (SELECT 1) {}",
        "CREATE TABLE q AS {}",
    ]);
    let part = prop_oneof![2 => write(), 2 => read(), 3 => between()];
    (frame, prop::collection::vec(part, 1..5))
        .prop_map(|(frame, parts)| frame.replacen("{}", &parts.concat(), 1))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_reader_takes_a_write_for_a_read(text in statement()) {
        postgres(text.as_bytes());
        snowflake(text.as_bytes());
        cql(text.as_bytes());
    }
}
