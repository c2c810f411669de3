//! `POST /mcp/resources/query`

use api::{Answer, Call, body, license_auth};
use model::{ids::ConnectorName, license::Scope, problem::Problem};
use registry::PolicyInfo;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{App, caller::Licensed, problems, request::CallRequest};

#[derive(Serialize)]
struct Answered<'a> {
    success: bool,
    connector: &'a ConnectorName,
    data: &'a [Box<RawValue>],
    row_count: usize,
    duration_ms: u64,
    redacted: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    policy_info: &'a PolicyInfo,
}

pub(crate) async fn query(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Query)?;
    let request = CallRequest::parse(&body::required(call, body::AGENT_LIMIT)?, &call.body, "operation")?;
    let licensed = Licensed::of(call, caller, request.tenant_id.as_deref())?;
    let connector = licensed.connector(&request.connector)?;
    let answer = app.runtime.query(licensed.call(call, &connector, &request)).await.map_err(problems::of)?;
    let rows = &answer.rows;
    answer.log.record();
    tracing::Span::current().record("rows", rows.items().len());
    tracing::Span::current().record("bytes", rows.bytes());
    tracing::Span::current().record("truncated", rows.exceeded().is_some());
    Answer::json(
        200,
        &Answered {
            success: true,
            connector: &connector,
            data: rows.items(),
            row_count: rows.items().len(),
            duration_ms: app.clock.now().millis_since(call.started),
            redacted: false,
            truncated: rows.exceeded().is_some(),
            policy_info: &answer.policy_info,
        },
    )
}
