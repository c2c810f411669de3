//! `PUT /api/v1/connectors/{connectorName}`
//!
//! Without `If-Match` a lost race is no error: the record is read again and the same change applied to it. The
//! body is checked against the first version read, so that a record sent back whole is not refused because
//! somebody else was faster.

use api::{
    Answer, Call, body,
    document::portal::{Always, ByName, IfMatch, InSession, Unsafe, WithBody},
    routes::CONNECTOR,
    session_auth,
    target::{NameParameter, TenantParameter},
};
use model::{
    patch::Patch,
    problem::Problem,
    record::{ConnectorRecord, RecordView},
    session::Session,
};
use store::{Race, Write};

use crate::{App, IfMatchParameter, locate, record_answer, writable};

/// Update a connector.
///
/// Only the fields that are present change, so a concurrent test's result survives. Each accepted update adds 1 to
/// `version`, even one that changes nothing, and is obeyed by the very next call of an agent. Without `If-Match` a PUT
/// that loses a race is applied to the newer record: it never ends in 409 or 412.
#[utoipa::path(
    put,
    path = CONNECTOR,
    operation_id = "updateConnector",
    tag = "connectors",
    security(("session" = [])),
    params(NameParameter, TenantParameter, IfMatchParameter),
    request_body(content = Patch, description = "What to change.", examples(
        ("settings" = (summary = "Three fields change", value = json!({
            "display_name": "Finance Snowflake (prod)", "timeout_ms": 45_000, "max_retries": 2
        }))),
        ("disable" = (summary = "Agents are refused from the next call on", value = json!({"enabled": false}))),
        ("clear" = (summary = "A text is cleared, a default restored", value = json!({
            "description": null, "timeout_ms": null
        })))
    )),
    responses(
        (
            status = 200,
            description = "The connector as it was stored.",
            body = RecordView<'static>,
            headers(
                ("etag" = String, description = "The record's version and number of tests."),
                ("x-request-id" = String, description = "Finds the request in every log.")
            ),
            links(
                ("get" = (operation_id = "getConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id")
                )))
            )
        ),
        InSession, Unsafe, ByName, IfMatch, WithBody, Always
    )
)]
pub(crate) async fn update(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let value = body::required(call, body::PORTAL_LIMIT)?;
    let (tenant, name) = locate(app, call, session).await?;
    let actor = session_auth::actor(call, session);
    let mut checked: Option<(ConnectorRecord, Patch)> = None;
    let mut race = Race::new(app.clock.as_ref(), call.deadline);
    loop {
        let record = writable(app, call, &tenant, &name).await?;
        let patch = match checked.take() {
            Some((first, patch)) if first.id == record.id => patch,
            _ => Patch::parse(&value, &record, &app.rules).map_err(Problem::invalid)?,
        };
        let after = patch.apply(&record, app.clock.now().millis());
        match app.connectors.update(&record, &after, &actor, call.deadline).await? {
            Write::Stored => return record_answer(200, &after),
            Write::Refused => race.lost().await?,
        }
        checked = Some((record, patch));
    }
}
