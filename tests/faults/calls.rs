//! Calls as events of the gateway, and what is heard of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, http::Response};
use end_to_end::{Seen, Upstream, event, hear, with_session};
use local::gateway::Function;
use serde_json::{Value, json};

use crate::{
    model::Shown,
    steps::{Kind, NAMES},
};

pub(crate) const CONNECTORS: &str = "/api/v1/connectors";

/// What was heard of a call.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) etag: String,
    pub(crate) body: Value,
    /// Whether the log says that the markers could not be read, and that an instance answered all the same.
    pub(crate) stale: bool,
}

/// Sends an event to a function.
pub(crate) async fn call(function: &dyn Function, event: &Value) -> Result<Heard, String> {
    let (response, log) = hear(function.invoke(event.to_string().into_bytes(), "lambda")).await;
    let response = response.map_err(|error| format!("no answer: {error}"))?;
    let text = response["body"].as_str().unwrap_or_default();
    for said in [text.to_owned(), log.iter().map(ToString::to_string).collect()] {
        if said.contains("c4n4ry")
            || said.contains("arn:aws:secretsmanager:us-east-1:000000000000:secret:axonflow/faults")
        {
            return Err(format!("what only AWS said is told: {said}"));
        }
    }
    let header = |name: &str| response["headers"][name].as_str().unwrap_or_default().to_owned();
    Ok(Heard {
        status: response["statusCode"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default(),
        etag: header("etag"),
        body: serde_json::from_str(text).unwrap_or_default(),
        stale: log.iter().any(|line| line["message"] == "stale serve: markers not readable"),
    })
}

/// The event of a portal's call. A path parameter is the connector's name.
pub(crate) fn portal(session: &str, method: &str, name: Option<&str>, test: bool, body: &Value) -> Value {
    let (mut route, mut path, mut parameters) = (CONNECTORS.to_owned(), CONNECTORS.to_owned(), json!({}));
    if let Some(name) = name {
        route.push_str("/{connectorName}");
        path = format!("{path}/{name}");
        parameters = json!({"connectorName": name});
    }
    if test {
        route.push_str("/test");
        path.push_str("/test");
    }
    with_session(event(&format!("{method} {route}"), &path, &parameters, body), session)
}

/// The event of a refresh of everything, of a tenant, or of a connector of a tenant.
pub(crate) fn refresh(license: &str, scope: &[&str]) -> Value {
    let (mut route, mut path, mut parameters) =
        (format!("POST {CONNECTORS}/refresh"), format!("{CONNECTORS}/refresh"), json!({}));
    for (name, value) in ["tenant_id", "connector_name"].iter().zip(scope) {
        route = format!("{route}/{{{name}}}");
        path = format!("{path}/{value}");
        parameters[name] = json!(value);
    }
    with_license(event(&route, &path, &parameters, &Value::Null), license)
}

/// The event of a query or an execute.
pub(crate) fn agent(license: &str, name: usize, call: u64, kind: Kind, executes: bool) -> Value {
    let (path, word, verb) = if executes {
        ("/mcp/tools/execute", "action", "POST")
    } else {
        ("/mcp/resources/query", "operation", "GET")
    };
    let verb = if kind == Kind::Forbidden { "DELETE" } else { verb };
    let place = if executes && kind == Kind::Unconfirmed { "unconfirmed" } else { "call" };
    let body = json!({"connector": NAMES[name], word: verb, "statement": format!("/{place}/{call}")});
    with_license(event(&format!("POST {path}"), path, &json!({}), &body), license)
}

fn with_license(mut event: Value, license: &str) -> Value {
    event["headers"]["x-license-key"] = json!(license);
    event
}

/// What a record of the portal's shows, and how many tests its tag counts where it has one.
pub(crate) fn shown(record: &Value, etag: &str) -> Option<Shown> {
    let url = record["connection_url"].as_str()?;
    Some(Shown {
        mark: url.rsplit('/').next()?.parse().ok()?,
        version: record["version"].as_u64()?,
        tests: etag.trim_matches('"').split_once('.').and_then(|(_, tests)| tests.parse().ok()),
        enabled: record["enabled"].as_bool()?,
        health: record["health_status"].as_str()?.to_owned(),
    })
}

/// An upstream that shows by which state of the connector it was called, and knows each call again.
pub(crate) struct Marked {
    upstream: Upstream,
    reached: Arc<Mutex<HashMap<u64, usize>>>,
}

impl Marked {
    pub(crate) async fn start() -> Self {
        let reached = Arc::<Mutex<HashMap<u64, usize>>>::default();
        let log = Arc::clone(&reached);
        let upstream = Upstream::start(move |seen: &Seen| {
            let parts: Vec<&str> = seen.target.trim_start_matches('/').split('/').collect();
            let [_, mark, place, call] = parts[..] else { panic!("{}", seen.target) };
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            *log.entry(call.parse().unwrap()).or_default() += 1;
            let token = seen.headers.get("authorization").and_then(|value| value.to_str().ok());
            let token = token.and_then(|token| token.rsplit('-').next()?.parse::<usize>().ok());
            let body = json!([{"mark": mark.parse::<u64>().unwrap(), "token": token}]);
            let response = Response::builder().status(if place == "unconfirmed" { 502 } else { 200 });
            response.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
        })
        .await;
        Self { upstream, reached }
    }

    /// The URL that a connector has from a write on.
    pub(crate) fn url(&self, mark: u64) -> String {
        format!("{}/m/{mark}", self.upstream.url())
    }

    /// How often a call has reached it.
    pub(crate) fn reached(&self, call: u64) -> usize {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.get(&call).copied().unwrap_or_default()
    }
}
