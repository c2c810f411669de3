//! Apache Cassandra and what speaks its protocol, Amazon Keyspaces among it. Two walls stand between a query and a
//! write: our judgement of the statement, and what the role may do. The driver finds the cluster's nodes by itself;
//! every address that it may dial is judged first, and its own retries are switched off.

mod bind;
mod call;
mod columns;
mod decimal;
mod dialer;
mod duration;
mod failure;
mod kinds;
mod paging;
mod render;
mod sessions;
mod statement;
mod target;

use std::sync::Arc;

use async_trait::async_trait;
use egress::Egress;
use model::{deadline::Deadline, policy::Operation, record::ConnectorRecord};

use self::{
    call::{Answer, Call, Sent},
    dialer::Dialer,
    sessions::Sessions,
    statement::Statement,
    target::Target,
};
use crate::{
    Connector, ConnectorError, Credentials, Executed, Request, Rows, Stage, Stages, cql, trust::way_out,
};

/// Answers on every node, needs the login and no right.
const HEALTH: &str = "SELECT release_version FROM system.local";
/// The longest part of the server's version that is shown.
const VERSION_CHARS: usize = 64;

/// One keyspace of one cluster.
pub(crate) struct Cassandra {
    sessions: Sessions,
}

/// Every operation in a statement.
pub(crate) fn classify(asked: Request<'_>) -> Result<Vec<Operation>, ConnectorError> {
    cql::judge(asked.statement.unwrap_or_default()).map_err(ConnectorError::Invalid)
}

impl Cassandra {
    pub(crate) fn new(
        record: &ConnectorRecord,
        credentials: Option<Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let egress = way_out(&record.options, egress)?;
        let target = Arc::new(Target::new(record, credentials.as_ref(), &egress)?);
        Ok(Self { sessions: Sessions::new(Dialer { target, egress }) })
    }

    /// Runs one statement within its time.
    async fn run(
        &self,
        asked: Request<'_>,
        statement: &Statement<'_>,
        deadline: Deadline,
    ) -> Result<Answer, ConnectorError> {
        let repeatable = cql::is_idempotent(&classify(asked)?);
        let dialer = &self.sessions.dialer;
        let left = dialer.left(deadline)?;
        let sent = Sent::default();
        let call = Call::new(&self.sessions, statement, repeatable, asked.limit, &sent, deadline);
        tokio::time::timeout(left, call.run()).await.unwrap_or_else(|_| {
            let late = dialer.late();
            Err(if sent.is_under_way() { ConnectorError::OutcomeUnknown(late.to_string()) } else { late })
        })
    }
}

#[async_trait]
impl Connector for Cassandra {
    async fn query(&self, asked: Request<'_>, deadline: Deadline) -> Result<Rows, ConnectorError> {
        let statement = Statement::new(asked.statement.unwrap_or_default(), asked.parameters)?;
        // Boxed: the driver's futures are large.
        let answer = Box::pin(self.run(asked, &statement, deadline)).await?;
        answer.rows.ok_or_else(|| {
            let why = "the statement gives no columns, so there is nothing to query";
            ConnectorError::Invalid(why.into())
        })
    }

    async fn execute(&self, asked: Request<'_>, deadline: Deadline) -> Result<Executed, ConnectorError> {
        let statement = Statement::new(asked.statement.unwrap_or_default(), asked.parameters)?;
        let answer = Box::pin(self.run(asked, &statement, deadline)).await?;
        Ok(executed(&statement, answer))
    }

    async fn health(&self, stages: &mut Stages<'_>, deadline: Deadline) -> Result<(), ConnectorError> {
        let lease = self.sessions.fresh(stages, deadline).await?;
        let dialer = &self.sessions.dialer;
        let asked = lease.session.query_unpaged(HEALTH, ());
        let answered =
            tokio::time::timeout(dialer.left(deadline)?, asked).await.map_err(|_| dialer.late())?;
        let answer = answered.map_err(|error| failure::of_execution(&error, &dialer.target).error)?;
        let row = answer.into_rows_result().ok().and_then(|rows| rows.first_row::<(String,)>().ok());
        let (version,) = row
            .ok_or_else(|| ConnectorError::Upstream("the server does not say which version it is".into()))?;
        // Shown to people, and written by whoever runs the server.
        let version: String = version.chars().filter(|c| !c.is_control()).take(VERSION_CHARS).collect();
        stages.passed(Stage::Call, format!("Cassandra {version} answered {HEALTH}"));
        Ok(())
    }

    async fn close(&self) {
        self.sessions.close();
    }
}

/// Cassandra counts no rows: a write is one change, and a lightweight transaction one or none.
fn executed(statement: &Statement<'_>, answer: Answer) -> Executed {
    let mut message = statement.verb.clone();
    if answer.unsettled {
        message.push_str(", which not every node has heard of yet");
    }
    let rows_affected = match (answer.applied, &answer.rows) {
        (Some(applied), _) => u64::from(applied),
        (None, Some(rows)) => rows.items().len().try_into().unwrap_or(u64::MAX),
        (None, None) => 1,
    };
    if answer.applied == Some(false) {
        message.push_str(", not applied");
    }
    Executed { rows_affected, message, rows: answer.rows }
}
