//! The routes of both APIs are those of the code, each with its function.

use std::collections::{BTreeMap, BTreeSet};

use api::{Host, routes::ROUTES};
use serde_json::Value;

use crate::stack::{Stack, referred};

/// An API, a route's key, and the function that answers it.
type Line = (String, String, String);

fn line(host: Host, key: &str, function: &str) -> Line {
    (format!("{host:?}Api"), key.to_owned(), function.to_owned())
}

/// What the code says, and the route of each API that takes what no other does.
fn of_the_code() -> BTreeSet<Line> {
    let routes = ROUTES.iter().map(|route| line(route.host, &route.key(), route.function));
    let defaults =
        [line(Host::Portal, "$default", "portal-connectors"), line(Host::Agent, "$default", "agent-invoke")];
    routes.chain(defaults).collect()
}

/// The integration that a route leads to.
fn integration<'a>(stack: &'a Stack, route: &'a Value) -> &'a Value {
    let target = route["Target"]["Fn::Sub"].as_str().expect("a target");
    let id = target.strip_prefix("integrations/${").and_then(|rest| rest.strip_suffix('}'));
    &stack.resource(id.expect("an integration"))["Properties"]
}

/// The program behind an integration.
fn program<'a>(stack: &'a Stack, integration: &Value) -> &'a str {
    let id = referred(&integration["IntegrationUri"]).expect("a function");
    let mut functions = stack.functions().into_iter();
    functions.find(|function| function.id == id).expect("a function").program
}

#[test]
fn the_routes_are_those_of_the_code_with_their_functions() {
    let stack = Stack::read();
    let mut found = BTreeSet::new();
    for (id, route) in stack.of_type("AWS::ApiGatewayV2::Route") {
        let to = integration(&stack, route);
        assert_eq!(route["ApiId"], to["ApiId"], "{id} leads into another API");
        let (api, key) = (referred(&route["ApiId"]).unwrap(), route["RouteKey"].as_str().unwrap());
        let new = found.insert((api.to_owned(), key.to_owned(), program(&stack, to).to_owned()));
        assert!(new, "{id} is there twice");
    }
    let code = of_the_code();
    assert_eq!(code.difference(&found).collect::<Vec<_>>(), Vec::<&Line>::new(), "not in the template");
    assert_eq!(found.difference(&code).collect::<Vec<_>>(), Vec::<&Line>::new(), "not in the code");
}

#[test]
fn no_two_routes_of_an_api_take_the_same_request() {
    let stack = Stack::read();
    let mut taken = BTreeMap::new();
    for (id, route) in stack.of_type("AWS::ApiGatewayV2::Route") {
        let key = route["RouteKey"].as_str().unwrap();
        let shape = key.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
        let shape = (referred(&route["ApiId"]), shape.collect::<Vec<_>>());
        assert!(!key.starts_with("ANY ") && !key.contains('+'), "{id} takes more than its own");
        if let Some(other) = taken.insert(shape, id) {
            panic!("{id} and {other} clash: {key}");
        }
    }
}

#[test]
fn each_api_may_call_the_functions_of_its_routes_and_no_other() {
    let stack = Stack::read();
    let calls = stack.of_type("AWS::ApiGatewayV2::Integration").into_values();
    let calls = calls.map(|to| (referred(&to["IntegrationUri"]).unwrap(), referred(&to["ApiId"]).unwrap()));
    let calls: BTreeSet<_> = calls.collect();
    let mut permitted = BTreeSet::new();
    for (id, permission) in stack.of_type("AWS::Lambda::Permission") {
        assert_eq!(permission["Action"], "lambda:InvokeFunction", "{id}");
        assert_eq!(permission["Principal"], "apigateway.amazonaws.com", "{id}");
        let source = permission["SourceArn"]["Fn::Sub"].as_str().unwrap();
        let begin = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${";
        let api = source.strip_prefix(begin).and_then(|rest| rest.strip_suffix("}/*"));
        permitted
            .insert((referred(&permission["FunctionName"]).unwrap(), api.expect("one API of this account")));
    }
    assert_eq!(permitted, calls);
}

#[test]
fn every_integration_gives_the_events_that_the_functions_read_and_waits_as_long_as_it_can() {
    for (id, integration) in Stack::read().of_type("AWS::ApiGatewayV2::Integration") {
        assert_eq!(integration["IntegrationType"], "AWS_PROXY", "{id}");
        assert_eq!(integration["PayloadFormatVersion"], "2.0", "{id}");
        assert_eq!(integration["TimeoutInMillis"], 30_000, "{id}");
    }
}

#[test]
fn every_api_has_a_stage_that_deploys_itself_is_throttled_and_logs_no_path() {
    let stack = Stack::read();
    let stages = stack.of_type("AWS::ApiGatewayV2::Stage");
    let apis: BTreeSet<_> = stages.values().map(|stage| referred(&stage["ApiId"]).unwrap()).collect();
    assert_eq!(apis, stack.of_type("AWS::ApiGatewayV2::Api").into_keys().collect());
    for (id, stage) in stages {
        assert_eq!((&stage["StageName"], &stage["AutoDeploy"]), (&"$default".into(), &true.into()), "{id}");
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            assert!(referred(&stage["DefaultRouteSettings"][limit]).is_some(), "{id} {limit}");
        }
        let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
        let fields: BTreeMap<String, String> = serde_json::from_str(format).unwrap();
        for field in [
            "requestId",
            "ip",
            "routeKey",
            "status",
            "responseLatency",
            "integrationLatency",
            "integrationError",
        ] {
            assert!(fields.contains_key(field), "{id} logs no {field}");
        }
        // Paths name tenants and connectors; queries hold cursors; headers keys and sessions.
        for secret in ["path", "query", "header", "cookie", "authorizer", "domain"] {
            assert!(!format.to_lowercase().contains(secret), "{id} logs {secret}");
        }
    }
}
