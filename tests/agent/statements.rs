//! A statement can't leave the base URL that the platform team wrote down: the upstream's own log is the proof.

use end_to_end::{Upstream, World};
use serde_json::{Value, json};

use crate::setup::{custom, refused};

const ESCAPES: [&str; 21] = [
    "..",
    "/..",
    "/../admin",
    "/a/../../admin",
    "/./../admin",
    "/%2e%2e/admin",
    "/%2E./admin",
    "/.%2e/admin",
    "/a/..%2f..%2fadmin",
    "/a%2f..%2f..%2fadmin",
    "/%252e%252e/admin",
    "/%252e%252e%252fadmin",
    "\\..\\admin",
    "/..\\admin",
    "/a%5c..%5cadmin",
    "//evil.example/x",
    "///evil.example/x",
    "https://evil.example/x",
    "HTTPS:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
];

#[tokio::test]
async fn a_statement_that_climbs_or_names_a_host_is_refused_and_nothing_is_sent() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("based", &format!("{}/api/v2", upstream.url()), &json!({}))).await;
    world.create(&custom("root", &upstream.url(), &json!({}))).await;
    for statement in ESCAPES {
        for connector in ["based", "root"] {
            let body = json!({"connector": connector, "statement": statement});
            let problem = refused(&world.query(&body).send().await, 422, "invalid-query");
            assert!(problem["detail"].as_str().unwrap().contains("base URL"), "{statement}: {problem}");
            assert!(upstream.seen().is_empty(), "{statement}: {:?}", upstream.seen());
        }
    }
}

#[tokio::test]
async fn a_statement_can_not_reach_another_service_of_the_same_machine() {
    let (world, upstream, other) =
        (World::saas().await, Upstream::json("[]").await, Upstream::json("[1]").await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    let url = other.url();
    for statement in [
        url.clone(),
        format!("//{}", other.address),
        format!("/{url}/../.."),
        format!("@{}", other.address),
        format!("/\\{}", other.address),
        format!("\\\\{}", other.address),
        format!(":{}/x", other.address.port()),
    ] {
        world.query(&json!({"connector": "crm", "statement": statement})).send().await;
        let by_parameter = json!({"connector": "crm", "statement": "/", "parameters": {"url": statement}});
        world.query(&by_parameter).send().await;
    }
    assert!(other.seen().is_empty(), "{:?}", other.seen());
    assert!(upstream.seen().iter().all(|seen| seen.target.starts_with('/')));
}

#[tokio::test]
async fn fragments_and_control_characters_are_refused() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for statement in [
        "/a#b",
        "/a?b#c",
        "/a\r\nHost: evil",
        "/a\nX-Evil: 1",
        "/a%0d%0aX-Evil:%201",
        "/a\0b",
        "/a%00b",
        "/a\tb",
    ] {
        refused(&ask(&world, statement).await, 422, "invalid-query");
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
}

async fn ask(world: &World, statement: &str) -> end_to_end::Reply {
    let body: Value = json!({"connector": "crm", "statement": statement});
    world.query(&body).send().await
}

#[tokio::test]
async fn a_query_string_can_not_add_a_header_or_a_second_request() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    ask(&world, "/a?b=1\r\nX-Evil: 1\r\n\r\nGET /admin HTTP/1.1").await;
    for seen in upstream.seen() {
        assert!(seen.target.starts_with("/a?") && !seen.headers.contains_key("x-evil"), "{seen:?}");
    }
    assert!(upstream.seen().len() <= 1);
}
