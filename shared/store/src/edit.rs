//! Read, decide, write; and again when somebody else was faster.

use backon::BackoffBuilder;
use model::{
    clock::Clock,
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
};

use crate::{
    connectors::{ConnectorReader, Write},
    error::StoreError,
    transaction::backoff,
};

/// Reads the record and hands it to `attempt`, which decides and writes; a refused write is a lost race, and the
/// whole is done again on the record as it then stands, until the deadline.
///
/// `attempt` returns `Ok(None)` for a lost race, `Ok(Some(done))` when it is finished, and its own error
/// otherwise. `Ok(None)` of this function says that there is no such record.
pub async fn edit<T, E: From<StoreError>>(
    store: &(impl ConnectorReader + ?Sized),
    clock: &dyn Clock,
    (tenant, name): (&TenantId, &ConnectorName),
    deadline: Deadline,
    mut attempt: impl AsyncFnMut(ConnectorRecord) -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    for wait in backoff().build() {
        let Some(record) = store.get(tenant, name, deadline).await? else { return Ok(None) };
        if let Some(done) = attempt(record).await? {
            return Ok(Some(done));
        }
        if deadline.left(clock.now()).is_none_or(|left| left < wait) {
            break;
        }
        tokio::time::sleep(wait).await;
    }
    Err(StoreError::Unavailable("others kept changing the record until the deadline".into()).into())
}

/// A finished attempt, where the write was stored.
pub fn stored<T>(write: Write, done: T) -> Option<T> {
    match write {
        Write::Stored => Some(done),
        Write::Refused => None,
    }
}
