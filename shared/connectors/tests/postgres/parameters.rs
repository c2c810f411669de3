//! Values are values: nothing in them is ever read as SQL.

use serde_json::json;

use crate::setup::{Stopped, texts, world};

#[tokio::test]
async fn parameters_go_by_number_and_by_name() {
    let (db, _) = world(crate::server!()).await;
    let row = db.row(
        "SELECT $2::int AS b, $1 AS a, :name AS c, :name || '!' AS d",
        json!({"1": "x", "2": 7, "name": "n"}),
    );
    assert_eq!(row.await, r#"{"b":7,"a":"x","c":"n","d":"n!"}"#);
}

#[tokio::test]
async fn values_of_every_type_reach_the_server_whole() {
    let (db, _) = world(crate::server!()).await;
    for (expression, value, expected) in [
        (":v::numeric", json!("123456789012345678901234567890.1"), r#""123456789012345678901234567890.1""#),
        (":v::int8", json!(9_223_372_036_854_775_807_i64), "9223372036854775807"),
        (":v::bool", json!(true), "true"),
        (":v::text", json!(null), "null"),
        (":v::jsonb", json!({"a": [1, "x"]}), r#"{"a": [1, "x"]}"#),
        (":v::jsonb", json!([1, {"b": null}]), r#"[1, {"b": null}]"#),
        (":v::int[]", json!([1, null, 3]), "[1,null,3]"),
        (
            ":v::text[]",
            json!(["a,b", "\"q\"", "\\", "NULL", null, ""]),
            r#"["a,b","\"q\"","\\","NULL",null,""]"#,
        ),
        (":v::int[]", json!([[1, 2], [3, 4]]), "[[1,2],[3,4]]"),
        (":v::timestamptz", json!("2026-01-02T03:04:05Z"), r#""2026-01-02T03:04:05+00:00""#),
        (
            ":v::uuid",
            json!("00000000-0000-0000-0000-000000000001"),
            r#""00000000-0000-0000-0000-000000000001""#,
        ),
        (":v::bytea", json!("\\x01ff"), r#""\\x01ff""#),
        ("1 + :v", json!(2), "3"),
        ("3 = ANY(:v)", json!([1, 3]), "true"),
    ] {
        let row = db.row(&format!("SELECT {expression} AS v"), json!({ "v": value })).await;
        assert_eq!(row, format!(r#"{{"v":{expected}}}"#), "{expression} {value}");
    }
    let digits = r#"{"v": 1.10000000000000000000000000000000000001}"#;
    let given = model::parameters::Parameters::parse(digits.as_bytes()).unwrap();
    let request = crate::setup::asked("SELECT :v::numeric AS v", &given, None);
    let rows = db.connector.query(request, crate::setup::soon()).await.unwrap();
    assert_eq!(texts(&rows), [r#"{"v":"1.10000000000000000000000000000000000001"}"#]);
}

#[tokio::test]
async fn no_value_is_ever_read_as_sql() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (a text); INSERT INTO t VALUES ('x')").await.unwrap();
    for value in [
        "'; DELETE FROM t; --",
        "x' OR '1'='1",
        "$1",
        ":v",
        "\\'; DROP TABLE t; --",
        "$$; DROP TABLE t; $$",
        "*/ DROP TABLE t; /*",
        "{\"),(\"",
    ] {
        let rows =
            db.query_with("SELECT a FROM t WHERE a = :v", json!({ "v": value }), None, crate::setup::soon());
        assert!(rows.await.unwrap().items().is_empty(), "{value}");
        let row = db.row("SELECT :v AS v, (:l::text[])[1] AS l", json!({ "v": value, "l": [value] })).await;
        let text = json!(value).to_string();
        assert_eq!(row, format!(r#"{{"v":{text},"l":{text}}}"#));
        db.execute_with("INSERT INTO t VALUES ($1)", json!({ "1": value }), None, crate::setup::soon())
            .await
            .unwrap();
    }
    assert_eq!(crate::setup::value(&admin, "SELECT count(*) FROM t").await, "9");
}

#[tokio::test]
async fn what_lacks_or_does_not_fit_is_named() {
    let (db, _) = world(crate::server!()).await;
    let ask = async |statement: &str, given: serde_json::Value| match db
        .query_with(statement, given, None, crate::setup::soon())
        .await
        .unwrap_err()
    {
        Stopped::Failed(error) => error.to_string(),
        Stopped::Refused(_, why) => panic!("refused: {why}"),
    };
    let error = ask("SELECT $1, :b", json!({"c": 1})).await;
    assert!(error.contains("\"1\", \"b\"") && error.contains("does not have: \"c\""), "{error}");
    let error = ask("SELECT $1::int", json!({"1": "seven"})).await;
    assert!(error.contains("SQLSTATE 22P02"), "{error}");
    let error = ask("SELECT $1::text", json!({"1": "a\0b"})).await;
    assert!(error.contains("NUL"), "{error}");
    let error = ask("SELECT $1 + $2", json!({"1": 1, "2": {"a": 1}})).await;
    assert!(error.contains("SQLSTATE"), "{error}");
}
