//! `POST /mcp/tools/execute`

use api::{
    Answer, Call, body,
    document::agent::{Licensed as LicensedAnswers, TenantHeader, WithBody},
    license_auth, query as parameters, routes,
};
use connectors::Rows;
use model::{ids::ConnectorName, license::Scope, problem::Problem};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    App, answers::Governed, caller::Licensed, problems, request::CallRequest, request_schema::ExecuteRequest,
};

#[derive(Serialize, ToSchema)]
#[schema(as = ExecuteAnswer)]
pub(crate) struct Answered<'a> {
    /// Always true.
    success: bool,
    /// Who answered.
    #[schema(value_type = ConnectorName)]
    connector: &'a ConnectorName,
    /// How many rows or objects it touched, where the upstream says so; otherwise 0 or 1.
    rows_affected: u64,
    /// How long the call took.
    duration_ms: u64,
    /// What happened, for people.
    #[schema(examples("POST 201", "INSERT 0 3"))]
    message: &'a str,
    /// What the upstream gave back, where it gave something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Value>, required = false, max_items = 10_000)]
    data: Option<&'a [Box<RawValue>]>,
    /// True where a hard cap cut `data`, else absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    truncated: bool,
}

/// Write through a connector
///
/// Governance judges every operation of the call, and the audit holds it, before anything is sent. Writes are not
/// repeated once the upstream may have taken them: after 502 and 504 look before you repeat one. Needs the scope
/// `execute`. Takes no query parameters.
#[utoipa::path(
    post, path = routes::EXECUTE, operation_id = "execute", tag = "calls",
    params(TenantHeader),
    request_body(content = ExecuteRequest, content_type = "application/json", examples(
        ("note" = (summary = "A POST of a `custom` connector: the parameters are the body", value = json!({
            "connector": "demo-crm", "action": "POST", "statement": "/accounts/acc-1001/notes",
            "parameters": {"text": "Call back on Monday"}, "timeout": "5s"})))
    )),
    responses(
        (status = 200, description = "It was done.", body = Answered, links(
            ("health" = (operation_id = "getConnectorHealth", parameters(("name" = "$response.body#/connector")),
                description = "Whether the connector works.")))),
        LicensedAnswers, WithBody, Governed
    )
)]
pub(crate) async fn execute(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Execute)?;
    parameters::only(call, &[])?;
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
