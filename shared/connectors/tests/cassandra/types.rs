//! Every type, bound and read: what goes in as JSON comes out as the same JSON, and as what the server itself says.

use serde_json::{Value, json};

use crate::setup::{soon, world};

/// A type, a value as JSON, and the same as a CQL literal.
const SIMPLE: &[(&str, &str, &str)] = &[
    ("ascii", r#""plain""#, "'plain'"),
    ("bigint", "-9223372036854775808", "-9223372036854775808"),
    ("bigint", "9223372036854775807", "9223372036854775807"),
    ("blob", r#""0x""#, "0x"),
    ("blob", r#""0x00ff10""#, "0x00FF10"),
    ("boolean", "true", "true"),
    ("boolean", "false", "false"),
    ("date", r#""2026-07-10""#, "'2026-07-10'"),
    ("date", r#""1969-12-31""#, "'1969-12-31'"),
    ("decimal", r#""1.10""#, "1.10"),
    (
        "decimal",
        r#""-123456789012345678901234567890.000000000012345678901234567890""#,
        "-123456789012345678901234567890.000000000012345678901234567890",
    ),
    ("decimal", r#""1E-45""#, "1E-45"),
    ("decimal", r#""0.00""#, "0.00"),
    ("double", "0.1", "0.1"),
    ("double", "1.7976931348623157e+308", "1.7976931348623157E308"),
    ("double", "5e-324", "4.9E-324"),
    ("double", r#""NaN""#, "NaN"),
    ("double", r#""Infinity""#, "Infinity"),
    ("double", r#""-Infinity""#, "-Infinity"),
    ("duration", r#""1y2mo3d4h5m6s7ms8us9ns""#, "1y2mo3d4h5m6s7ms8us9ns"),
    ("duration", r#""-1mo30s""#, "-1mo30s"),
    ("float", "0.1", "0.1"),
    ("float", r#""NaN""#, "NaN"),
    ("inet", r#""10.1.2.3""#, "'10.1.2.3'"),
    ("inet", r#""2001:db8::1""#, "'2001:db8::1'"),
    ("int", "-2147483648", "-2147483648"),
    ("int", "2147483647", "2147483647"),
    ("smallint", "-32768", "-32768"),
    ("text", r#""é\n\"\\ \u0001""#, "'é\n\"\\ \u{1}'"),
    ("text", r#""""#, "''"),
    ("varchar", r#""it's""#, "'it''s'"),
    ("time", r#""19:30:00.123456789""#, "'19:30:00.123456789'"),
    ("time", r#""00:00:00.000000000""#, "'00:00:00'"),
    ("timestamp", r#""2026-07-10T19:30:00.123Z""#, "'2026-07-10 19:30:00.123+0000'"),
    ("timestamp", r#""1969-12-31T23:59:59.999Z""#, "-1"),
    ("timestamp", "9223372036854775807", "9223372036854775807"),
    ("timeuuid", r#""50554d6e-29bb-11e5-b345-feff819cdc9f""#, "50554d6e-29bb-11e5-b345-feff819cdc9f"),
    ("tinyint", "-128", "-128"),
    ("uuid", r#""123e4567-e89b-42d3-a456-426614174000""#, "123e4567-e89b-42d3-a456-426614174000"),
    (
        "varint",
        r#""170141183460469231731687303715884105728000000000000000000000001""#,
        "170141183460469231731687303715884105728000000000000000000000001",
    ),
    ("varint", r#""-1""#, "-1"),
    ("list<int>", "[3,1,3]", "[3, 1, 3]"),
    ("set<text>", r#"["a","b"]"#, "{'b', 'a'}"),
    ("map<text, varint>", r#"{"a":"1","b c":"-2"}"#, "{'a': 1, 'b c': -2}"),
    ("map<int, text>", r#"{"-3":"x","7":"y"}"#, "{-3: 'x', 7: 'y'}"),
    (
        "map<timestamp, boolean>",
        r#"{"2026-07-10T19:30:00.123Z":true}"#,
        "{'2026-07-10 19:30:00.123+0000': true}",
    ),
    ("map<frozen<list<text>>, int>", r#"{"[\"x\",\"y\"]":1}"#, "{['x', 'y']: 1}"),
    (
        "list<frozen<map<text, frozen<set<uuid>>>>>",
        r#"[{"k":["123e4567-e89b-42d3-a456-426614174000"]}]"#,
        "[{'k': {123e4567-e89b-42d3-a456-426614174000}}]",
    ),
    ("tuple<int, text, frozen<list<double>>>", "[1,null,[0.5]]", "(1, null, [0.5])"),
    ("vector<float, 3>", "[0.1,-2.0,3.5]", "[0.1, -2, 3.5]"),
    ("vector<text, 2>", r#"["a","bc"]"#, "['a', 'bc']"),
    ("frozen<address>", r#"{"street":"Elm","zip":null,"tags":["a"]}"#, "{street: 'Elm', tags: {'a'}}"),
    ("address", r#"{"street":"Elm","zip":12345,"tags":["a"]}"#, "{street: 'Elm', zip: 12345, tags: {'a'}}"),
];

#[tokio::test]
async fn every_type_comes_back_as_it_was_bound_and_as_the_server_reads_it() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TYPE {ks}.address (street text, zip int, tags frozen<set<text>>)"));
    for (number, (kind, json, literal)) in SIMPLE.iter().enumerate() {
        let kind = kind.replace("address", &format!("{ks}.address"));
        let table = format!("t{number}");
        admin.run(&format!("CREATE TABLE {ks}.{table} (k text PRIMARY KEY, v {kind})"));
        admin.run(&format!("INSERT INTO {ks}.{table} (k, v) VALUES ('literal', {literal})"));
        let given = format!(r#"{{"1": {json}}}"#);
        db.execute_with(&format!("INSERT INTO {table} (k, v) VALUES ('bound', ?)"), &given, soon())
            .await
            .unwrap();
        for key in ["literal", "bound"] {
            let row = db.row(&format!("SELECT v FROM {table} WHERE k = ?"), json!({"1": key})).await;
            assert_eq!(row, format!(r#"{{"v":{json}}}"#), "{kind} {key}");
        }
        db.execute_with(&format!("INSERT INTO {table} (k, v) VALUES ('null', :v)"), r#"{"v": null}"#, soon())
            .await
            .unwrap();
        let row = db.row(&format!("SELECT v FROM {table} WHERE k = 'null'"), json!({})).await;
        assert_eq!(row, r#"{"v":null}"#, "{kind}");
    }
}

#[tokio::test]
async fn other_spellings_of_the_same_value_are_taken() {
    let (db, mut admin, ks) = world(crate::server!());
    for (number, (kind, given, read)) in [
        ("int", "4.0", "4"),
        ("bigint", r#""9007199254740993""#, "9007199254740993"),
        ("varint", "1e3", r#""1000""#),
        ("decimal", "1.50", r#""1.50""#),
        ("double", "1", "1.0"),
        ("timestamp", r#""2026-07-10T21:30:00+02:00""#, r#""2026-07-10T19:30:00.000Z""#),
        ("timestamp", "0", r#""1970-01-01T00:00:00.000Z""#),
        ("date", "0", r#""1970-01-01""#),
        ("time", "1", r#""00:00:00.000000001""#),
        ("duration", r#""P1Y2M3DT4H5M6S""#, r#""1y2mo3d4h5m6s""#),
        ("set<int>", "[2,1,2]", "[1,2]"),
    ]
    .into_iter()
    .enumerate()
    {
        let table = format!("t{number}");
        admin.run(&format!("CREATE TABLE {ks}.{table} (k int PRIMARY KEY, v {kind})"));
        let text = format!("INSERT INTO {table} (k, v) VALUES (1, ?)");
        db.execute_with(&text, &format!(r#"{{"1": {given}}}"#), soon()).await.unwrap();
        let row = db.row(&format!("SELECT v FROM {table}"), json!({})).await;
        assert_eq!(row, format!(r#"{{"v":{read}}}"#), "{kind}");
    }
}

#[tokio::test]
async fn counters_count_and_static_columns_functions_and_json_are_read() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.c (k int PRIMARY KEY, n counter)"));
    for _ in 0..2 {
        db.execute_with("UPDATE c SET n = n + ? WHERE k = 1", r#"{"1": 4611686018427387903}"#, soon())
            .await
            .unwrap();
    }
    assert_eq!(db.row("SELECT n FROM c", json!({})).await, r#"{"n":9223372036854775806}"#);
    admin.run(&format!("CREATE TABLE {ks}.t (k int, c int, s text STATIC, v int, PRIMARY KEY (k, c))"));
    admin.run(&format!("INSERT INTO {ks}.t (k, c, s, v) VALUES (1, 2, 's', 3)"));
    let row =
        db.row("SELECT count(*), max(v) AS m, token(k), ttl(v), s, cast(v AS text) FROM t", json!({})).await;
    let row: Value = serde_json::from_str(&row).unwrap();
    assert_eq!(row["count"], 1);
    assert_eq!(row["m"], 3);
    assert_eq!(row["system.token(k)"].as_i64(), Some(-4_069_959_284_402_364_209));
    assert_eq!(row["ttl(v)"], Value::Null);
    assert_eq!(row["s"], "s");
    assert_eq!(db.row("SELECT JSON k FROM t", json!({})).await, r#"{"[json]":"{\"k\": 1}"}"#);
}

#[tokio::test]
async fn no_column_loses_its_value_to_another_of_its_name() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.t (a int PRIMARY KEY, b int)"));
    admin.run(&format!("INSERT INTO {ks}.t (a, b) VALUES (1, 2)"));
    assert_eq!(db.row("SELECT a, b AS a, b FROM t", json!({})).await, r#"{"a":1,"a_2":2,"b":2}"#);
}

#[tokio::test]
async fn an_empty_value_is_told_apart_from_null() {
    let (db, mut admin, ks) = world(crate::server!());
    admin.run(&format!("CREATE TABLE {ks}.t (a int PRIMARY KEY, b int, c int)"));
    admin.run(&format!("INSERT INTO {ks}.t (a, b) VALUES (1, blob_as_int(0x))"));
    assert_eq!(db.row("SELECT b, c FROM t", json!({})).await, r#"{"b":"","c":null}"#);
}
