//! Errors have one shape, whoever makes them.

use end_to_end::{Call, World};
use serde_json::json;

use crate::{
    given::{CONNECTORS, MODES, path, slack},
    user::User,
};

#[tokio::test]
async fn each_kind_of_error_has_the_one_shape_and_its_own_type() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let put = |body: &str| user.call("PUT", &path("demo-crm")).body(body);
        let json = "application/json";
        let cases: [(Call, u16, &str); 11] = [
            (put("{").header("content-type", json), 400, "bad-request"),
            (user.call("GET", &format!("{CONNECTORS}?limit=0")), 400, "bad-request"),
            (world.anonymous_portal("GET", CONNECTORS), 401, "not-signed-in"),
            (put("{}").header("origin", "https://evil.example"), 403, "foreign-origin"),
            (user.call("GET", &path("nobody")), 404, "connector-not-found"),
            (user.call("GET", "/nowhere"), 404, "no-such-path"),
            (user.call("PATCH", CONNECTORS), 405, "wrong-method"),
            (user.call("POST", CONNECTORS).json(&slack("demo-crm")), 409, "name-taken"),
            (put("{}").header("content-type", json).header("if-match", "\"9.0\""), 412, "stale-version"),
            (put(&"x".repeat(65_537)), 413, "body-too-large"),
            (put("{}"), 415, "not-json"),
        ];
        for (call, status, kind) in cases {
            let reply = call.send().await;
            reply.problem(status, kind);
            assert_eq!(reply.header("x-request-id"), reply.header("apigw-requestid"));
            assert_eq!(reply.header("cache-control"), "no-store");
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
        }
        let reply = put("{\"colour\": 1}").header("content-type", json).send().await;
        let problem = reply.problem(422, "invalid-body");
        assert_eq!(
            problem["errors"][0].as_object().unwrap().keys().collect::<Vec<_>>(),
            ["detail", "pointer"]
        );
        // What existing SDKs read on the agent's routes is no part of the portal's.
        assert_eq!((problem.get("success"), problem.get("error")), (None, None));
    }
}

#[tokio::test]
async fn an_unknown_path_is_told_so_with_or_without_a_session() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for path in [
        "/",
        "/api",
        "/api/v1",
        "/api/v2/connectors",
        "/api/v1/connectors/",
        "/api/v1/connectors/a/b",
        "/api/v1/connectors/a/test/",
        "/api/v1/connectors//test",
        "/API/v1/connectors",
        "/mcp/resources/query",
        "/%F0%9F%A6%80",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            user.call(method, path).send().await.problem(404, "no-such-path");
            world.anonymous_portal(method, path).send().await.problem(404, "no-such-path");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for (path, wrong, allowed) in [
        (CONNECTORS.to_owned(), &["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"][..], "GET, POST"),
        (path("demo-crm"), &["POST", "PATCH", "OPTIONS"], "GET, PUT, DELETE"),
        (path("demo-crm/test"), &["GET", "PUT", "DELETE", "PATCH"], "POST"),
    ] {
        for method in wrong {
            let reply = user.call(method, &path).json(&json!({})).send().await;
            reply.problem(405, "wrong-method");
            assert_eq!(reply.header("allow"), allowed, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_browsers_question_before_a_write_gets_a_2xx_for_the_gateway_to_answer() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for path in [CONNECTORS.to_owned(), path("demo-crm"), path("demo-crm/test")] {
        let asked = user.call("OPTIONS", &path).header("origin", "https://portal.example.com");
        let reply = asked.header("access-control-request-method", "PUT").send().await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{path}");
    }
    let nowhere = user.call("OPTIONS", "/nothing").header("access-control-request-method", "PUT");
    nowhere.send().await.problem(404, "no-such-path");
}

#[tokio::test]
async fn an_error_does_not_repeat_the_path() {
    let world = World::saas().await;
    let path = "/%3Cscript%3E%22%5C%0A";
    let problem = User::of(&world, "tenant-a").call("GET", path).send().await.problem(404, "no-such-path");
    assert!(!problem.to_string().contains("script"), "{problem}");
}

#[tokio::test]
async fn what_is_too_large_for_the_gateway_keeps_the_gateways_own_shape() {
    let world = World::saas().await;
    let body = "x".repeat(10 * 1024 * 1024 + 1);
    let call =
        User::of(&world, "tenant-a").call("POST", CONNECTORS).header("content-type", "application/json");
    let reply = call.body(body).send().await.expect(413);
    assert_eq!(reply.json(), json!({"message": "Request Entity Too Large"}));
}
