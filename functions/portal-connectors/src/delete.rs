//! `DELETE /api/v1/connectors/{connectorName}`

use api::{Answer, Call, session_auth};
use model::{problem::Problem, session::Session};
use store::{Race, Write};

use crate::{App, locate, writable};

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
