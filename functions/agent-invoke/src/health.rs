//! `GET /mcp/connectors/{name}/health`

use std::collections::BTreeMap;

use api::{Answer, Call, license_auth};
use jiff::Timestamp;
use model::{license::Scope, problem::Problem};
use registry::HealthReport;
use serde::Serialize;

use crate::{App, caller::Licensed, problems};

#[derive(Serialize)]
struct Health {
    healthy: bool,
    /// Nanoseconds, as existing clients read it.
    latency: u64,
    latency_ms: u64,
    details: BTreeMap<String, String>,
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(crate) async fn health(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Query)?;
    let licensed = Licensed::of(call, caller, call.query("tenant_id"))?;
    let connector = licensed.connector(call.parameter("name").unwrap_or_default())?;
    let report = app.runtime.health(licensed.look(call, &connector, None)).await.map_err(problems::of)?;
    if let Some(log) = report.log {
        log.record();
    }
    Answer::json(200, &found(report))
}

/// Each stage that was passed with what was seen there; the one that was not stands under `stage`.
fn found(report: HealthReport) -> Health {
    let mut details: BTreeMap<String, String> =
        report.passed.into_iter().map(|passed| (passed.stage.as_str().to_owned(), passed.detail)).collect();
    if let Some(log) = report.log {
        details.insert("connector_type".to_owned(), log.connector_type.as_str().to_owned());
        details.insert("source".to_owned(), log.source.as_str().to_owned());
    }
    let healthy = report.failed.is_none();
    let error = report.failed.map(|(stage, error)| {
        details.insert("stage".to_owned(), stage.as_str().to_owned());
        problems::of(error).detail
    });
    Health {
        healthy,
        latency: report.latency.as_nanos().try_into().unwrap_or(u64::MAX),
        latency_ms: report.latency.as_millis().try_into().unwrap_or(u64::MAX),
        details,
        timestamp: report.at.millis(),
        error,
    }
}
