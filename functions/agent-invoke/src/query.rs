//! `POST /mcp/resources/query`

use api::{
    Answer, Call, body,
    document::agent::{Licensed as LicensedAnswers, TenantHeader, WithBody},
    license_auth, query as parameters, routes,
};
use model::{ids::ConnectorName, license::Scope, problem::Problem};
use registry::PolicyInfo;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    App, answers::Governed, caller::Licensed, problems, request::CallRequest, request_schema::QueryRequest,
};

#[derive(Serialize, ToSchema)]
#[schema(as = QueryAnswer)]
pub(crate) struct Answered<'a> {
    /// Always true.
    success: bool,
    /// Who answered.
    #[schema(value_type = ConnectorName)]
    connector: &'a ConnectorName,
    /// The rows: an upstream's items as sent, or a database's columns by their names. Integers up to 64 bits have all
    /// their digits; decimals are strings.
    #[schema(value_type = Vec<Value>, max_items = 10_000)]
    data: &'a [Box<RawValue>],
    /// How many rows there are.
    row_count: usize,
    /// How long the call took.
    duration_ms: u64,
    /// Always false: no value is hidden.
    redacted: bool,
    /// True where a hard cap cut the rows, else absent. The caller's own `limit` does not set it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    truncated: bool,
    /// What governance did.
    #[schema(value_type = PolicyInfo)]
    policy_info: &'a PolicyInfo,
}

/// Read through a connector
///
/// Governance judges every operation of the call before anything is sent: SQL is parsed and refused unless it only
/// reads, and of other types reading operations are taken. Needs the scope `query`. Takes no query parameters.
#[utoipa::path(
    post, path = routes::QUERY, operation_id = "query", tag = "calls",
    params(TenantHeader),
    request_body(content = QueryRequest, content_type = "application/json", examples(
        ("accounts" = (summary = "A path of a `custom` connector, with query parameters", value = json!({
            "connector": "demo-crm", "statement": "/accounts", "parameters": {"industry": "logistics"}}))),
        ("notes" = (summary = "With a limit and a timeout", value = json!({
            "connector": "demo-crm", "operation": "GET", "statement": "/accounts/acc-1001/notes", "limit": 10,
            "timeout": "5s"}))),
        ("deals" = (summary = "As existing SDKs send it: what is not known is ignored", value = json!({
            "connector": "demo-crm", "statement": "/deals", "tenant_id": "tenant-a", "client_id": "tenant-a",
            "user_token": "", "options": {}})))
    )),
    responses(
        (status = 200, description = "The rows.", body = Answered, links(
            ("health" = (operation_id = "getConnectorHealth", parameters(("name" = "$response.body#/connector")),
                description = "Whether the connector works.")))),
        LicensedAnswers, WithBody, Governed
    )
)]
pub(crate) async fn query(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Query)?;
    parameters::only(call, &[])?;
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
