//! `POST /mcp/tools/execute`

use api::{Answer, Call, body, license_auth};
use connectors::Rows;
use model::{ids::ConnectorName, license::Scope, problem::Problem};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{App, caller::Licensed, problems, request::CallRequest};

#[derive(Serialize)]
struct Answered<'a> {
    success: bool,
    connector: &'a ConnectorName,
    rows_affected: u64,
    duration_ms: u64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a [Box<RawValue>]>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

pub(crate) async fn execute(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Execute)?;
    let request = CallRequest::parse(&body::required(call, body::AGENT_LIMIT)?, &call.body, "action")?;
    let licensed = Licensed::of(call, caller, request.tenant_id.as_deref())?;
    let connector = licensed.connector(&request.connector)?;
    let answer =
        app.runtime.execute(licensed.call(call, &connector, &request)).await.map_err(problems::of)?;
    let executed = &answer.executed;
    answer.log.record();
    tracing::Span::current().record("rows", executed.rows_affected);
    Answer::json(
        200,
        &Answered {
            success: true,
            connector: &connector,
            rows_affected: executed.rows_affected,
            duration_ms: app.clock.now().millis_since(call.started),
            message: &executed.message,
            data: executed.rows.as_ref().map(Rows::items),
            truncated: executed.rows.as_ref().is_some_and(|rows| rows.exceeded().is_some()),
        },
    )
}
