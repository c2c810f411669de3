//! `POST /mcp/tools/execute`: what a write sends, what comes back, and what keeps it from being sent.

use axum::http::Response;
use end_to_end::{Upstream, World, secret, token};
use serde_json::{Value, json};

use crate::setup::{answer, crm, custom, refused, rows};

const EXECUTE: &str = "/mcp/tools/execute";

fn post(connector: &str) -> Value {
    json!({"connector": connector, "action": "POST", "statement": "/orders", "parameters": {"n": 1}})
}

#[tokio::test]
async fn a_write_sends_its_parameters_and_is_answered_in_exactly_this_shape() {
    let upstream = Upstream::start(|_| answer(201, r#"{"id":7,"price":1.10}"#)).await;
    let world = World::saas().await;
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    let text = r#"{"connector":"crm","action":"post","statement":"/orders?x=1","parameters":{"price":1.10,"a":"é"}}"#;
    let call = world.agent_as("tenant-a", "POST", EXECUTE).header("content-type", "application/json");
    let reply = call.body(text).send().await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(reply.text.contains(r#""data":[{"id":7,"price":1.10}]"#), "{}", reply.text);
    let mut body = reply.json();
    assert!(body["duration_ms"].is_u64());
    body["duration_ms"] = Value::Null;
    let expected = json!({
        "success": true, "connector": "crm", "rows_affected": 1, "duration_ms": null, "message": "POST 201",
        "data": [{"id": 7, "price": 1.1}],
    });
    assert_eq!(body, expected);
    let seen = &upstream.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/orders?x=1"));
    assert_eq!(seen.body, r#"{"a":"é","price":1.10}"#);
}

#[tokio::test]
async fn every_method_goes_out_as_itself_and_nothing_comes_back_where_nothing_was_sent() {
    let upstream = Upstream::start(|_| Response::builder().status(204).body("".into()).unwrap()).await;
    let world = World::saas().await;
    let options = json!({"options": {"blocked_operations": []}});
    world.create(&custom("crm", &upstream.url(), &options)).await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let body = json!({"connector": "crm", "action": method, "statement": "/orders/7"});
        let body = world.execute(&body).send().await.expect(200).json();
        assert_eq!((&body["message"], &body["rows_affected"]), (&json!(format!("{method} 204")), &json!(1)));
        assert_eq!(body.get("data"), None);
        let seen = upstream.seen();
        assert_eq!((seen.last().unwrap().method.as_str(), seen.last().unwrap().body.as_str()), (method, ""));
    }
    let read = json!({"connector": "crm", "action": "GET", "statement": "/orders"});
    let body = world.execute(&read).send().await.expect(200).json();
    assert_eq!((&body["rows_affected"], &body["data"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn a_refusal_by_governance_says_that_it_was_one_and_what_would_be_allowed() {
    let (world, upstream) = crm("[]").await;
    for action in ["DELETE", "delete"] {
        let body = json!({"connector": "crm", "action": action, "statement": "/orders/7"});
        let body = refused(&world.execute(&body).send().await, 403, "blocked-by-policy");
        assert_eq!(body["blocked"], true);
        let error = body["error"].as_str().unwrap();
        assert!(
            error.contains("DELETE is blocked") && error.contains("everything else is allowed"),
            "{error}"
        );
        let info = &body["policy_info"];
        assert_eq!((&info["blocked"], &info["block_reason"]), (&json!(true), &json!(error)));
        let policy = &info["matched_policies"][0];
        assert_eq!(
            (&policy["policy_id"], &policy["action"]),
            (&json!("blocked-operations"), &json!("block"))
        );
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn the_options_of_a_record_narrow_and_widen_what_may_be_executed() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    for (name, options, action, refusal) in [
        ("replaced", json!({"blocked_operations": ["PATCH"]}), "DELETE", None),
        ("replacing", json!({"blocked_operations": ["PATCH"]}), "PATCH", Some("blocked-operations")),
        ("read-only", json!({"read_only": true}), "POST", Some("connector-read-only")),
        ("reading", json!({"read_only": true}), "GET", Some("connector-read-only")),
        ("not-read-only", json!({"read_only": false}), "POST", None),
        ("listed", json!({"allowed_operations": ["P*"]}), "PUT", None),
        ("unlisted", json!({"allowed_operations": ["P*"]}), "GET", Some("allowed-operations")),
        ("blocked-first", json!({"allowed_operations": ["*"]}), "DELETE", Some("blocked-operations")),
    ] {
        world.create(&custom(name, &upstream.url(), &json!({"options": options}))).await;
        let before = upstream.seen().len();
        let body = json!({"connector": name, "action": action, "statement": "/x"});
        let reply = world.execute(&body).send().await;
        match refusal {
            None => assert_eq!(reply.expect(200).json()["success"], true),
            Some(policy) => {
                let body = refused(&reply, 403, "blocked-by-policy");
                assert_eq!(body["policy_info"]["matched_policies"][0]["policy_id"], policy, "{name}");
            }
        }
        assert_eq!(upstream.seen().len() - before, usize::from(refusal.is_none()), "{name}");
    }
}

#[tokio::test]
async fn an_execute_must_say_what_it_does() {
    let (world, upstream) = crm("[]").await;
    for body in [
        json!({"connector": "crm", "statement": "/orders"}),
        json!({"connector": "crm", "action": null}),
        // The operation of a query is not the action of an execute.
        json!({"connector": "crm", "operation": "POST"}),
        json!({"connector": "crm", "action": "HEAD"}),
        json!({"connector": "crm", "action": ""}),
        json!({"connector": "crm", "action": "POST", "statement": "/../x"}),
        json!({"connector": "crm", "action": "POST", "statement": "https://elsewhere.example/"}),
    ] {
        refused(&world.execute(&body).send().await, 422, "invalid-query");
    }
    let wrong = json!({"connector": "crm", "action": 7, "timeout": "5 parsecs", "parameters": []});
    let reply = world.execute(&wrong).send().await;
    refused(&reply, 422, "invalid-body");
    assert_eq!(reply.pointers(), ["/action", "/parameters", "/timeout"]);
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn the_scope_of_one_route_does_not_open_the_other() {
    let (world, upstream) = crm("[]").await;
    let key = |scope: &str| world.license(|license| license.scopes = vec![scope.to_owned()]);
    let call =
        |path: &str, key: &str| world.agent("POST", path).header("x-license-key", key).json(&post("crm"));
    refused(&call(EXECUTE, &key("query")).send().await, 403, "license-scope");
    refused(&call("/mcp/resources/query", &key("execute")).send().await, 403, "license-scope");
    refused(&world.agent("POST", EXECUTE).json(&post("crm")).send().await, 401, "not-licensed");
    assert!(upstream.seen().is_empty());
    call(EXECUTE, &key("execute")).send().await.expect(200);
    let other = world.license(|license| {
        license.scopes = vec!["execute".to_owned()];
        license.connectors = Some(vec!["erp*".to_owned()]);
    });
    refused(&call(EXECUTE, &other).send().await, 403, "license-connector");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn unknown_disabled_foreign_and_misled_connectors_are_told_apart() {
    let (world, upstream) = crm("[]").await;
    refused(&world.execute(&post("no-such")).send().await, 404, "connector-not-found");
    let of_b = world.agent_as("tenant-b", "POST", EXECUTE).json(&post("crm")).send().await;
    refused(&of_b, 404, "connector-not-found");
    world.create(&custom("off", &upstream.url(), &json!({"enabled": false}))).await;
    refused(&world.execute(&post("off")).send().await, 409, "connector-disabled");
    world.create(&custom("metadata", "https://169.254.169.254", &json!({}))).await;
    refused(&world.execute(&post("metadata")).send().await, 422, "address-refused");
    let arn = world.create_secret("axonflow/theirs", "tenant-b", &token("t")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    world.create(&custom("theirs", &upstream.url(), &more)).await;
    refused(&world.execute(&post("theirs")).send().await, 424, "secret-missing");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn an_upstream_that_does_not_take_the_write_is_told_apart_like_one_that_does_not_answer_a_query() {
    let statuses = |seen: &end_to_end::Seen| {
        let mut response =
            answer(seen.target.trim_start_matches('/').parse().unwrap(), r#"{"message":"no"}"#);
        response.headers_mut().insert("retry-after", "100".parse().unwrap());
        response
    };
    let (world, upstream) = (World::saas().await, Upstream::start(statuses).await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    for (status, answered, kind) in [
        ("400", 422, "upstream-refused"),
        ("401", 424, "credentials-refused"),
        ("403", 424, "credentials-refused"),
        ("404", 422, "upstream-refused"),
        ("409", 422, "upstream-refused"),
        ("429", 429, "upstream-rate-limit"),
        ("500", 502, "upstream-failed"),
        ("503", 502, "upstream-failed"),
    ] {
        let body = json!({"connector": "crm", "action": "POST", "statement": status});
        refused(&world.execute(&body).send().await, answered, kind);
    }
}

#[tokio::test]
async fn a_write_is_never_sent_twice_because_its_answer_was_lost() {
    let (world, upstream) = (World::saas().await, Upstream::start(|_| answer(500, "")).await);
    world.create(&custom("crm", &upstream.url(), &json!({"max_retries": 10}))).await;
    refused(&world.execute(&post("crm")).send().await, 502, "upstream-failed");
    assert_eq!(upstream.seen().len(), 1);
    let broken = crate::setup::raw_upstream(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n").await;
    world.create(&custom("broken", &format!("http://{broken}"), &json!({"max_retries": 10}))).await;
    refused(&world.execute(&post("broken")).send().await, 504, "outcome-unknown");
}

#[tokio::test]
async fn a_rotated_secret_heals_a_write_by_itself() {
    let upstream = Upstream::start(|seen| {
        let good = seen
            .headers
            .get("authorization")
            .is_some_and(|sent| sent == &format!("Bearer {}", secret("new-1")));
        answer(if good { 201 } else { 401 }, "")
    })
    .await;
    let world = World::saas().await;
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("old-1")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    world.create(&custom("crm", &upstream.url(), &more)).await;
    let problem = refused(&world.execute(&post("crm")).send().await, 424, "credentials-refused");
    assert!(!problem.to_string().contains("old-1"), "{problem}");
    let rotated = json!({
        "SecretId": arn, "SecretString": token("new-1"), "ClientRequestToken": "2".repeat(32),
    });
    world.secrets("PutSecretValue", &rotated).await;
    // Both containers: one has the old secret cached, the other none.
    for _ in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        world.execute(&post("crm")).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_query_and_an_execute_share_one_instance_of_the_container() {
    let (world, _upstream) = crm("[1]").await;
    let agent = world.variant(|_| ()).await;
    rows(&agent.query(&world, &json!({"connector": "crm"})).send().await);
    agent.execute(&world, &post("crm")).send().await.expect(200);
    let stats = "/api/v1/connectors/cache/stats";
    let figures = agent.agent_as(&world, "tenant-a", "GET", stats).send().await.expect(200).json();
    assert_eq!((&figures["factory_creations"], &figures["instances"]), (&json!(1), &json!(1)));
}
