//! Values go beside the statement, by place or by name, and what does not fit is said before anything is sent.

use connectors::ConnectorError;
use serde_json::{Value, json};

use crate::setup::{Db, soon, texts, world};

fn table() -> Option<(Db, String)> {
    let server = test_servers::cassandra::Cassandra::shared()?;
    let (db, mut admin, ks) = world(server);
    admin.run(&format!("CREATE TABLE {ks}.t (k int, c text, v int, \"Mixed\" text, PRIMARY KEY (k, c))"));
    for (c, v) in [("a", 1), ("b", 2), ("c", 3)] {
        admin.run(&format!("INSERT INTO {ks}.t (k, c, v, \"Mixed\") VALUES (1, '{c}', {v}, 'm')"));
    }
    Some((db, ks))
}

async fn read(db: &Db, statement: &str, given: Value) -> Vec<String> {
    let rows = db.query_with(statement, given, None, soon()).await.unwrap();
    texts(&rows).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn values_are_bound_by_place_and_by_name_in_the_statements_order() {
    let Some((db, _)) = table() else { return };
    let one = [r#"{"v":2}"#];
    assert_eq!(read(&db, "SELECT v FROM t WHERE k = ? AND c = ?", json!({"1": 1, "2": "b"})).await, one);
    assert_eq!(read(&db, "SELECT v FROM t WHERE c = :c AND k = :k", json!({"k": 1, "c": "b"})).await, one);
    assert_eq!(
        read(&db, "SELECT v FROM t WHERE k = :K AND c = :\"C d\"", json!({"K": 1, "C d": "b"})).await,
        one
    );
    let twice = "SELECT v FROM t WHERE k = :n AND c IN ('a', 'b') AND v = :n ALLOW FILTERING";
    assert_eq!(read(&db, twice, json!({"n": 1})).await, [r#"{"v":1}"#]);
    let list = "SELECT v FROM t WHERE k = ? AND c IN ? LIMIT ?";
    assert_eq!(read(&db, list, json!({"1": 1, "2": ["c", "b"], "3": 1})).await, one);
    assert_eq!(
        read(&db, "SELECT v FROM t WHERE k = ? AND (c) > (?);", json!({"1": 1, "2": "b"})).await,
        [r#"{"v":3}"#]
    );
}

#[tokio::test]
async fn ten_places_are_counted_and_not_sorted() {
    let Some((db, _)) = table() else { return };
    let statement = "SELECT v FROM t WHERE k = 1 AND c IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let given: Value = (1..=11)
        .map(|n| (n.to_string(), json!(if n == 2 { "b" } else { "x" })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(read(&db, statement, given).await, [r#"{"v":2}"#]);
}

#[tokio::test]
async fn an_injection_stays_a_value() {
    let Some((db, _)) = table() else { return };
    let nasty = "x' OR c = 'a'; DROP TABLE t; --";
    assert!(read(&db, "SELECT v FROM t WHERE k = 1 AND c = ?", json!({"1": nasty})).await.is_empty());
    assert_eq!(read(&db, "SELECT v FROM t WHERE k = 1 AND c = 'a'", json!({})).await.len(), 1);
}

#[tokio::test]
async fn what_is_missing_too_much_or_of_another_type_is_named() {
    let Some((db, _)) = table() else { return };
    for (statement, given, expected) in [
        ("SELECT v FROM t WHERE k = ?", json!({}), r#"not given: "1""#),
        ("SELECT v FROM t WHERE k = ?", json!({"k": 1}), r#"not have: "k""#),
        ("SELECT v FROM t WHERE k = :k", json!({"K": 1}), r#"not given: "k""#),
        ("SELECT v FROM t", json!({"1": 1}), r#"not have: "1""#),
        (
            "SELECT v FROM t WHERE k = ?",
            json!({"1": "x"}),
            r#"the parameter "1" is of the type int: int takes a whole"#,
        ),
        ("SELECT v FROM t WHERE k = :k", json!({"k": 1.5}), r#"the parameter "k" is of the type int"#),
        (
            "SELECT v FROM t WHERE k = 1 AND c IN :c",
            json!({"c": ["a", 1]}),
            r#"the parameter "c" is of the type list<text>: text takes a string"#,
        ),
        ("SELECT v FROM t WHERE k = 1 LIMIT :n", json!({"n": 2_147_483_648_u32}), r#"the parameter "n""#),
    ] {
        let error = db.query_with(statement, given, None, soon()).await.unwrap_err().error();
        assert!(
            matches!(&error, ConnectorError::Invalid(why) if why.contains(expected)),
            "{statement}: {error:?}"
        );
    }
}

#[tokio::test]
async fn values_in_maps_types_and_batches_are_found() {
    let Some((db, ks)) = table() else { return };
    let server = crate::server!();
    let mut admin = server.admin();
    admin.run(&format!("CREATE TYPE {ks}.pair (a int, b int)"));
    admin.run(&format!("CREATE TABLE {ks}.m (k int PRIMARY KEY, m map<text, int>, p frozen<{ks}.pair>)"));
    let text = "BEGIN BATCH INSERT INTO m (k, m, p) VALUES (:k, :m, {a: :a, b: :k});
                UPDATE m SET m['z'] = :x WHERE k = :k APPLY BATCH";
    let done =
        db.execute_with(text, r#"{"k": 1, "m": {"x": 7, "why": 2}, "x": 8, "a": 5}"#, soon()).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (1, "BATCH"));
    let row = db.row("SELECT * FROM m WHERE k = ?", json!({"1": 1})).await;
    assert_eq!(row, r#"{"k":1,"m":{"why":2,"x":7,"z":8},"p":{"a":5,"b":1}}"#);
}
