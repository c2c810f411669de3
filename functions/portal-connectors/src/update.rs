//! `PUT /api/v1/connectors/{connectorName}`
//!
//! Without `If-Match` a lost race is no error: the record is read again and the same change applied to it. The
//! body is checked against the first version read, so that a record sent back whole is not refused because
//! somebody else was faster.

use api::{Answer, Call, body, session_auth};
use model::{patch::Patch, problem::Problem, record::ConnectorRecord, session::Session};
use store::{Race, Write};

use crate::{App, locate, record_answer, writable};

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
