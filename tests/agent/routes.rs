//! Paths and methods of the agent's host: what is not a route is a problem of ours, in the one shape.

use end_to_end::World;
use serde_json::json;

use crate::setup::{crm, refused};

const QUERY: &str = "/mcp/resources/query";

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let world = World::saas().await;
    for path in [
        "/",
        "/mcp",
        "/mcp/resources",
        "/mcp/resources/query/",
        "/mcp/resources/query/x",
        "/MCP/resources/query",
        "//mcp/resources/query",
        "/api/v1/connectors",
        "/api/v1/connectors/demo-crm",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            refused(&world.agent(method, path).send().await, 404, "no-such-path");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let (world, upstream) = crm("[]").await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let call =
            world.agent(method, QUERY).header("x-license-key", world.stack.identity.license("tenant-a"));
        let reply = call.json(&json!({"connector": "crm"})).send().await;
        let problem = refused(&reply, 405, "wrong-method");
        assert_eq!(reply.header("allow"), "POST");
        assert!(problem["detail"].as_str().unwrap().contains(method), "{problem}");
    }
    assert_eq!(world.agent("HEAD", QUERY).send().await.status, 405);
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn the_agents_route_is_not_on_the_portals_host_and_the_other_way_round() {
    let world = World::saas().await;
    let body = json!({"connector": "demo-crm", "statement": "/accounts"});
    let license = world.stack.identity.license("tenant-a");
    let on_portal = world.portal("POST", QUERY).header("x-license-key", license).json(&body).send().await;
    assert_eq!(on_portal.status, 404, "{}", on_portal.text);
    let session = world.stack.identity.session("tenant-a");
    let on_agent = world.agent("GET", "/api/v1/connectors").session(session).send().await;
    refused(&on_agent, 404, "no-such-path");
    // A session is no license.
    let by_session = world.anonymous_query(&body).session(session).send().await;
    refused(&by_session, 401, "not-licensed");
}

#[tokio::test]
async fn a_query_parameter_that_a_route_does_not_know_is_refused_with_what_it_does() {
    let (world, upstream) = crm("[1]").await;
    let license = world.stack.identity.license("tenant-a");
    for (method, path, instead) in [
        (
            "POST",
            "/mcp/resources/query?tenant_id=tenant-a",
            "\"tenant_id\" is not known; this route takes none.",
        ),
        ("POST", "/mcp/tools/execute?action=GET", "\"action\" is not known; this route takes none."),
        (
            "GET",
            "/mcp/connectors?healt=true",
            "\"healt\" is not known; known are cursor, health, limit, tenant_id.",
        ),
        ("GET", "/mcp/connectors?health=true&Tenant_ID=tenant-b", "\"Tenant_ID\" is not known"),
        ("GET", "/mcp/connectors/crm/health?health=true", "\"health\" is not known; known is tenant_id."),
    ] {
        // Who may not call learns nothing of the route.
        refused(&world.agent(method, path).send().await, 401, "not-licensed");
        let call = world.agent(method, path).header("x-license-key", license);
        let problem = refused(&call.json(&json!({"connector": "crm"})).send().await, 400, "bad-request");
        assert!(problem["detail"].as_str().unwrap().contains(instead), "{problem}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn every_answer_can_be_found_in_the_log() {
    let (world, _upstream) = crm("[]").await;
    let mut seen = Vec::new();
    for connector in ["crm", "no-such", "crm"] {
        let reply = world.query(&json!({"connector": connector})).send().await;
        let id = reply.header("x-request-id").to_owned();
        assert!(!id.is_empty() && !seen.contains(&id), "{id}");
        assert_eq!(reply.header("apigw-requestid"), id);
        seen.push(id);
    }
}
