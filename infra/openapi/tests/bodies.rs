//! The portal's schemas of bodies and its parsers say the same about the same value: what one takes the other takes.
//! Where JSON Schema can't say a rule, the case stands in a list of its own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect fails"
)]

use jiff::Timestamp;
use jsonschema::Validator;
use model::{
    connector_type::ConnectorType,
    draft::Draft,
    ids::TenantId,
    patch::Patch,
    record::ConnectorRecord,
    rules::{DeploymentMode, PortalRules},
    vendor_options::{self, Rule, TEXT_CHARS, WORD_BYTES},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/a/db";

/// The widest deployment.
fn rules() -> PortalRules {
    let extra_types = vec![ConnectorType::Hubspot, ConnectorType::Jira, ConnectorType::Servicenow];
    PortalRules {
        mode: DeploymentMode::Invpc,
        allow: "127.0.0.1, *.corp.example".parse().unwrap(),
        extra_types,
    }
}

fn validator(name: &str) -> Validator {
    let document = serde_json::to_value(openapi::portal()).unwrap();
    let schema =
        json!({ "$ref": format!("#/components/schemas/{name}"), "components": document["components"] });
    jsonschema::draft202012::options().build(&schema).unwrap()
}

/// A body that every parser takes, for a type.
fn body(kind: ConnectorType) -> Value {
    let url = match kind {
        ConnectorType::Postgres => "postgres://db.example.com/app",
        ConnectorType::Cassandra => "cassandra://n1.example.com/orders",
        _ => "https://api.example.com",
    };
    json!({ "connector_name": "a", "connector_type": kind, "connection_url": url })
}

fn parsed(body: &Value) -> Result<Draft, String> {
    Draft::parse(body, &rules()).map_err(|faults| format!("{faults:?}"))
}

/// Asserts that schema and parser agree on a body, and gives what they say.
fn agreed(schema: &Validator, body: &Value) -> bool {
    let (parsed, valid) = (parsed(body), schema.is_valid(body));
    assert_eq!(parsed.is_ok(), valid, "{body}: the parser says {:?}", parsed.err());
    valid
}

#[test]
fn a_draft_is_judged_alike_field_by_field() {
    let schema = validator("ConnectorDraft");
    let long = |n: usize| json!("ä".repeat(n));
    let values: &[(&str, Vec<Value>, Vec<Value>)] = &[
        (
            "tenant_id",
            vec![json!("T-1._"), json!("t".repeat(100)), json!(null)],
            vec![json!(""), json!(".t"), json!("t".repeat(101)), json!(1)],
        ),
        (
            "connector_name",
            vec![json!("0_-"), json!("a".repeat(63)), json!("cached")],
            vec![
                json!("A"),
                json!("cache"),
                json!("refresh"),
                json!("a\n"),
                json!("a".repeat(64)),
                json!(null),
            ],
        ),
        (
            "display_name",
            vec![json!(" a "), long(255), json!(null)],
            vec![json!(""), json!(" \t\u{a0}"), long(256), json!([])],
        ),
        ("description", vec![json!(""), long(2_000), json!(null)], vec![long(2_001), json!({})]),
        (
            "credentials_secret_arn",
            vec![
                json!(ARN),
                json!(null),
                json!("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a"),
                json!("arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a"),
                json!(format!("{ARN}/...maske")),
            ],
            vec![
                json!("arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/...masked"),
                json!("arn:aws:secretsmanager:cn-north-1:123456789012:secret:a"),
                json!("arn:aws:secretsmanager:us-gov-west-1:123456789012:secret:a"),
                json!("arn:aws-cn:secretsmanager:us-east-1:123456789012:secret:a"),
                json!("arn:aws:secretsmanager:us-1:123456789012:secret:a"),
                json!(format!("{ARN} ")),
                json!(format!("{ARN}{}", "n".repeat(519))),
                json!(7),
            ],
        ),
        (
            "timeout_ms",
            vec![json!(100), json!(120_000), json!(500.0), json!(null)],
            vec![json!(99), json!(120_001), json!(500.5), json!("500")],
        ),
        ("max_retries", vec![json!(0), json!(10), json!(null)], vec![json!(-1), json!(11)]),
        ("enabled", vec![json!(false), json!(null)], vec![json!("true"), json!(0)]),
        (
            "options",
            vec![
                json!({}),
                json!(null),
                json!({"read_only": true, "allowed_operations": ["get_*"], "note": {"a": [{"b": null}]}}),
            ],
            vec![
                json!([]),
                json!({"read_only": null}),
                json!({"allowed_operations": [""]}),
                json!({"allowed_operations": "get"}),
                json!({"Password": 1}),
                json!({"a": [{"b": {"API-Key": 1}}]}),
                json!({"authorization": {}}),
            ],
        ),
        ("colour", vec![], vec![json!("red")]),
        ("version", vec![], vec![json!(1)]),
    ];
    for kind in ConnectorType::ALL {
        assert!(agreed(&schema, &body(kind)));
        for (field, good, bad) in values {
            for (value, expected) in good.iter().map(|v| (v, true)).chain(bad.iter().map(|v| (v, false))) {
                let mut body = body(kind);
                body[*field] = value.clone();
                assert_eq!(agreed(&schema, &body), expected, "{body}");
            }
        }
    }
}

#[test]
fn what_a_type_asks_for_the_schema_asks_for() {
    let schema = validator("ConnectorDraft");
    for kind in ConnectorType::ALL {
        let mut body = body(kind);
        body["connection_url"] = json!(null);
        assert_eq!(agreed(&schema, &body), !kind.requires_connection_url());
        body.as_object_mut().unwrap().remove("connection_url");
        assert_eq!(agreed(&schema, &body), !kind.requires_connection_url());
        body["options"] = json!({"blocked_operations": ["GET"]});
        body["connection_url"] = self::body(kind)["connection_url"].clone();
        assert_eq!(agreed(&schema, &body), kind.blocked_is_configurable());
    }
    assert!(!agreed(&schema, &json!({})) && !agreed(&schema, &json!([])) && !agreed(&schema, &json!(null)));
    assert!(!agreed(&schema, &json!({"connector_name": "a", "connector_type": "oracle"})));
}

#[test]
fn options_that_a_type_knows_are_judged_alike() {
    let schema = validator("ConnectorDraft");
    let custom: &[(&str, Vec<Value>, Vec<Value>)] = &[
        ("auth_type", vec![json!("none"), json!("basic")], vec![json!("bearr"), json!(null)]),
        ("oauth2_client_auth", vec![json!("body")], vec![json!("jwt")]),
        ("api_key_header", vec![json!("X-Crm_Key")], vec![json!(""), json!("a b"), json!(1)]),
        ("ca_pem", vec![json!("x")], vec![json!(1)]),
        (
            "data_path",
            vec![json!(""), json!("/a/0"), json!("/a".repeat(16)), json!(format!("/{}", "ä".repeat(255)))],
            vec![json!("a"), json!("/a".repeat(17)), json!(format!("/{}", "ä".repeat(256))), json!(null)],
        ),
        (
            "headers",
            vec![json!({}), json!({"X-A": "b\tc"})],
            vec![
                json!([]),
                json!({"X-A": 1}),
                json!({"X A": ""}),
                json!({"X-A": "ä"}),
                json!({"Cookie": "a"}),
                json!({"x-api-KEY": "a"}),
                json!({"Authorization": "a"}),
            ],
        ),
        (
            "health_path",
            vec![json!(""), json!("/a:b"), json!("a?b=c:d"), json!("/a..b/..c"), json!("/a%20ä")],
            vec![
                json!("//a"),
                json!("a:b"),
                json!("/.."),
                json!("../a"),
                json!("/a/ ..;x/b"),
                json!("/a#"),
                json!("/a?b#c"),
                json!("/a\n"),
                json!("\\a"),
                json!(5),
            ],
        ),
    ];
    let postgres: &[(&str, Vec<Value>, Vec<Value>)] = &[
        ("ca_pem", vec![json!("x")], vec![json!(null)]),
        ("pool_size", vec![json!(1), json!(10.0)], vec![json!(0), json!(11), json!(1.5), json!("1")]),
    ];
    let snowflake: &[(&str, Vec<Value>, Vec<Value>)] = &[
        ("auth_type", vec![json!("key_pair"), json!("oauth")], vec![json!("password"), json!(null)]),
        ("oauth2_client_auth", vec![json!("body")], vec![json!("jwt")]),
        ("ca_pem", vec![json!("x")], vec![json!(null)]),
        ("warehouse", vec![json!("WH"), json!("ä".repeat(255))], vec![json!(""), json!("ä".repeat(256))]),
        ("database", vec![json!("my db")], vec![json!("a\nb"), json!(1)]),
        ("schema", vec![json!("PUBLIC")], vec![json!("a\u{7f}"), json!(null)]),
        ("role", vec![json!("\"r\"")], vec![json!("\u{0}"), json!(["R"])]),
    ];
    for (kind, options) in [
        (ConnectorType::Custom, custom),
        (ConnectorType::Postgres, postgres),
        (ConnectorType::Snowflake, snowflake),
    ] {
        for (name, good, bad) in options {
            for (value, expected) in good.iter().map(|v| (v, true)).chain(bad.iter().map(|v| (v, false))) {
                let mut body = body(kind);
                body["options"] = json!({ *name: value });
                assert_eq!(agreed(&schema, &body), expected, "{body}");
            }
        }
    }
}

/// Every option of every vendor, by its rule.
#[test]
fn the_schema_takes_the_vendors_options_that_the_parser_takes() {
    let schema = validator("ConnectorDraft");
    let long = |chars: usize| json!("a".repeat(chars));
    for kind in ConnectorType::ALL {
        for option in vendor_options::of(kind) {
            let (good, mut bad) = match option.rule {
                Rule::OneOf(words) => (words.iter().map(|word| json!(word)).collect(), vec![json!("other")]),
                Rule::Text => (
                    vec![json!("a b/ä"), long(TEXT_CHARS)],
                    vec![json!(""), long(TEXT_CHARS + 1), json!("a\n")],
                ),
                Rule::Word => (
                    vec![json!("66.0"), json!("-a_b"), long(WORD_BYTES)],
                    vec![
                        json!(""),
                        json!("."),
                        json!(".a"),
                        json!("a/b"),
                        json!("a b"),
                        json!("ä"),
                        long(WORD_BYTES + 1),
                    ],
                ),
                Rule::Certificate => (vec![json!("x")], Vec::new()),
            };
            bad.extend([json!(null), json!(7), json!(["a"])]);
            let good: Vec<Value> = good;
            for (value, expected) in good.iter().map(|v| (v, true)).chain(bad.iter().map(|v| (v, false))) {
                let mut body = body(kind);
                body["options"] = json!({ option.name: value });
                assert_eq!(agreed(&schema, &body), expected, "{body}");
            }
        }
    }
}

/// What the parser alone can refuse.
#[test]
fn the_schema_leaves_to_the_parser_what_it_cannot_say() {
    let schema = validator("ConnectorDraft");
    let nested = (0..9).fold(json!(1), |inner, _| json!({ "a": inner }));
    for (field, value) in [
        ("connection_url", json!("http://api.example.com")),
        ("connection_url", json!("https://[::1::]")),
        ("connection_url", json!("https://xn--a.example")),
        ("options", json!({"a": "x".repeat(16 * 1024)})),
        ("options", nested),
        ("options", json!({"auth_typ": "none"})),
        ("options", json!({"health_path": "/%2e%2e/a"})),
        ("options", json!({"health_path": "/a?token=x"})),
        ("options", json!({"note": {"headers": {"Cookie": "x"}}})),
    ] {
        let mut body = body(ConnectorType::Custom);
        body[field] = value;
        assert!(schema.is_valid(&body) && parsed(&body).is_err(), "{body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn urls_are_judged_alike(
        kind in prop::sample::select(&ConnectorType::ALL[..]),
        scheme in "(https|http|postgres|postgresql|cassandra|HTTPS|ftp)?(://|:/|:)?",
        host in "[a-zA-Z0-9.:@%_,ä\\\\-]{0,12}|(127\\.0\\.0\\.1|db\\.corp\\.example|1\\.2\\.3\\.256|a|a\\.b\\.|0x7f\\.1)(:[0-9]{0,5})?",
        path in "(/[a-z0-9._%@ \\\\-]{0,6}){0,2}(\\?(sslmode=(verify-full|require|disable|prefer)?)?)?(#|&a)?",
    ) {
        thread_local!(static SCHEMA: Validator = validator("ConnectorDraft"));
        let mut body = body(kind);
        body["connection_url"] = json!(format!("{scheme}{host}{path}"));
        let parsed = parsed(&body);
        // Which hosts a deployment opens, and what punycode says, no schema knows.
        let left_to_the_parser = |why: &String| why.contains("EGRESS_ALLOW") || why.contains("domain name");
        if !parsed.as_ref().is_err_and(left_to_the_parser) {
            let valid = SCHEMA.with(|schema| schema.is_valid(&body));
            prop_assert_eq!(parsed.is_ok(), valid, "{}: the parser says {:?}", body, parsed.err());
        }
    }
}

fn record() -> ConnectorRecord {
    let mut body = body(ConnectorType::Postgres);
    body["credentials_secret_arn"] = json!(ARN);
    body["description"] = json!("text");
    parsed(&body).unwrap().into_record(TenantId::parse("t").unwrap(), Uuid::nil(), Timestamp::UNIX_EPOCH)
}

#[test]
fn what_an_update_takes_its_schema_takes() {
    let (schema, record) = (validator("ConnectorChange"), record());
    let whole = serde_json::to_value(record.view()).unwrap();
    let cleared = json!({
        "display_name": null, "description": null, "options": null, "credentials_secret_arn": null, "timeout_ms": null,
        "max_retries": null, "enabled": null, "last_error": null, "last_health_check": null,
    });
    let changed = json!({
        "display_name": "a", "timeout_ms": 100, "options": {"pool_size": 4}, "credentials_secret_arn": ARN,
        "connection_url": "postgres://127.0.0.1/app?sslmode=disable",
    });
    for body in [json!({}), whole, cleared, changed] {
        assert!(Patch::parse(&body, &record, &rules()).is_ok() && schema.is_valid(&body), "{body}");
    }
    for body in [json!([]), json!({"colour": 1}), json!({"options": {"token": 1}}), json!({"timeout_ms": 99})]
    {
        assert!(Patch::parse(&body, &record, &rules()).is_err() && !schema.is_valid(&body), "{body}");
    }
}

#[test]
fn a_record_is_what_the_document_says_it_is() {
    let schema = validator("Connector");
    assert!(schema.is_valid(&serde_json::to_value(record().view()).unwrap()));
    let bare = parsed(&json!({"connector_name": "a", "connector_type": "slack"})).unwrap();
    let bare = bare.into_record(TenantId::parse("t").unwrap(), Uuid::nil(), Timestamp::UNIX_EPOCH);
    assert!(schema.is_valid(&serde_json::to_value(bare.view()).unwrap()));
}

#[test]
fn every_example_of_a_body_is_taken() {
    let document = serde_json::to_value(openapi::portal()).unwrap();
    let examples = |pointer: &str| {
        let body = document.pointer(pointer).unwrap();
        let examples = body["requestBody"]["content"]["application/json"]["examples"].as_object().unwrap();
        examples.values().map(|example| example["value"].clone()).collect::<Vec<_>>()
    };
    let (create, update) = (
        examples("/paths/~1api~1v1~1connectors/post"),
        examples("/paths/~1api~1v1~1connectors~1{connectorName}/put"),
    );
    assert!(create.len() >= 3 && update.len() >= 3);
    let schema = validator("ConnectorDraft");
    assert!(create.iter().all(|body| agreed(&schema, body)));
    let schema = validator("ConnectorChange");
    assert!(
        update.iter().all(|body| schema.is_valid(body) && Patch::parse(body, &record(), &rules()).is_ok())
    );
}
