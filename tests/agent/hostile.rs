//! Bodies made to hurt: each is answered, and the process goes on serving others. (A stack that overflowed would
//! end these tests with the process.)

use axum::{body::Body, http::Response};
use end_to_end::{Upstream, World};
use serde_json::json;

/// JSON text that the library's own `Value` parser reads with a fresh recursion limit at each level.
fn nested_tokens(levels: usize) -> String {
    (0..levels).fold("[".repeat(120) + &"]".repeat(120), |inner, _| {
        let quoted = json!(inner).to_string();
        let object = format!(r#"{{"$serde_json::private::RawValue":{quoted}}}"#);
        "[".repeat(120) + &object + &"]".repeat(120)
    })
}

#[tokio::test]
async fn a_body_with_embedded_json_is_a_body_like_any_other() {
    let world = World::saas().await;
    let body = format!(r#"{{"connector":"demo-crm","parameters":{}}}"#, nested_tokens(5));
    assert!(body.len() < 1024 * 1024);
    let call = world.query(&json!({})).body(body.into_bytes());
    assert_eq!(call.send().await.status, 422);
    let portal = world.portal("POST", "/api/v1/connectors").header("content-type", "application/json");
    let body = format!(r#"{{"options":{}}}"#, nested_tokens(3));
    assert!(body.len() < 64 * 1024);
    assert_eq!(portal.body(body.into_bytes()).send().await.status, 422);
    assert_eq!(world.portal("GET", "/api/v1/connectors").send().await.status, 200);
}

#[tokio::test]
async fn an_option_with_the_librarys_private_name_is_kept_and_read_back() {
    let world = World::saas().await;
    let options = json!({"x": {"A": 1, "$serde_json::private::RawValue": "x"}});
    let body = json!({
        "connector_name": "odd", "connector_type": "custom", "connection_url": "https://a.example",
        "options": options,
    });
    world.create(&body).await;
    let read = world.portal("GET", "/api/v1/connectors/odd").send().await;
    assert_eq!((read.status, &read.json()["options"]), (200, &options));
    assert_eq!(world.portal("GET", "/api/v1/connectors").send().await.status, 200);
    assert_eq!(world.portal("DELETE", "/api/v1/connectors/odd").send().await.status, 204);
}

#[tokio::test]
async fn an_upstreams_refusal_with_embedded_json_is_passed_over() {
    let world = World::saas().await;
    let refusal = nested_tokens(4);
    let upstream = Upstream::start(move |_| {
        let response = Response::builder().status(400).header("content-type", "application/json");
        response.body(Body::from(refusal.clone())).unwrap()
    })
    .await;
    let body = json!({"connector_name": "bad", "connector_type": "custom", "connection_url": upstream.url()});
    world.create(&body).await;
    assert_eq!(world.query(&json!({"connector": "bad"})).send().await.status, 422);
}

#[tokio::test]
async fn an_answer_of_great_depth_and_width_is_read_in_one_pass() {
    let world = World::saas().await;
    let upstream = Upstream::start(|seen| {
        let body = match seen.target.as_str() {
            "/deep" => r#"{"a":"#.repeat(500_000) + "1" + &"}".repeat(500_000),
            _ => format!("[{}1]", "1,".repeat(2_000_000)),
        };
        Response::builder().header("content-type", "application/json").body(Body::from(body)).unwrap()
    })
    .await;
    let path = "/a".repeat(16);
    let create = |name: &str, options: serde_json::Value| {
        json!({
            "connector_name": name, "connector_type": "custom", "connection_url": upstream.url(),
            "options": options,
        })
    };
    world.create(&create("deep", json!({ "data_path": path }))).await;
    world.create(&create("wide", json!({}))).await;
    let deep = world.query(&json!({"connector": "deep", "statement": "/deep"})).send().await;
    assert_eq!((deep.status, deep.text.contains("\"row_count\":1")), (200, true));
    let wide = world.query(&json!({"connector": "wide", "statement": "/wide", "limit": 1})).send().await;
    assert_eq!((wide.status, &wide.json()["row_count"]), (200, &json!(1)));
    let longer = create("longer", json!({ "data_path": format!("{path}/a") }));
    let refused = world.portal("POST", "/api/v1/connectors").json(&longer).send().await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/options/data_path".to_owned()]));
}

#[tokio::test]
async fn an_answer_never_grows_with_the_faults_of_a_body() {
    let world = World::saas().await;
    let spellings: serde_json::Map<_, _> = (0..1_500)
        .map(|n| {
            let spelled = "client_secret".chars().enumerate();
            let name =
                spelled.map(|(i, c)| if n >> i & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
            (name, json!(1))
        })
        .collect();
    let body = json!({"options": {"k".repeat(30_000): spellings}}).to_string();
    let large = world.portal("POST", "/api/v1/connectors").header("content-type", "application/json");
    let reply = large.body(body.into_bytes()).send().await;
    assert_eq!(reply.status, 422, "{}", reply.text);
    assert!(reply.text.len() < 64 * 1024, "{}", reply.text.len());

    let unknown: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("f{n}"), json!(1))).collect();
    let reply = world.portal("POST", "/api/v1/connectors").json(&json!(unknown)).send().await;
    assert_eq!((reply.status, reply.pointers().len()), (422, 50));

    let operation = "\u{7f}".repeat(100);
    let reply = world.query(&json!({"connector": "demo-crm", "operation": operation})).send().await;
    assert_eq!(reply.status, 422);
    let reply = world.query(&json!({"connector": "demo-crm", "operation": "x".repeat(1_000)})).send().await;
    assert_eq!((reply.status, reply.pointers()), (422, vec!["/operation".to_owned()]));
}

#[tokio::test]
async fn the_stacks_own_aws_endpoint_is_no_upstream() {
    let world = World::saas().await;
    let url = format!("http://{}", world.stack.aws);
    let options = json!({"headers": {"X-Amz-Target": "secretsmanager.GetSecretValue"}});
    let body = json!({
        "connector_name": "aws", "connector_type": "custom", "connection_url": url, "options": options,
    });
    world.create(&body).await;
    let reply = world.query(&json!({"connector": "aws"})).send().await;
    assert_eq!((reply.status, &reply.json()["stage"]), (422, &json!("egress")));
}

#[tokio::test]
async fn a_header_that_changes_the_method_or_the_connection_is_refused() {
    let world = World::saas().await;
    let upstream = Upstream::json("[]").await;
    for (n, name) in
        ["X-HTTP-Method-Override", "X-Method-Override", "TE", "Keep-Alive", "Proxy-Authorization"]
            .iter()
            .enumerate()
    {
        let connector = format!("c{n}");
        let body = json!({
            "connector_name": connector, "connector_type": "custom", "connection_url": upstream.url(),
            "options": {"headers": {*name: "DELETE"}},
        });
        world.create(&body).await;
        let reply = world.query(&json!({ "connector": connector })).send().await;
        assert_eq!(reply.status, 422, "{name}: {}", reply.text);
    }
    assert!(upstream.seen().is_empty());
}
