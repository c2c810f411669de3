//! PostgreSQL. Three walls stand between a query and a write: our judgement of the statement, a read-only
//! transaction that always rolls back, and what the role may do. Values travel as text in both directions, so that
//! no digit is lost on the way.

mod bind;
mod columns;
mod dialer;
mod execute;
mod failure;
mod frames;
mod functions;
mod lexer;
mod meter;
mod plain;
mod pool;
mod query;
mod read;
mod rules;
mod shape;
mod statement;
mod target;
mod transaction;
mod wrap;

use async_trait::async_trait;
use egress::Egress;
use model::{deadline::Deadline, record::ConnectorRecord};

pub(crate) use rules::classify;

use self::{dialer::Dialer, pool::Pool, statement::Statement, target::Target};
use crate::{Connector, ConnectorError, Credentials, Executed, Request, Rows, Stage, Stages, trust::way_out};

/// One database.
pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn new(
        record: &ConnectorRecord,
        credentials: Option<Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let egress = way_out(&record.options, egress)?;
        let target = Target::new(record, credentials.as_ref(), &egress)?;
        let size = target::pool_size(&record.options)?;
        Ok(Self { pool: Pool::new(Dialer { target, egress }, size) })
    }
}

#[async_trait]
impl Connector for Postgres {
    async fn query(&self, asked: Request<'_>, deadline: Deadline) -> Result<Rows, ConnectorError> {
        let statement = Statement::new(asked.statement.unwrap_or_default(), asked.parameters)?;
        let left = self.pool.dialer.left(deadline)?;
        let answered =
            tokio::time::timeout(left, query::run(&self.pool, &statement, asked.limit, deadline)).await;
        answered.unwrap_or_else(|_| Err(self.pool.dialer.late()))
    }

    async fn execute(&self, asked: Request<'_>, deadline: Deadline) -> Result<Executed, ConnectorError> {
        let statement = Statement::new(asked.statement.unwrap_or_default(), asked.parameters)?;
        let left = self.pool.dialer.left(deadline)?;
        let committing = execute::Committing::default();
        let running = execute::run(&self.pool, &statement, asked.limit, &committing, deadline);
        tokio::time::timeout(left, running).await.unwrap_or_else(|_| {
            let late = self.pool.dialer.late();
            Err(if committing.is_begun() { ConnectorError::OutcomeUnknown(late.to_string()) } else { late })
        })
    }

    async fn health(&self, stages: &mut Stages<'_>, deadline: Deadline) -> Result<(), ConnectorError> {
        let dialer = &self.pool.dialer;
        let lease = self.pool.fresh(stages, deadline).await?;
        let session = lease.session()?;
        let answered = session.client.batch_execute("SELECT 1");
        let answered = tokio::time::timeout(dialer.left(deadline)?, answered).await;
        answered
            .map_err(|_| dialer.late())?
            .map_err(|error| failure::of_call(&error, &dialer.target, &session.meter))?;
        stages.passed(Stage::Call, format!("PostgreSQL {} answered SELECT 1", session.version));
        lease.give_back();
        Ok(())
    }

    async fn close(&self) {
        self.pool.close();
    }
}
