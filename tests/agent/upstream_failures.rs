//! Upstream trouble, told apart: each kind has its own status, its own problem and nothing of the upstream's body
//! but a cleaned message.

use axum::http::Response;
use end_to_end::{Upstream, World};
use serde_json::{Value, json};

use crate::setup::{answer, ask, custom, raw_upstream, refused};

async fn before(upstream: &str) -> World {
    let world = World::saas().await;
    world.create(&custom("crm", upstream, &json!({}))).await;
    world
}

/// A service whose status is the path, with one body for all.
async fn statuses(body: &'static str) -> Upstream {
    Upstream::start(move |seen| answer(seen.target.trim_start_matches('/').parse().unwrap(), body)).await
}

fn detail(problem: &Value) -> &str {
    problem["detail"].as_str().unwrap()
}

#[tokio::test]
async fn refused_credentials_are_the_connectors_fault_and_not_the_callers() {
    let upstream = statuses(r#"{"message":"canary"}"#).await;
    let world = before(&upstream.url()).await;
    for status in ["401", "403"] {
        let problem = refused(&ask(&world, &format!("/{status}")).send().await, 424, "credentials-refused");
        assert_eq!(problem["stage"], "authenticate");
        assert!(detail(&problem).contains(status) && !detail(&problem).contains("canary"), "{problem}");
    }
}

#[tokio::test]
async fn a_refused_request_is_passed_on_with_the_upstreams_own_message() {
    let upstream = statuses(r#"{"message":"no such order","trace":"canary","stack":["canary"]}"#).await;
    let world = before(&upstream.url()).await;
    for status in ["400", "404", "405", "409", "410", "422", "451"] {
        let problem = refused(&ask(&world, &format!("/{status}")).send().await, 422, "upstream-refused");
        assert!(detail(&problem).contains(status) && detail(&problem).contains("no such order"), "{problem}");
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
}

#[tokio::test]
async fn an_upstreams_message_is_cleaned_and_cut() {
    for (body, expected) in [
        (r#"{"detail":"line\u000d\u000abreak\u001b[31m"}"#, Some("linebreak[31m")),
        (r#"{"error":"a"}"#, Some(": a.")),
        (r#"{"error_description":"b"}"#, Some(": b.")),
        (r#"{"title":"c"}"#, Some(": c.")),
        (r#"{"message":{"canary":1}}"#, None),
        (r#""canary""#, None),
        ("<html>canary</html>", None),
        ("", None),
    ] {
        let upstream = statuses(body).await;
        let world = before(&upstream.url()).await;
        let problem = refused(&ask(&world, "/400").send().await, 422, "upstream-refused");
        match expected {
            Some(text) => assert!(detail(&problem).contains(text), "{problem}"),
            None => assert!(!problem.to_string().contains("canary"), "{problem}"),
        }
    }
    let upstream = Upstream::start(|_| answer(400, json!({"message": "é".repeat(10_000)}).to_string())).await;
    let world = before(&upstream.url()).await;
    let problem = refused(&ask(&world, "/").send().await, 422, "upstream-refused");
    assert!(detail(&problem).chars().count() < 500, "{problem}");
}

#[tokio::test]
async fn a_rate_limit_is_passed_on_with_its_retry_after() {
    let upstream = Upstream::start(|seen| {
        let mut response = answer(429, "");
        let value = match seen.target.as_str() {
            "/seconds" => "17",
            "/date" => "Fri, 31 Dec 2027 23:59:59 GMT",
            _ => return response,
        };
        response.headers_mut().insert("retry-after", value.parse().unwrap());
        response
    })
    .await;
    let world = before(&upstream.url()).await;
    for (statement, expected) in
        [("/seconds", "17"), ("/date", "Fri, 31 Dec 2027 23:59:59 GMT"), ("/none", "1")]
    {
        let reply = ask(&world, statement).send().await;
        refused(&reply, 429, "upstream-rate-limit");
        assert_eq!(reply.header("retry-after"), expected);
    }
}

#[tokio::test]
async fn an_upstream_in_trouble_is_a_bad_gateway() {
    let upstream = statuses(r#"{"message":"canary"}"#).await;
    let world = before(&upstream.url()).await;
    for status in ["500", "501", "502", "503", "504", "599"] {
        let problem = refused(&ask(&world, &format!("/{status}")).send().await, 502, "upstream-failed");
        assert!(detail(&problem).contains(status) && !detail(&problem).contains("canary"), "{problem}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Upstream::json("[1]").await;
    let location = target.url();
    let upstream = Upstream::start(move |seen| {
        let status: u16 = seen.target.trim_start_matches('/').parse().unwrap();
        let mut response = answer(status, "");
        response.headers_mut().insert("location", location.parse().unwrap());
        response
    })
    .await;
    let world = before(&upstream.url()).await;
    for status in ["301", "302", "303", "307", "308"] {
        let problem = refused(&ask(&world, &format!("/{status}")).send().await, 502, "upstream-failed");
        assert!(detail(&problem).contains("redirect"), "{problem}");
        // Where it leads may hold a token.
        assert!(!problem.to_string().contains(&target.address.port().to_string()), "{problem}");
    }
    assert_eq!((upstream.seen().len(), target.seen().len()), (5, 0));
}

#[tokio::test]
async fn an_answer_that_is_not_what_it_says_is_an_upstreams_failure() {
    for body in ["{", "{\"canary\":}", "[1,]", "canary", "[1][2]", "NaN"] {
        let upstream = Upstream::json(body).await;
        let world = before(&upstream.url()).await;
        let problem = refused(&ask(&world, "/").send().await, 502, "upstream-failed");
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
    let binary = Upstream::start(|_| Response::new(vec![0xff_u8, 0xfe].into())).await;
    let world = before(&binary.url()).await;
    refused(&ask(&world, "/").send().await, 502, "upstream-failed");
}

#[tokio::test]
async fn an_answer_without_the_data_path_is_an_upstreams_failure() {
    let (world, upstream) = (World::saas().await, Upstream::json(r#"{"items":[]}"#).await);
    world.create(&custom("crm", &upstream.url(), &json!({"options": {"data_path": "/data"}}))).await;
    let problem = refused(&ask(&world, "/").send().await, 502, "upstream-failed");
    assert!(detail(&problem).contains("/data"), "{problem}");
    let wrong = custom("wrong", &upstream.url(), &json!({"options": {"data_path": "items"}}));
    let reply = world.portal("POST", "/api/v1/connectors").json(&wrong).send().await;
    assert_eq!((reply.status, reply.pointers()), (422, vec!["/options/data_path".to_owned()]));
}

#[tokio::test]
async fn a_service_that_breaks_off_or_speaks_no_http_is_an_upstreams_failure() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
    ] {
        let address = raw_upstream(bytes).await;
        let world = before(&format!("http://{address}")).await;
        let problem = refused(&ask(&world, "/").send().await, 502, "upstream-unreachable");
        assert_eq!(problem["stage"], "response", "{problem}");
    }
}
