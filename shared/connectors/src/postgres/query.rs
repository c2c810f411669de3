//! A query: the caller's statement inside ours, read until the rows are enough.

use std::pin::pin;

use futures_util::TryStreamExt;
use model::deadline::Deadline;
use tokio_postgres::Statement as Prepared;

use super::{
    bind,
    columns::Columns,
    failure, plain,
    pool::{Lease, Pool},
    read::Read,
    statement::Statement,
    transaction::{self, Mode},
    wrap,
};
use crate::{ConnectorError, ROW_LIMIT, Rows};

/// One row more than an answer holds shows that there is more; what the caller limits is no cut.
pub(super) fn limit(wanted: Option<usize>) -> usize {
    wanted.map_or(ROW_LIMIT + 1, |wanted| wanted.min(ROW_LIMIT + 1))
}

pub(super) async fn run(
    pool: &Pool,
    statement: &Statement<'_>,
    wanted: Option<usize>,
    deadline: Deadline,
) -> Result<Rows, ConnectorError> {
    let (lease, prepared) = transaction::begin(pool, Mode::ReadOnly, statement, deadline).await?;
    let read = read(pool, &lease, statement, &prepared, wanted).await;
    drop(prepared);
    if !read.as_ref().is_ok_and(Read::is_unfinished) {
        transaction::undo(lease, Mode::ReadOnly).await;
    }
    read.map(|read| read.rows)
}

async fn read(
    pool: &Pool,
    lease: &Lease,
    statement: &Statement<'_>,
    prepared: &Prepared,
    wanted: Option<usize>,
) -> Result<Read, ConnectorError> {
    if prepared.columns().is_empty() {
        return Err(ConnectorError::Invalid(
            "the statement gives no columns, so there is nothing to query".into(),
        ));
    }
    if plain::suits(statement) {
        return plain::read(pool, lease, statement, prepared, wanted).await;
    }
    let columns = Columns::of(prepared.columns());
    let text = wrap::reading(&statement.text, &columns, limit(wanted));
    wrapped(pool, lease, &text, &columns, statement, prepared, wanted).await
}

/// Runs a statement of ours around the caller's.
pub(super) async fn wrapped(
    pool: &Pool,
    lease: &Lease,
    text: &str,
    columns: &Columns,
    statement: &Statement<'_>,
    prepared: &Prepared,
    wanted: Option<usize>,
) -> Result<Read, ConnectorError> {
    let session = lease.session()?;
    let failed = |error| failure::of_call(&error, &pool.dialer.target, &session.meter);
    let texts = bind::texts(&statement.values, prepared.params())?;
    let parameters = texts.into_iter().zip(prepared.params().iter().cloned());
    // Not prepared first: every column of ours has a type that the driver knows.
    let stream = session.client.query_typed_raw(text, parameters).await.map_err(failed)?;
    let mut stream = pin!(stream);
    let mut read = Read { rows: Rows::up_to(wanted), total: 0 };
    while let Some(row) = stream.try_next().await.map_err(failed)? {
        let total: Option<i64> = row.try_get(1).map_err(failed)?;
        read.total = total.and_then(|total| u64::try_from(total).ok()).unwrap_or_default();
        if !row.try_get::<_, bool>(0).map_err(failed)? {
            read.rows.cut_by_size();
            break;
        }
        let values: Result<Vec<Option<&str>>, _> = (2..row.len()).map(|at| row.try_get(at)).collect();
        let took = read.rows.push(columns.row(values.map_err(failed)?)?);
        if !took && read.rows.exceeded().is_some() {
            break;
        }
    }
    Ok(read)
}
