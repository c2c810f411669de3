//! `POST /mcp/resources/query`

use api::{Answer, Call, body, license_auth};
use connectors::Request;
use model::{ids::ConnectorName, license::Scope, problem::Problem};
use registry::{PolicyInfo, QueryCall};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{App, problems, request::QueryRequest};

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
    let request = QueryRequest::parse(&body::required(call, body::AGENT_LIMIT)?, &call.body)?;
    let tenant = caller.tenant(call, request.tenant_id.as_deref())?;
    let connector = ConnectorName::parse(&request.connector).map_err(|_| Problem::connector_not_found())?;
    if !caller.license.covers_connector(&connector) {
        return Err(problems::connector_not_licensed());
    }
    let span = tracing::Span::current();
    span.record("who", caller.actor(call).who);
    span.record("tenant", tenant.as_str());
    span.record("connector", connector.as_str());
    let answer = app.runtime.query(QueryCall {
        tenant: &tenant,
        connector: &connector,
        license_id: &caller.license.jti,
        actor: caller.actor(call),
        query: Request {
            statement: request.statement.as_deref(),
            operation: request.operation.as_deref(),
            parameters: &request.parameters,
            limit: request.limit,
        },
        timeout: request.timeout,
        deadline: call.deadline,
    });
    let answer = answer.await.map_err(problems::of)?;
    let (rows, policy_info) = (&answer.rows, &answer.policy_info);
    span.record("connector_type", answer.connector_type.as_str());
    span.record("rows", rows.items().len());
    span.record("bytes", rows.bytes());
    span.record("truncated", rows.exceeded().is_some());
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
            policy_info,
        },
    )
}
