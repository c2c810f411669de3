//! `DELETE /api/v1/connectors/{connectorName}`

use api::{Answer, Call, session_auth};
use model::{etag::Precondition, problem::Problem, session::Session};
use store::{Race, Write};

use crate::{App, locate, stale};

pub(crate) async fn delete(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let (tenant, name) = locate(app, call, session).await?;
    let condition = call.header("if-match").map(Precondition::parse);
    let actor = session_auth::actor(call, session);
    let mut race = Race::new(app.clock.as_ref(), call.deadline);
    loop {
        let record = app.connectors.get(&tenant, &name, call.deadline).await?;
        let record = record.ok_or_else(Problem::connector_not_found)?;
        if condition.as_ref().is_some_and(|condition| !condition.permits_write(record.etag())) {
            return Err(stale(&record));
        }
        match app.connectors.delete(&record, &actor, call.deadline).await? {
            Write::Stored => return Ok(Answer::empty(204)),
            Write::Refused => race.lost().await?,
        }
    }
}
