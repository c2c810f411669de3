//! `GET /api/v1/connectors/{connectorName}`

use api::{Answer, Call};
use model::{etag::Precondition, problem::Problem, session::Session};

use crate::{App, locate, record_answer};

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
