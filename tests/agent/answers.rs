//! From an upstream's answer to rows, and the frame around them.

use axum::{body::Body, http::Response};
use end_to_end::{Upstream, World};
use serde_json::{Value, json};

use crate::setup::{ask, crm, custom, rows};

#[tokio::test]
async fn the_shape_of_the_answer_decides_the_rows() {
    let upstream = Upstream::start(|seen| {
        let (kind, body) = match seen.target.as_str() {
            "/array" => ("application/json", r#" [{"a":1}, 2, "x", null, [3]] "#),
            "/object" => ("application/json; charset=utf-8", r#"{"a":{"b":[1]}}"#),
            "/number" => ("application/json", "7"),
            "/null" => ("application/json", "null"),
            "/empty-array" => ("application/json", "[]"),
            "/empty" => ("application/json", ""),
            "/blank" => ("application/json", " \n "),
            "/vendor" => ("application/vnd.api+json", "[1]"),
            "/text" => ("text/plain", "says \"hi\"\n"),
            "/html" => ("text/html", "<b>[1]</b>"),
            _ => ("", "[1]"),
        };
        Response::builder().header("content-type", kind).body(Body::from(body)).unwrap()
    });
    let (world, upstream) = (World::saas().await, upstream.await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for (statement, expected) in [
        ("/array", json!([{"a": 1}, 2, "x", null, [3]])),
        ("/object", json!([{"a": {"b": [1]}}])),
        ("/number", json!([{"body": 7}])),
        ("/null", json!([])),
        ("/empty-array", json!([])),
        ("/empty", json!([])),
        ("/blank", json!([])),
        ("/vendor", json!([1])),
        ("/text", json!([{"body": "says \"hi\"\n"}])),
        ("/html", json!([{"body": "<b>[1]</b>"}])),
        ("/unnamed", json!([{"body": "[1]"}])),
    ] {
        assert_eq!(rows(&ask(&world, statement).send().await), expected, "{statement}");
    }
}

#[tokio::test]
async fn an_answer_without_content_has_no_rows() {
    let upstream = Upstream::start(|_| Response::builder().status(204).body(Body::empty()).unwrap()).await;
    let world = World::saas().await;
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    assert_eq!(rows(&ask(&world, "/").send().await), json!([]));
}

#[tokio::test]
async fn a_data_path_finds_the_rows_inside_the_answer() {
    let upstream = Upstream::json(r#"{"data":{"it/ems":[{"n":1},{"n":2}],"one":{"n":3}},"next":null}"#).await;
    let world = World::saas().await;
    for (name, path, expected) in [
        ("list", "/data/it~1ems", json!([{"n": 1}, {"n": 2}])),
        ("one", "/data/one", json!([{"n": 3}])),
        ("leaf", "/data/it~1ems/1/n", json!([{"body": 2}])),
        ("nothing", "/next", json!([])),
    ] {
        let options = json!({"options": {"data_path": path}});
        world.create(&custom(name, &upstream.url(), &options)).await;
        assert_eq!(rows(&world.query(&json!({"connector": name})).send().await), expected, "{path}");
    }
}

#[tokio::test]
async fn numbers_keep_every_digit_that_the_upstream_sent() {
    let sent = r#"[{"price":1.00,"id":12345678901234567890123,"tiny":1e-400,"zero":-0.0,"order":["z","a"]}]"#;
    let (world, _upstream) = crm(sent).await;
    let reply = ask(&world, "/").send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.contains(&format!("\"data\":{sent}")), "{}", reply.text);
}

#[tokio::test]
async fn text_comes_through_as_sent_whatever_its_script() {
    let sent = r#"[{"ключ":"価格 \u00e9 \ud83d\ude00 \"q\" \\ /"}]"#;
    let (world, _upstream) = crm(sent).await;
    let reply = ask(&world, "/").send().await;
    assert!(reply.text.contains(&format!("\"data\":{sent}")), "{}", reply.text);
    assert_eq!(rows(&reply)[0]["ключ"], "価格 é 😀 \"q\" \\ /");
}

#[tokio::test]
async fn the_frame_says_what_was_asked_and_what_governance_did() {
    let (world, _upstream) = crm(r#"[{"a":1},{"a":2}]"#).await;
    let reply = ask(&world, "/").send().await;
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "private, no-cache");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let mut body = reply.json();
    for took in ["/duration_ms", "/policy_info/processing_time_ms"] {
        let value = body.pointer_mut(took).unwrap();
        assert!(value.is_u64(), "{took}");
        *value = Value::Null;
    }
    // As Lambda carries them: 7 characters, 2 quotes escaped and a comma, for each of two rows.
    let bytes = 2 * (7 + 2 + 1);
    let expected = json!({
        "success": true, "connector": "crm", "data": [{"a": 1}, {"a": 2}], "row_count": 2, "duration_ms": null,
        "redacted": false,
        "policy_info": {
            "policies_evaluated": 4, "blocked": false, "redactions_applied": 0, "processing_time_ms": null,
            "matched_policies": [],
            "exfiltration_check": {
                "exceeded": false, "limit_type": "none", "rows_returned": 2, "row_limit": 10_000,
                "bytes_returned": bytes, "byte_limit": 5 * 1024 * 1024,
            },
        },
    });
    assert_eq!(body, expected);
}
