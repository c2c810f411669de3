//! `GET /api/v1/connectors/{connectorName}`

use api::{
    Answer, Call,
    document::portal::{Always, ByName, InSession},
    routes::CONNECTOR,
    target::{NameParameter, TenantParameter},
};
use model::{etag::Precondition, problem::Problem, record::RecordView, session::Session};

use crate::{App, locate, record_answer};

/// Read a connector.
///
/// Poll it with `If-None-Match` to see a new `health_status`.
#[utoipa::path(
    get,
    path = CONNECTOR,
    operation_id = "getConnector",
    tag = "connectors",
    security(("session" = [])),
    params(
        NameParameter,
        TenantParameter,
        (
            "If-None-Match" = Option<String>, Header, nullable = false,
            description = "The `ETag` of the record that you hold, or several of them, or `*`.",
        )
    ),
    responses(
        (
            status = 200,
            description = "The connector.",
            body = RecordView<'static>,
            headers(
                ("etag" = String, description = "The record's version and number of tests."),
                ("x-request-id" = String, description = "Finds the request in every log.")
            ),
            links(
                ("update" = (operation_id = "updateConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id"),
                    ("If-Match" = "$response.header.ETag")
                ))),
                ("poll" = (operation_id = "getConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id"),
                    ("If-None-Match" = "$response.header.ETag")
                )))
            )
        ),
        (
            status = 304,
            description = "The record is the one that `If-None-Match` names.",
            headers(
                ("etag" = String, description = "The record's version and number of tests."),
                ("x-request-id" = String, description = "Finds the request in every log.")
            )
        ),
        InSession, ByName, Always
    )
)]
pub(crate) async fn read(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let (tenant, name) = locate(app, call, session).await?;
    let record =
        app.connectors.get(&tenant, &name, call.deadline).await?.ok_or_else(Problem::connector_not_found)?;
    let tag = record.etag();
    if call.header("if-none-match").is_some_and(|header| Precondition::parse(header).is_current(tag)) {
        return Ok(Answer::empty(304).with_header("etag", tag.to_string()));
    }
    record_answer(200, &record)
}
