//! However much there is, an answer is bounded, and so is what is kept of it; what is read page by page is exactly
//! what there is.

use std::{collections::BTreeSet, fmt::Write};

use connectors::Limit;
use serde_json::{Value, json};
use test_servers::cassandra::Cql;

use crate::setup::{Db, soon, texts, world};

/// The most that this process ever held, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

const BOUND: u64 = 192 * 1024 * 1024;

/// Rows by the hundred.
fn fill(admin: &mut Cql, table: &str, partitions: i64, rows: i64) {
    for p in 0..partitions {
        for first in (0..rows).step_by(100) {
            let mut batch = String::from("BEGIN UNLOGGED BATCH ");
            for c in first..(first + 100).min(rows) {
                write!(batch, "INSERT INTO {table} (p, c, v) VALUES ({p}, {c}, 'v{p}-{c}') ").unwrap();
            }
            batch.push_str("APPLY BATCH");
            admin.run(&batch);
        }
    }
}

async fn all(db: &Db, statement: &str, given: Value) -> Vec<Value> {
    let rows = db.query_with(statement, given, None, soon()).await.unwrap();
    assert_eq!(rows.exceeded(), None, "{statement}");
    texts(&rows).into_iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_read_exactly_over_partitions_and_token_ranges() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.t (p int, c int, v text, PRIMARY KEY (p, c))"));
    let (partitions, rows) = (20, 5_000);
    fill(&mut admin, &format!("{ks}.t"), partitions, rows);
    let expected = |p: i64, c: i64| json!({"p": p, "c": c, "v": format!("v{p}-{c}")});
    // Partition by partition, each over several pages, in order.
    let mut tokens = BTreeSet::new();
    for p in 0..partitions {
        let read = all(&db, "SELECT p, c, v FROM t WHERE p = ?", json!({"1": p})).await;
        assert!(read.into_iter().eq((0..rows).map(|c| expected(p, c))), "partition {p}");
        let token = all(&db, "SELECT token(p) AS t FROM t WHERE p = :p LIMIT 1", json!({"p": p})).await;
        tokens.insert(token[0]["t"].as_i64().unwrap());
    }
    // By ranges of the ring, which each hold one partition.
    let mut seen: Vec<(i64, i64)> = Vec::new();
    let mut from = i64::MIN;
    for to in tokens {
        let text = "SELECT p, c, v FROM t WHERE token(p) > :low AND token(p) <= :high";
        for row in all(&db, text, json!({"low": from, "high": to})).await {
            let (p, c) = (row["p"].as_i64().unwrap(), row["c"].as_i64().unwrap());
            assert_eq!(row, expected(p, c));
            seen.push((p, c));
        }
        from = to;
    }
    assert_eq!(seen.len(), 100_000);
    let sum: i64 = seen.iter().map(|(p, c)| p * rows + c).sum();
    assert_eq!(sum, 99_999 * 100_000 / 2);
    let distinct: BTreeSet<_> = seen.into_iter().collect();
    assert_eq!(distinct.len(), 100_000);
    assert_eq!(db.row("SELECT count(*) AS n FROM t", json!({})).await, r#"{"n":100000}"#);
    // All at once is cut, and says so.
    let cut = db.query("SELECT * FROM t").await.unwrap();
    assert_eq!((cut.items().len(), cut.exceeded()), (10_000, Some(Limit::Rows)));
}

#[tokio::test]
async fn ten_thousand_rows_pass_one_more_is_cut_and_a_limit_is_no_cap() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.t (p int, c int, v text, PRIMARY KEY (p, c))"));
    fill(&mut admin, &format!("{ks}.t"), 1, 10_000);
    let rows = db.query("SELECT c FROM t WHERE p = 0").await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, None));
    for wanted in [0, 1, 31, 32, 33, 9_999, 10_000, 10_001] {
        let rows =
            db.query_with("SELECT c FROM t WHERE p = 0", json!({}), Some(wanted), soon()).await.unwrap();
        assert_eq!((rows.items().len(), rows.exceeded()), (wanted.min(10_000), None), "{wanted}");
    }
    admin.run(&format!("INSERT INTO {ks}.t (p, c, v) VALUES (0, 10000, '')"));
    let rows = db.query("SELECT c FROM t WHERE p = 0").await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, Some(Limit::Rows)));
    let rows = db.query_with("SELECT c FROM t WHERE p = 0", json!({}), Some(10_000), soon()).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, None));
    let none = db.query("SELECT c FROM t WHERE p = 1").await.unwrap();
    assert_eq!((none.items().len(), none.exceeded()), (0, None));
}

#[tokio::test]
async fn rows_beyond_five_mebibytes_are_cut_and_the_rest_is_not_read() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.t (p int, c int, v text, PRIMARY KEY (p, c))"));
    // 500 rows of 100 kB: 50 MB.
    let text = "x".repeat(100_000);
    for c in 0..500 {
        admin.run(&format!("INSERT INTO {ks}.t (p, c, v) VALUES (0, {c}, '{text}')"));
    }
    let before = peak();
    for _ in 0..3 {
        let rows = db.query("SELECT v FROM t").await.unwrap();
        assert_eq!((rows.items().len(), rows.exceeded()), (52, Some(Limit::Bytes)));
    }
    assert!(peak() - before < BOUND, "{before} to {}", peak());
    // One that is too large by itself, and one that just fits.
    let size = 5 * 1024 * 1024 - 13;
    for (c, size) in [(0, size), (1, size + 1)] {
        admin.run(&format!("INSERT INTO {ks}.t (p, c, v) VALUES (1, {c}, '{}')", "x".repeat(size)));
    }
    let fits = db.query("SELECT v FROM t WHERE p = 1 AND c = 0").await.unwrap();
    assert_eq!((fits.items().len(), fits.exceeded()), (1, None), "{}", fits.bytes());
    let large = db.query("SELECT v FROM t WHERE p = 1 AND c = 1").await.unwrap();
    assert_eq!((large.items().len(), large.exceeded()), (0, Some(Limit::Bytes)));
}

#[tokio::test]
async fn pages_without_rows_are_no_end() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.t (p int, c int, v text, PRIMARY KEY (p, c))"));
    fill(&mut admin, &format!("{ks}.t"), 1, 2_000);
    let found = all(&db, "SELECT c FROM t WHERE v = 'v0-1999' ALLOW FILTERING", json!({})).await;
    assert_eq!(found, [json!({"c": 1999})]);
}
