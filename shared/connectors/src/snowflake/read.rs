//! A result's rows: the first partition comes with the answer, the rest is fetched in order until there are enough.
//!
//! A partition is as large as the vendor makes it, and one body is read up to [`MAX_BODY_BYTES`]. A later partition
//! beyond that ends the answer there, marked as cut by size: what was read holds already. The first one is an error,
//! because nothing is there to give.

use std::sync::Arc;

use egress::Response;

use super::{
    api::{Api, STATEMENTS},
    columns::Columns,
    run,
    wire::{self, Partition, ResultSet, Stats},
};
use crate::{ConnectorError, Rows, request::Context};

/// The most of one body, decompressed: several times what an answer may hold, because values come with less around
/// them or with more.
pub(super) const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// The most partitions of one answer: more than a thousand rows each would take for the most rows.
const MAX_PARTITIONS: usize = 10_000;

/// A result whose first partition is read.
pub(super) struct First {
    pub(super) rows: Rows,
    pub(super) names: Vec<String>,
    pub(super) stats: Stats,
    pub(super) message: Option<String>,
    columns: Columns,
    handle: Option<String>,
    /// The sizes of all partitions, as far as they are told.
    sizes: Vec<Option<u64>>,
}

/// Reads an answer and the rows in it. It is done where no other call waits for it.
pub(super) async fn first(response: Response, wanted: Option<usize>) -> Result<First, ConnectorError> {
    apart(move || {
        let read: ResultSet<'_> = wire::read(&response.body)?;
        let meta = read.meta.ok_or_else(wire::unreadable)?;
        let columns = Columns::of(&meta.row_type);
        let mut rows = Rows::up_to(wanted);
        match read.data {
            Some(data) => columns.push(data, &mut rows)?,
            None if meta.num_rows.unwrap_or(0) == 0 => {}
            None => {
                let why = "Snowflake answered without the rows: the result is too large; ask for less";
                return Err(ConnectorError::Upstream(why.into()));
            }
        }
        Ok(First {
            rows,
            names: meta.row_type.into_iter().map(|column| column.name).collect(),
            stats: read.stats.unwrap_or_default(),
            message: read.message,
            columns,
            handle: read.statement_handle,
            sizes: meta.partition_info.into_iter().map(|partition| partition.uncompressed_size).collect(),
        })
    })
    .await
}

/// The rest of the rows.
pub(super) async fn rest(api: &Arc<Api>, first: First, context: Context) -> Result<Rows, ConnectorError> {
    let First { mut rows, columns, handle, sizes, .. } = first;
    if sizes.len() <= 1 || rows.is_full() {
        return Ok(rows);
    }
    if sizes.len() > MAX_PARTITIONS {
        let why = format!("the result has more than {MAX_PARTITIONS} partitions; ask for less");
        return Err(ConnectorError::Upstream(why));
    }
    let handle = wire::handle(handle.unwrap_or_default())?;
    let columns = Arc::new(columns);
    for (number, size) in sizes.iter().enumerate().skip(1) {
        if rows.is_full() {
            break;
        }
        if size.is_some_and(|size| size > MAX_BODY_BYTES as u64) {
            rows.cut_by_size();
            break;
        }
        let mut url = api.url(&format!("{STATEMENTS}/{handle}"));
        url.query_pairs_mut().append_pair("partition", &number.to_string());
        let response = match api.get(url, context).await.answer {
            Err(error) if run::is_too_large(&error) => {
                rows.cut_by_size();
                break;
            }
            answer => answer?,
        };
        let columns = Arc::clone(&columns);
        rows = apart(move || {
            let read: Partition<'_> = wire::read(&response.body)?;
            columns.push(read.data.ok_or_else(wire::unreadable)?, &mut rows)?;
            Ok(rows)
        })
        .await?;
    }
    Ok(rows)
}

async fn apart<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, ConnectorError> + Send + 'static,
) -> Result<T, ConnectorError> {
    tokio::task::spawn_blocking(read).await.map_err(|_| wire::unreadable())?
}
