//! `DELETE /api/v1/connectors/{connectorName}`

use api::{
    Answer, Call,
    document::portal::{Always, ByName, IfMatch, InSession, Unsafe},
    routes::CONNECTOR,
    session_auth,
    target::{NameParameter, TenantParameter},
};
use model::{problem::Problem, session::Session};
use store::{Race, Write};

use crate::{App, IfMatchParameter, locate, writable};

/// Delete a connector.
///
/// Agents are refused from the next call on. The secret stays where it is. In `invpc` a retried DELETE by a bare name
/// may mean another tenant's connector once your own is gone: name the tenant.
#[utoipa::path(
    delete,
    path = CONNECTOR,
    operation_id = "deleteConnector",
    tag = "connectors",
    security(("session" = [])),
    params(NameParameter, TenantParameter, IfMatchParameter),
    responses(
        (
            status = 204,
            description = "The connector is gone.",
            headers(("x-request-id" = String, description = "Finds the request in every log."))
        ),
        InSession, Unsafe, ByName, IfMatch, Always
    )
)]
pub(crate) async fn delete(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let (tenant, name) = locate(app, call, session).await?;
    let actor = session_auth::actor(call, session);
    let mut race = Race::new(app.clock.as_ref(), call.deadline);
    loop {
        let record = writable(app, call, &tenant, &name).await?;
        match app.connectors.delete(&record, &actor, call.deadline).await? {
            Write::Stored => return Ok(Answer::empty(204)),
            Write::Refused => race.lost().await?,
        }
    }
}
