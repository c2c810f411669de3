//! The body of a query: what is refused, by what name, and what is let pass.

use end_to_end::{Call, World};
use serde_json::{Value, json};

use crate::setup::{ask, crm, refused, rows};

const LIMIT: usize = 1024 * 1024;

fn raw(world: &World) -> Call {
    let license = world.stack.identity.license("tenant-a");
    world.agent("POST", "/mcp/resources/query").header("x-license-key", license)
}

fn raw_json(world: &World, body: impl Into<Vec<u8>>) -> Call {
    raw(world).header("content-type", "application/json").body(body)
}

#[tokio::test]
async fn every_fault_is_named_by_its_pointer_at_once() {
    let (world, upstream) = crm("[]").await;
    let body = json!({
        "statement": 1, "operation": [], "parameters": "x", "limit": 0, "timeout": "soon", "tenant_id": {},
    });
    let reply = world.query(&body).send().await;
    let problem = refused(&reply, 422, "invalid-body");
    let all = ["/connector", "/limit", "/operation", "/parameters", "/statement", "/tenant_id", "/timeout"];
    assert_eq!(reply.pointers(), all);
    for fault in problem["errors"].as_array().unwrap() {
        assert!(fault["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{fault}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn one_wrong_value_is_one_fault() {
    let (world, _upstream) = crm("[]").await;
    for (name, values) in [
        ("connector", json!([1, null, ["crm"]])),
        ("limit", json!([-1, 0, 1.5, "5", true])),
        ("parameters", json!([[], "a", 1])),
        ("statement", json!([1, {}, []])),
        ("operation", json!([1, {}])),
        ("tenant_id", json!([1, ["tenant-a"]])),
    ] {
        for value in values.as_array().unwrap() {
            let mut body = json!({"connector": "crm", "statement": "/"});
            body[name] = value.clone();
            let reply = world.query(&body).send().await;
            if name == "connector" && value.is_null() {
                // A null is an absent value, and this one must be there.
                assert_ne!(reply.status, 200, "{}", reply.text);
                continue;
            }
            refused(&reply, 422, "invalid-body");
            assert_eq!(reply.pointers(), [format!("/{name}")], "{value}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_one_fault_at_the_root() {
    let world = World::saas().await;
    for body in ["[]", "1", "null", "\"crm\"", "true"] {
        let reply = raw_json(&world, body).send().await;
        refused(&reply, 422, "invalid-body");
        assert_eq!(reply.pointers(), [""], "{body}");
    }
}

#[tokio::test]
async fn malformed_json_is_a_bad_request_that_quotes_none_of_it() {
    let world = World::saas().await;
    for body in [
        &b""[..],
        b"{",
        b"{\"connector\": hunter2}",
        b"{\"connector\":\"hunter2\"",
        b"hunter2",
        b"{}{}",
        b"\xff\xfe",
        b"{'hunter2':1}",
        b"{\"a\":\"\x01\"}",
    ] {
        let reply = raw_json(&world, body).send().await;
        refused(&reply, 400, "bad-request");
        assert!(!reply.text.contains("hunter2"), "{}", reply.text);
    }
    let deep = "[".repeat(100_000);
    refused(&raw_json(&world, deep).send().await, 400, "bad-request");
}

#[tokio::test]
async fn a_mebibyte_is_accepted_and_one_byte_more_is_not() {
    let (world, upstream) = crm("[]").await;
    let sized = |size: usize| {
        let head = r#"{"connector":"crm","statement":"/","padding":""#;
        let body = format!("{head}{}\"}}", "x".repeat(size - head.len() - 2));
        assert_eq!(body.len(), size);
        raw_json(&world, body)
    };
    rows(&sized(LIMIT).send().await);
    let problem = refused(&sized(LIMIT + 1).send().await, 413, "body-too-large");
    assert!(problem["detail"].as_str().unwrap().contains(&LIMIT.to_string()), "{problem}");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn the_body_must_say_that_it_is_json() {
    let (world, upstream) = crm("[]").await;
    let body = r#"{"connector":"crm","statement":"/"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", ""] {
        refused(&raw(&world).header("content-type", kind).body(body).send().await, 415, "not-json");
    }
    refused(&raw(&world).body(body).send().await, 415, "not-json");
    assert!(upstream.seen().is_empty());
    for kind in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.axonflow+json"] {
        rows(&raw(&world).header("content-type", kind).body(body).send().await);
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored_because_existing_clients_send_them() {
    let (world, _upstream) = crm(r#"[{"a":1}]"#).await;
    let body = json!({
        "connector": "crm", "statement": "/", "client_id": 1, "user_token": ["x"], "license_key": "AXON-x",
        "options": {"limit": 1}, "anything": null,
    });
    assert_eq!(rows(&world.query(&body).send().await), json!([{"a": 1}]));
}

#[tokio::test]
async fn optional_fields_may_be_null() {
    let (world, _upstream) = crm("[]").await;
    let body = json!({
        "connector": "crm", "statement": null, "operation": null, "parameters": null, "limit": null,
        "timeout": null, "tenant_id": null,
    });
    rows(&world.query(&body).send().await);
}

#[tokio::test]
async fn a_timeout_is_a_duration_with_its_unit() {
    let (world, _upstream) = crm("[]").await;
    let with = |timeout: Value| world.query(&json!({"connector": "crm", "timeout": timeout}));
    for good in ["30s", "5000ms", "1m30s", "2m", "1h", "10.5s", "876000h"] {
        let reply = with(json!(good)).send().await;
        assert_eq!(reply.status, 200, "{good}: {}", reply.text);
    }
    for bad in [
        json!("0s"),
        json!("-5s"),
        json!("5"),
        json!(""),
        json!("s"),
        json!("5 parsecs"),
        json!(5),
        json!({}),
    ] {
        let reply = with(bad.clone()).send().await;
        refused(&reply, 422, "invalid-body");
        assert_eq!(reply.pointers(), ["/timeout"], "{bad}");
    }
}

#[tokio::test]
async fn a_name_that_no_connector_can_have_is_one_that_does_not_exist() {
    let (world, _upstream) = crm("[]").await;
    rows(&ask(&world, "/").send().await);
    for name in
        ["no-such", "CRM", " crm", "crm ", "", "../crm", "crm#x", "tenant-a#crm", "cache", "refresh", "ü"]
    {
        let reply = world.query(&json!({"connector": name})).send().await;
        refused(&reply, 404, "connector-not-found");
    }
    refused(&world.query(&json!({"connector": "c".repeat(64)})).send().await, 404, "connector-not-found");
}
