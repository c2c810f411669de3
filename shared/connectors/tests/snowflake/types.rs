//! Every type of the vendor, as its API sends it and as callers get it.

use serde_json::json;

use crate::reply::Reply;
use crate::setup::{ask, connected};
use crate::stub::Stub;

/// Type, scale, what is sent, what is given.
const TABLE: [(&str, Option<i64>, &str, &str); 41] = [
    ("FIXED", Some(0), "42", "42"),
    ("FIXED", Some(0), "9223372036854775807", "9223372036854775807"),
    ("FIXED", Some(0), "-9223372036854775808", "-9223372036854775808"),
    (
        "FIXED",
        Some(0),
        "99999999999999999999999999999999999999",
        r#""99999999999999999999999999999999999999""#,
    ),
    ("FIXED", Some(2), "10.00", r#""10.00""#),
    (
        "FIXED",
        Some(37),
        "0.0000000000000000000000000000000000001",
        r#""0.0000000000000000000000000000000000001""#,
    ),
    (
        "DECFLOAT",
        None,
        "1.2345678901234567890123456789012345678E-100",
        r#""1.2345678901234567890123456789012345678E-100""#,
    ),
    ("REAL", None, "1.5", "1.5"),
    ("REAL", None, "2.225073858507201e-308", "2.225073858507201e-308"),
    ("REAL", None, "NaN", r#""NaN""#),
    ("REAL", None, "inf", r#""inf""#),
    ("REAL", None, "-inf", r#""-inf""#),
    ("TEXT", None, "", r#""""#),
    ("TEXT", None, "a\"\\\u{0}\u{7f}\u{1f600}", "\"a\\\"\\\\\\u0000\u{7f}\u{1f600}\""),
    ("TEXT", None, "123", r#""123""#),
    ("BOOLEAN", None, "true", "true"),
    ("BOOLEAN", None, "false", "false"),
    ("DATE", None, "18262", r#""2020-01-01""#),
    ("DATE", None, "-719162", r#""0001-01-01""#),
    ("DATE", None, "2932897", r#""+10000-01-01""#),
    ("TIME", Some(9), "82919.000000000", r#""23:01:59""#),
    ("TIME", Some(9), "0.123456789", r#""00:00:00.123456789""#),
    ("TIME", Some(0), "0", r#""00:00:00""#),
    ("TIMESTAMP_NTZ", Some(9), "1616173619.000000000", r#""2021-03-19T17:06:59""#),
    ("TIMESTAMP_NTZ", Some(3), "1616173619.120", r#""2021-03-19T17:06:59.12""#),
    ("TIMESTAMP_NTZ", Some(9), "-0.500000000", r#""1969-12-31T23:59:59.5""#),
    ("TIMESTAMP_LTZ", Some(9), "1616173619.000000001", r#""2021-03-19T17:06:59.000000001+00:00""#),
    ("TIMESTAMP_TZ", Some(9), "1616173619.000000000 960", r#""2021-03-19T09:06:59-08:00""#),
    ("TIMESTAMP_TZ", Some(9), "1616173619.250000000 1770", r#""2021-03-19T22:36:59.25+05:30""#),
    (
        "VARIANT",
        None,
        r#"{"a":[1.10,null,12345678901234567890123]}"#,
        r#"{"a":[1.10,null,12345678901234567890123]}"#,
    ),
    ("VARIANT", None, "\"text\"", "\"text\""),
    ("VARIANT", None, "null", "null"),
    ("VARIANT", None, "undefined", r#""undefined""#),
    ("OBJECT", None, r#"{"k":"v"}"#, r#"{"k":"v"}"#),
    ("ARRAY", None, "[\n  1,\n  undefined\n]", r#""[\n  1,\n  undefined\n]""#),
    ("MAP", None, r#"{"k":1}"#, r#"{"k":1}"#),
    ("VECTOR", None, "[1.500000,-2.000000]", "[1.500000,-2.000000]"),
    ("GEOGRAPHY", None, r#"{"coordinates":[1,2],"type":"Point"}"#, r#"{"coordinates":[1,2],"type":"Point"}"#),
    ("GEOMETRY", None, "POINT(1 2)", r#""POINT(1 2)""#),
    ("BINARY", None, "00FF7F", r#""00FF7F""#),
    ("SOMETHING_NEW", Some(3), "x", r#""x""#),
];

#[tokio::test]
async fn every_type_comes_without_loss_and_null_is_null() {
    for lower in [false, true] {
        let names: Vec<String> = (0..TABLE.len()).map(|at| format!("C{at}")).collect();
        let kinds: Vec<String> = TABLE
            .iter()
            .map(|(kind, ..)| if lower { kind.to_ascii_lowercase() } else { (*kind).to_owned() })
            .collect();
        let columns: Vec<(&str, &str, Option<i64>)> = TABLE
            .iter()
            .enumerate()
            .map(|(at, column)| (names[at].as_str(), kinds[at].as_str(), column.1))
            .collect();
        let sent: Vec<&str> = TABLE.iter().map(|column| column.2).collect();
        let nulls = vec![json!(null); TABLE.len()];
        let stub = Stub::answering(vec![Reply::result(&columns, &json!([sent, nulls]))]).await;
        let rows = connected(&stub, &json!({})).query(ask("select * from t")).await.unwrap();
        let row = |values: Vec<&str>| {
            let members: Vec<String> =
                names.iter().zip(values).map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(rows[0], row(TABLE.iter().map(|column| column.3).collect()));
        assert_eq!(rows[1], row(vec!["null"; TABLE.len()]));
    }
}

#[tokio::test]
async fn columns_of_one_name_keep_their_values() {
    let columns = [("A", "FIXED", Some(0)), ("a", "TEXT", None), ("A", "TEXT", None), ("A_2", "TEXT", None)];
    let stub = Stub::answering(vec![Reply::result(&columns, &json!([["1", "x", "y", "z"]]))]).await;
    let rows = connected(&stub, &json!({})).query(ask("select * from t")).await.unwrap();
    assert_eq!(rows, [r#"{"A":1,"a":"x","A_3":"y","A_2":"z"}"#]);
}

#[tokio::test]
async fn values_and_context_are_sent_as_they_were_given() {
    let stub = Stub::answering(vec![Reply::one("1")]).await;
    let options = json!({"warehouse": "WH", "database": "Db", "schema": "s x", "role": "READER"});
    let parameters = r#"{"id": 12345678901234567890123456789012345678, "rate": 0.10, "name": "o'x", "no": null, "ok": true}"#;
    let statement =
        "select * from t where a = :id and b = :rate and c = :name and d = :no and e = :ok and f = :id;";
    connected(&stub, &json!({"options": options})).query(ask(statement).with(parameters)).await.unwrap();
    let id = json!({"type": "FIXED", "value": "12345678901234567890123456789012345678"});
    let mut sent = stub.seen()[0].json();
    sent["timeout"] = json!(0);
    let expected = json!({
        "statement": "select * from t where a = ? and b = ? and c = ? and d = ? and e = ? and f = ?",
        "timeout": 0, "warehouse": "WH", "database": "Db", "schema": "s x", "role": "READER",
        "bindings": {
            "1": id, "2": {"type": "REAL", "value": "0.10"}, "3": {"type": "TEXT", "value": "o'x"},
            "4": {"type": "TEXT", "value": null}, "5": {"type": "BOOLEAN", "value": "true"}, "6": id,
        },
        "parameters": {"rows_per_resultset": 10_001},
    });
    assert_eq!(sent, expected);
}
