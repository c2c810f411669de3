//! Bodies of the portal: each field right, wrong or absent.

use model::connector_type::ConnectorType;
use properties::{connection_url, record};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::config;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn url() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-z0-9_-]{1,6}(\\.[a-z0-9_-]{1,6}){0,3}\\.?",
        Just("127.0.0.1".to_owned()),
        Just("169.254.169.254".to_owned()),
        Just("2130706433".to_owned()),
        Just("[::ffff:a9fe:a9fe]".to_owned()),
        Just("[::1]".to_owned()),
        Just("db.corp.example".to_owned()),
        Just("0x7f.1".to_owned()),
        Just("u:p@a.example".to_owned()),
        Just("ａ.example".to_owned()),
    ];
    let scheme = prop_oneof!["https", "http", "postgres", "postgresql", "cassandra", "HTTPS", "ftp"];
    let port = prop_oneof![3 => Just(String::new()), 1 => ":[0-9]{0,6}"];
    let path = prop_oneof![
        Just(String::new()),
        "/[a-z_]{0,8}",
        "/[a-z%./?#=]{0,10}",
        Just("/db?sslmode=disable".to_owned())
    ];
    (scheme, host, port, path).prop_map(|(scheme, host, port, path)| format!("{scheme}://{host}{port}{path}"))
}

fn body() -> impl Strategy<Value = Value> {
    let or_any = |value: BoxedStrategy<Value>| {
        prop::option::weighted(0.7, prop_oneof![6 => value, 1 => any_json().boxed()])
    };
    let kind = prop::sample::select(ConnectorType::ALL.to_vec());
    let number = (0_u32..130_000).prop_map(Value::from);
    let float = (0_u32..12).prop_map(|number| Value::from(f64::from(number)));
    let arn = "arn:aws:secretsmanager:eu-central-1:[0-9]{12}:secret:[a-z/]{1,12}(\\.\\.\\.masked)?";
    (
        kind,
        "[a-z0-9_-]{1,8}",
        or_any(url().prop_map(Value::from).boxed()),
        or_any(
            prop::collection::btree_map("(read_only|password|a|api_version|role)", any_json(), 0..3)
                .prop_map(|map| map.into_iter().collect())
                .boxed(),
        ),
        or_any(arn.prop_map(Value::from).boxed()),
        or_any(number.boxed()),
        or_any(float.boxed()),
        or_any("\\PC{0,20}".prop_map(Value::from).boxed()),
    )
        .prop_map(|(kind, name, url, options, arn, timeout, retries, display)| {
            let mut body = Map::new();
            body.insert("connector_name".into(), name.into());
            body.insert("connector_type".into(), json!(kind));
            let fields = [
                ("connection_url", url),
                ("options", options),
                ("credentials_secret_arn", arn),
                ("timeout_ms", timeout),
                ("max_retries", retries),
                ("display_name", display),
            ];
            body.extend(fields.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?))));
            Value::Object(body)
        })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_the_portal_takes_reads_back(body in body()) {
        record::check(body.to_string().as_bytes());
    }

    #[test]
    fn a_url_names_one_host(kind in prop::sample::select(ConnectorType::ALL.to_vec()), url in url()) {
        connection_url::check(format!("{}\n{url}", kind.as_str()).as_bytes());
    }
}
