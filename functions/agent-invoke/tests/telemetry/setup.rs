//! One container of the real binary, and its output taken apart.

use std::{collections::BTreeMap, path::Path};

use axum::{body::Body, http::Response};
use end_to_end::{Container, LambdaRuntime, Upstream, World, answered, query_event};
use jiff::Timestamp;
use model::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use test_servers::cloudwatch;

/// In the secret, and nowhere else.
pub(crate) use test_servers::canary::SECRET as CANARY;
/// What the function is called behind the test's runtime API.
pub(crate) const FUNCTION: &str = "function";

pub(crate) struct Watched {
    pub(crate) world: World,
    pub(crate) upstream: Upstream,
    pub(crate) runtime: LambdaRuntime,
    pub(crate) container: Container,
}

impl Watched {
    /// A container with these variables besides the usual ones, and tenant-a's connector `crm` to an upstream that
    /// answers with the status that its path names.
    pub(crate) async fn start(world: World, variables: &[(&str, String)]) -> Self {
        let upstream = Upstream::start(|seen| {
            let status = seen.target.trim_start_matches('/').parse().unwrap_or(200);
            let response = Response::builder().status(status).header("content-type", "application/json");
            response.body(Body::from("[1]")).unwrap()
        })
        .await;
        let token = json!({"token": CANARY}).to_string();
        let secret = world.create_secret("x/crm", "tenant-a", &token).await;
        let body = json!({
            "connector_name": "crm", "connector_type": "custom", "connection_url": upstream.url(),
            "credentials_secret_arn": secret, "options": {"auth_type": "bearer"}, "max_retries": 1,
        });
        world.create(&body).await;
        let mut environment = world.environment();
        environment.push(("LOG_LEVEL".to_owned(), "info".to_owned()));
        environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let runtime = LambdaRuntime::start().await;
        let container = runtime.container(Path::new(env!("CARGO_BIN_EXE_agent-invoke")), &environment).await;
        Self { world, upstream, runtime, container }
    }

    /// A query of a path, as a part of a trace; gives the status.
    pub(crate) async fn query(&self, path: &str, trace: Option<&str>) -> u16 {
        let mut event = query_event(self.world.stack.identity.license("tenant-a"), "tenant-a", "crm");
        event["body"] = json!(json!({"connector": "crm", "statement": path}).to_string());
        answered(&self.runtime.invoke_traced(event, trace).await).0
    }

    /// The lines so far: those of the log, and those that are metrics. Each is one or the other, and whole.
    pub(crate) fn lines(&self) -> (Vec<Value>, Vec<Value>) {
        let output = self.container.output();
        assert!(output.is_empty() || output.ends_with('\n'), "{output}");
        let lines = output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let (metrics, log): (Vec<Value>, Vec<Value>) = lines.partition(|line| line.get("_aws").is_some());
        for line in &log {
            // Without these two Lambda takes every line for information.
            assert!(line["timestamp"].as_str().unwrap().parse::<Timestamp>().is_ok(), "{line}");
            assert!(["ERROR", "WARN", "INFO"].contains(&line["level"].as_str().unwrap()), "{line}");
        }
        (log, metrics)
    }

    /// What was counted so far.
    pub(crate) fn totals(&self) -> BTreeMap<String, u64> {
        let now = SystemClock.now().wall.as_millisecond();
        cloudwatch::totals(&self.container.output(), now).unwrap()
    }
}

/// The lines that end a request.
pub(crate) fn requests(log: &[Value]) -> Vec<&Value> {
    log.iter().filter(|line| line["status"].is_u64()).collect()
}
