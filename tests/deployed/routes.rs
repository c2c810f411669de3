//! Every route of both APIs answers through the gateway, from the function that it belongs to; what no route has is
//! answered by us too.

use api::{Host, routes::ROUTES};
use end_to_end::{Call, Reply};
use serde_json::{Value, json};

use crate::stack::Deployment;

const TENANT: &str = "tenant-routes";
const PROBLEM: &str = "urn:axonflow:problem:";

/// What a route answers to one who may call it and names a connector that does not exist: the status, and a part of the
/// body that no other function would send.
fn expected(route: &str) -> (u16, &'static str) {
    match route {
        "portal GET /api/v1/connectors" => (200, "[]"),
        "portal POST /api/v1/connectors" => (422, "connector_type"),
        "portal GET /api/v1/connectors/{connectorName}"
        | "portal PUT /api/v1/connectors/{connectorName}"
        | "portal DELETE /api/v1/connectors/{connectorName}"
        | "portal POST /api/v1/connectors/{connectorName}/test"
        | "agent GET /mcp/connectors/{name}/health"
        | "agent POST /mcp/resources/query"
        | "agent POST /mcp/tools/execute" => (404, "connector-not-found"),
        "agent GET /mcp/connectors" => (200, r#""count":0"#),
        "agent POST /api/v1/connectors/refresh" => (200, r#""scope":"all""#),
        "agent POST /api/v1/connectors/refresh/{tenant_id}" => (200, r#""scope":"tenant""#),
        "agent POST /api/v1/connectors/refresh/{tenant_id}/{connector_name}" => {
            (200, r#""scope":"connector""#)
        }
        "agent GET /api/v1/connectors/cache/stats" => (200, r#""window":"24h""#),
        "portal GET /openapi.json" => (200, "Connectors: portal API"),
        "agent GET /openapi.json" => (200, "Connectors: agent API"),
        other => panic!("a route that this test does not know: {other}"),
    }
}

fn body(route: &str) -> Option<Value> {
    match route {
        "portal POST /api/v1/connectors" => Some(json!({"connector_name": "no-type"})),
        "portal PUT /api/v1/connectors/{connectorName}" => Some(json!({"enabled": true})),
        "agent POST /mcp/resources/query" => Some(json!({"connector": "nothing", "statement": "/"})),
        "agent POST /mcp/tools/execute" => {
            Some(json!({"connector": "nothing", "action": "POST", "statement": "/"}))
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_route_is_answered_by_its_function() {
    let Some(deployed) = Deployment::shared().await else { return };
    let session = deployed.operator.session(TENANT);
    let (license, all) = (deployed.operator.license(TENANT), deployed.operator.license("*"));
    for route in &ROUTES {
        let name = format!("{} {}", name(route.host), route.key());
        let path = ["{connectorName}", "{connector_name}", "{name}"]
            .iter()
            .fold(route.template.replace("{tenant_id}", TENANT), |path, part| path.replace(part, "nothing"));
        let call = call(deployed, route.host, route.method, &path);
        let call = match route.host {
            Host::Portal => call.session(&session),
            Host::Agent if path.ends_with("/refresh") => call.header("x-license-key", &all),
            Host::Agent => call.header("x-license-key", &license),
        };
        let call = body(&name).into_iter().fold(call, |call, body| call.json(&body));
        let reply = call.send().await;
        let (status, part) = expected(&name);
        assert_eq!(reply.status, status, "{name}: {}", reply.text);
        assert!(reply.text.contains(part), "{name}: {}", reply.text);
    }
}

#[tokio::test]
async fn who_says_nothing_of_himself_is_refused_on_every_route() {
    let Some(deployed) = Deployment::shared().await else { return };
    for route in ROUTES.iter().filter(|route| route.template != "/openapi.json") {
        let path = route.template.replace(['{', '}'], "");
        let kind = match route.host {
            Host::Portal => "not-signed-in",
            Host::Agent => "not-licensed",
        };
        problem(&call(deployed, route.host, route.method, &path).send().await, 401, kind);
    }
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_answered_by_us() {
    let Some(deployed) = Deployment::shared().await else { return };
    for host in [Host::Portal, Host::Agent] {
        for (method, path) in [("GET", "/"), ("POST", "/nothing/here"), ("GET", "/api/v1/connectors/a/b/c/d")]
        {
            problem(&call(deployed, host, method, path).send().await, 404, "no-such-path");
        }
    }
    for (host, method, path, allowed) in [
        (Host::Portal, "PATCH", "/api/v1/connectors/crm", "GET, PUT, DELETE"),
        (Host::Portal, "GET", "/api/v1/connectors/crm/test", "POST"),
        (Host::Agent, "GET", "/mcp/resources/query", "POST"),
        (Host::Agent, "DELETE", "/api/v1/connectors/refresh", "POST"),
        (Host::Agent, "POST", "/api/v1/connectors/cache/stats", "GET"),
    ] {
        let reply = call(deployed, host, method, path).send().await;
        problem(&reply, 405, "wrong-method");
        assert_eq!(reply.header("allow"), allowed, "{method} {path}");
    }
}

fn call(deployed: &Deployment, host: Host, method: &str, path: &str) -> Call {
    match host {
        Host::Portal => deployed.portal(method, path),
        Host::Agent => deployed.agent(method, path),
    }
}

fn name(host: Host) -> &'static str {
    match host {
        Host::Portal => "portal",
        Host::Agent => "agent",
    }
}

#[track_caller]
fn problem(reply: &Reply, status: u16, kind: &str) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.json()["type"], format!("{PROBLEM}{kind}"), "{}", reply.text);
}
