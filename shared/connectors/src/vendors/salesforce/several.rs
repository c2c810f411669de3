//! Requests of several parts: how many of them were done is counted, and each part's result is a row.

use futures_util::future::BoxFuture;

use super::refusal;
use crate::{ConnectorError, Executed, vendor::api::Running};

pub(super) fn run(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        // Every part is counted, also where the caller wants to see a few.
        let whole = Running { limit: None, ..running };
        let done = whole.write(whole.draft()?).await?;
        let parts = done.rows.iter().flat_map(crate::Rows::items);
        let parts: Vec<bool> = parts.map(|part| refusal::done(part.get())).collect();
        let count = parts.iter().filter(|done| **done).count();
        let message = format!("{}, {count} of {} done", done.message, parts.len());
        Ok(Executed { rows_affected: u64::try_from(count).unwrap_or(u64::MAX), message, ..done })
    })
}
