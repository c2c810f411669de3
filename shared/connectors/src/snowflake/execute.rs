//! An execute: what the statement changed, in the server's own counts, and what it gave back. The statement is done by
//! then, so that nothing about the answer's rows is an error.

use std::sync::Arc;

use egress::Response;
use serde::Deserialize;

use super::{
    api::Api,
    read::{self, First},
    wire::{self, ResultSet, Stats},
};
use crate::{ConnectorError, Executed, message::passed_on, request::Context};

/// The largest result that is looked at for counts, in bytes: three of them take no hundred.
const COUNTS_BYTES: usize = 4 * 1024;
/// How the server calls its counts of rows, in a result of one row.
const COUNTS: [(&str, &str); 3] = [
    ("number of rows inserted", "inserted"),
    ("number of rows updated", "updated"),
    ("number of rows deleted", "deleted"),
];

/// Reads the answer to a statement that was executed.
pub(super) async fn executed(
    api: &Arc<Api>,
    verb: &str,
    response: Response,
    wanted: Option<usize>,
    context: Context,
) -> Result<Executed, ConnectorError> {
    let counted = counted(&response);
    let unreadable = |error: ConnectorError| ConnectorError::OutcomeUnknown(error.to_string());
    let first = read::first(response, wanted).await.map_err(unreadable)?;
    if let Some(counts) = counted.or_else(|| of_stats(first.stats)) {
        let rows_affected = counts.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
        return Ok(Executed { rows_affected, message: told(verb, &counts), rows: None });
    }
    if let Some(status) = status(&first) {
        return Ok(Executed { rows_affected: 0, message: status, rows: None });
    }
    let message = first.message.as_deref().map(cleaned).unwrap_or_default();
    let so_far = first.rows.items().len();
    let rows = match read::rest(api, first, context).await {
        Ok(rows) => Some(rows),
        Err(error) => {
            tracing::debug!(%error, so_far, "the further rows of a statement could not be read");
            None
        }
    };
    let count = rows.as_ref().map_or(so_far, |rows| rows.items().len());
    let message = if message.is_empty() { format!("{verb} {count}") } else { message };
    Ok(Executed { rows_affected: 0, message, rows })
}

/// The counts in a result of DML: one row with columns of their own.
fn counted(response: &Response) -> Option<Vec<(&'static str, u64)>> {
    let read: ResultSet<'_> = wire::read(&response.body).ok()?;
    let columns = read.meta?.row_type;
    let data = read.data?.get();
    if data.len() > COUNTS_BYTES {
        return None;
    }
    let rows: Vec<Vec<Count>> = serde_json::from_str(data).ok()?;
    let [row] = rows.as_slice() else { return None };
    let counts: Vec<_> = columns
        .iter()
        .zip(row)
        .filter_map(|(column, count)| {
            let (_, word) = COUNTS.iter().find(|(name, _)| column.name.eq_ignore_ascii_case(name))?;
            Some((*word, count.0.as_deref()?.parse().ok()?))
        })
        .collect();
    (!counts.is_empty()).then_some(counts)
}

#[derive(Deserialize)]
struct Count(Option<String>);

fn of_stats(stats: Stats) -> Option<Vec<(&'static str, u64)>> {
    let counts = [stats.inserted, stats.updated, stats.deleted];
    let told = COUNTS.iter().zip(counts).filter_map(|((_, word), count)| Some((*word, count?)));
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then_some(told)
}

/// `INSERT: 3 rows inserted`.
fn told(verb: &str, counts: &[(&str, u64)]) -> String {
    let one =
        |(word, count): &(&str, u64)| format!("{count} {} {word}", if *count == 1 { "row" } else { "rows" });
    format!("{verb}: {}", counts.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// What DDL answers: one row with one column of this name.
fn status(first: &First) -> Option<String> {
    let ([name], [row]) = (first.names.as_slice(), first.rows.items()) else { return None };
    if !name.eq_ignore_ascii_case("status") {
        return None;
    }
    let row = model::json::parse(row.get().as_bytes()).ok()?;
    row.get(name)?.as_str().map(cleaned)
}

fn cleaned(text: &str) -> String {
    passed_on(text, &[]).trim_start_matches(": ").to_owned()
}
