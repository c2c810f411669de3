//! What arrives at the upstream: the path below its base, the parameters, the record's own headers, and nothing
//! of the caller's.

use axum::http::HeaderName;
use end_to_end::{Seen, Upstream, World};
use serde_json::{Value, json};

use crate::setup::{custom, refused, rows};

async fn sent(world: &World, upstream: &Upstream, body: &Value) -> Seen {
    let before = upstream.seen().len();
    rows(&world.query(body).send().await);
    let seen = upstream.seen();
    assert_eq!(seen.len(), before + 1);
    seen.last().unwrap().clone()
}

#[tokio::test]
async fn a_statement_is_a_get_below_the_base_url() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("root", &upstream.url(), &json!({}))).await;
    world.create(&custom("based", &format!("{}/api/v2", upstream.url()), &json!({}))).await;
    for (connector, statement, target) in [
        ("root", "", "/"),
        ("root", "/orders", "/orders"),
        ("root", "orders/7?open=true", "/orders/7?open=true"),
        ("root", "/a b/ü", "/a%20b/%C3%BC"),
        ("root", "/files/a..b", "/files/a..b"),
        ("based", "", "/api/v2/"),
        ("based", "/orders", "/api/v2/orders"),
        ("based", "?q=1", "/api/v2/?q=1"),
    ] {
        let seen = sent(&world, &upstream, &json!({"connector": connector, "statement": statement})).await;
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", target), "{statement}");
    }
    let named = json!({"connector": "root", "statement": "/x", "operation": "get"});
    assert_eq!(sent(&world, &upstream, &named).await.target, "/x");
}

#[tokio::test]
async fn parameters_become_query_parameters_and_can_not_become_more() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for (statement, parameters, target) in [
        ("/o", json!({"a": "x y"}), "/o?a=x+y"),
        ("/o", json!({"a": "1&b=2#c?d=/../e"}), "/o?a=1%26b%3D2%23c%3Fd%3D%2F..%2Fe"),
        ("/o", json!({"a&b=": "\r\nX-Evil: 1"}), "/o?a%26b%3D=%0D%0AX-Evil%3A+1"),
        ("/o?q=1", json!({"n": 18_446_744_073_709_551_615_u64}), "/o?q=1&n=18446744073709551615"),
        ("/o", json!({"b": true, "l": [1, "z"], "z": null}), "/o?b=true&l=1&l=z"),
        ("/o", json!({}), "/o"),
    ] {
        let body = json!({"connector": "crm", "statement": statement, "parameters": parameters});
        assert_eq!(sent(&world, &upstream, &body).await.target, target);
    }
    let before = upstream.seen().len();
    for nested in [json!({"a": {"b": 1}}), json!({"a": [[1]]})] {
        let body = json!({"connector": "crm", "statement": "/o", "parameters": nested});
        refused(&world.query(&body).send().await, 422, "invalid-query");
    }
    assert_eq!(upstream.seen().len(), before);
}

#[tokio::test]
async fn the_records_own_headers_are_sent() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let options = json!({"headers": {"X-Api-Version": "7", "Accept": "application/vnd.api+json"}});
    world.create(&custom("crm", &upstream.url(), &json!({"options": options}))).await;
    let seen = sent(&world, &upstream, &json!({"connector": "crm"})).await;
    assert_eq!(seen.headers["x-api-version"], "7");
    assert_eq!(seen.headers.get_all("accept").iter().collect::<Vec<_>>(), ["application/vnd.api+json"]);
}

#[tokio::test]
async fn headers_that_belong_to_the_transport_can_not_be_set() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    for (index, header) in ["Host", "Content-Length", "Transfer-Encoding", "Connection"].iter().enumerate() {
        let name = format!("crm-{index}");
        let options = json!({"headers": {*header: "1"}});
        let body = custom(&name, &upstream.url(), &json!({"options": options}));
        world.create(&body).await;
        let reply = world.query(&json!({"connector": name})).send().await;
        assert_eq!(reply.status, 422, "{header}: {}", reply.text);
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn nothing_of_the_callers_own_request_reaches_the_upstream() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    let body =
        json!({"connector": "crm", "user_token": "canary-1", "options": {"headers": {"X-A": "canary-2"}}});
    let call = world.query(&body).header("x-forwarded-for", "203.0.113.9").header("cookie", "a=canary-3");
    let call =
        call.header("x-tenant-id", "tenant-a").header("user-agent", "canary-4").header("referer", "canary-5");
    rows(&call.send().await);
    let seen = upstream.seen().pop().unwrap();
    let mut names: Vec<&str> = seen.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
    assert!(!format!("{seen:?}").contains("canary"), "{seen:?}");
}
