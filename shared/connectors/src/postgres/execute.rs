//! An execute: one read-write transaction that commits. It is never repeated once the statement may have run; where
//! the answer to COMMIT does not come, the error says that nobody knows.

use std::sync::atomic::{AtomicBool, Ordering};

use model::deadline::Deadline;
use tokio_postgres::Statement as Prepared;

use super::{
    bind,
    columns::Columns,
    failure, plain,
    pool::{Lease, Pool},
    query,
    read::Read,
    statement::Statement,
    transaction::{self, Mode},
    wrap,
};
use crate::{ConnectorError, Executed, Rows};

/// Whether COMMIT was sent.
#[derive(Default)]
pub(super) struct Committing(AtomicBool);

impl Committing {
    pub(super) fn is_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) async fn run(
    pool: &Pool,
    statement: &Statement<'_>,
    wanted: Option<usize>,
    committing: &Committing,
    deadline: Deadline,
) -> Result<Executed, ConnectorError> {
    let (lease, prepared) = transaction::begin(pool, Mode::ReadWrite, statement, deadline).await?;
    let done = act(pool, &lease, statement, &prepared, wanted).await;
    drop(prepared);
    let executed = match done {
        Ok(executed) => executed,
        Err(error) => {
            transaction::undo(lease, Mode::ReadWrite).await;
            return Err(error);
        }
    };
    let session = lease.session()?;
    committing.0.store(true, Ordering::Relaxed);
    let committed = session.client.batch_execute("COMMIT").await;
    if let Err(error) = committed {
        let why = failure::of_call(&error, &pool.dialer.target, &session.meter);
        if failure::is_broken(&error) {
            return Err(ConnectorError::OutcomeUnknown(why.to_string()));
        }
        transaction::undo(lease, Mode::ReadWrite).await;
        return Err(why);
    }
    committing.0.store(false, Ordering::Relaxed);
    transaction::undo(lease, Mode::ReadWrite).await;
    Ok(executed)
}

async fn act(
    pool: &Pool,
    lease: &Lease,
    statement: &Statement<'_>,
    prepared: &Prepared,
    wanted: Option<usize>,
) -> Result<Executed, ConnectorError> {
    if prepared.columns().is_empty() {
        let session = lease.session()?;
        let parameters = bind::texts(&statement.values, prepared.params())?;
        let count = session.client.execute_raw(prepared, parameters).await;
        let count = count.map_err(|error| failure::of_call(&error, &pool.dialer.target, &session.meter))?;
        return Ok(executed(statement, count, None));
    }
    let Read { rows, total } = if plain::suits(statement) {
        plain::read(pool, lease, statement, prepared, wanted).await?
    } else {
        let (columns, limit) = (Columns::of(prepared.columns()), query::limit(wanted));
        let text = wrap::returning(&statement.text, statement.behind_with, &columns, limit);
        query::wrapped(pool, lease, &text, &columns, statement, prepared, wanted).await?
    };
    Ok(executed(statement, total, Some(rows)))
}

/// As the server's own command tag would say it.
fn executed(statement: &Statement<'_>, count: u64, rows: Option<Rows>) -> Executed {
    let message = match statement.verb.as_str() {
        "INSERT" => format!("INSERT 0 {count}"),
        verb @ ("SELECT" | "UPDATE" | "DELETE" | "MERGE" | "VALUES" | "TABLE") => format!("{verb} {count}"),
        verb => verb.to_owned(),
    };
    Executed { rows_affected: count, message, rows }
}
