//! Snowflake, by its SQL API. Three walls stand between a query and a write: our judgement of the statement, that
//! exactly one statement is ever sent, and what the role may do. Values travel as text in both directions, so that no
//! digit is lost on the way.

mod api;
mod auth;
mod binds;
mod columns;
mod execute;
pub(crate) mod failure;
mod functions;
mod health;
mod jwt;
mod kinds;
mod lexer;
mod names;
mod read;
mod rules;
mod run;
mod running;
mod statement;
mod target;
mod times;
mod values;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use egress::Egress;
use model::{deadline::Deadline, record::ConnectorRecord};

pub(crate) use rules::classify;

use self::{api::Api, auth::Auth, run::Mode, statement::Statement, target::Session};
use crate::{
    Connector, ConnectorError, Credentials, Executed, ROW_LIMIT, Request, Rows, Stages, trust::way_out,
};

/// One account, and the context that statements run in.
pub(crate) struct Snowflake {
    api: Arc<Api>,
    session: Session,
}

impl Snowflake {
    pub(crate) fn new(
        record: &ConnectorRecord,
        credentials: Option<Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let egress = way_out(&record.options, egress)?;
        let (text, base) = target::base(record)?;
        let client = egress.http(&text)?.with_max_body_bytes(read::MAX_BODY_BYTES);
        let max_retries = record.max_retries;
        let auth = Auth::new(&record.options, credentials.as_ref(), &base, &egress, max_retries)?;
        let session = Session::new(&record.options);
        Ok(Self { api: Arc::new(Api { client, base, auth, max_retries }), session })
    }
}

#[async_trait]
impl Connector for Snowflake {
    async fn query(&self, asked: Request<'_>, deadline: Deadline) -> Result<Rows, ConnectorError> {
        let statement = Statement::new(asked.statement.unwrap_or_default(), asked.parameters)?;
        // One row more than an answer holds shows that there is more; what the caller limits is no cut.
        let rows = asked.limit.map_or(ROW_LIMIT + 1, |wanted| wanted.min(ROW_LIMIT + 1));
        let context = asked.context(deadline);
        let answer =
            run::run(&self.api, &self.session, &statement, Some(rows.max(1)), Mode::Read, context).await?;
        let first = read::first(answer, asked.limit).await?;
        read::rest(&self.api, first, context).await
    }

    async fn execute(&self, asked: Request<'_>, deadline: Deadline) -> Result<Executed, ConnectorError> {
        let statement = Statement::new(asked.statement.unwrap_or_default(), asked.parameters)?;
        let context = asked.context(deadline);
        let answer = run::run(&self.api, &self.session, &statement, None, Mode::Write, context).await?;
        execute::executed(&self.api, &statement.verb, answer, asked.limit, context).await
    }

    async fn health(&self, stages: &mut Stages<'_>, deadline: Deadline) -> Result<(), ConnectorError> {
        self.test(stages, stages.context(deadline)).await
    }
}
