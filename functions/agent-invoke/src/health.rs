//! `GET /mcp/connectors/{name}/health`

use std::collections::BTreeMap;

use api::{
    Answer, Call,
    document::agent::{Licensed as LicensedAnswers, TenantHeader, TenantQuery},
    license_auth, query, routes,
};
use jiff::Timestamp;
use model::{ids::ConnectorName, license::Scope, problem::Problem};
use registry::HealthReport;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    answers::{ByName, Timed},
    caller::Licensed,
    problems,
};

#[derive(Serialize, ToSchema)]
#[schema(as = ConnectorHealth)]
pub(crate) struct Health {
    /// Whether every stage was passed.
    healthy: bool,
    /// Nanoseconds, as existing clients read it.
    latency: u64,
    /// The same in milliseconds: how long the upstream took.
    latency_ms: u64,
    /// What was seen at each stage that was passed, by the stage's name; `connector_type` and `source`; and under
    /// `stage` the one that was not passed.
    details: BTreeMap<String, String>,
    /// When it was seen.
    timestamp: Timestamp,
    /// What is wrong and what to do about it; only where `healthy` is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
}

/// Ask a connector whether it works
///
/// The way of a query up to the cheapest safe call. What is wrong with the secret or the upstream is a finding: 200 with
/// `healthy` false. An unknown or disabled connector is an error. Needs the scope `query`.
#[utoipa::path(
    get, path = routes::AGENT_HEALTH, operation_id = "getConnectorHealth", tag = "connectors",
    params(
        ("name" = ConnectorName, Path, description = "The connector's name.", example = "demo-crm"),
        TenantQuery, TenantHeader
    ),
    responses(
        (status = 200, description = "What was found.", body = Health),
        LicensedAnswers, ByName, Timed
    )
)]
pub(crate) async fn health(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Query)?;
    query::only(call, &["tenant_id"])?;
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
