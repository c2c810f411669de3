//! The vendor's answers, as far as they are read. Values stay in the body that they came in.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ConnectorError;

/// The longest handle; the vendor's are UUIDs.
const MAX_HANDLE: usize = 64;

/// A statement that has ended (status 200), with its first rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultSet<'j> {
    #[serde(rename = "resultSetMetaData")]
    pub(super) meta: Option<MetaData>,
    /// A list of rows, each a list of strings and nulls.
    #[serde(borrow)]
    pub(super) data: Option<&'j RawValue>,
    pub(super) statement_handle: Option<String>,
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) stats: Option<Stats>,
}

/// One further partition of a result.
#[derive(Deserialize)]
pub(super) struct Partition<'j> {
    #[serde(borrow)]
    pub(super) data: Option<&'j RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetaData {
    #[serde(default)]
    pub(super) row_type: Vec<Column>,
    pub(super) num_rows: Option<u64>,
    pub(super) partition_info: Option<Vec<PartitionInfo>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartitionInfo {
    pub(super) uncompressed_size: Option<u64>,
}

/// A column of a result.
#[derive(Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) scale: Option<i64>,
}

/// What a statement changed.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    #[serde(rename = "numRowsInserted")]
    pub(super) inserted: Option<u64>,
    #[serde(rename = "numRowsUpdated")]
    pub(super) updated: Option<u64>,
    #[serde(rename = "numRowsDeleted")]
    pub(super) deleted: Option<u64>,
}

/// A statement that still runs (status 202).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Underway {
    pub(super) statement_handle: String,
    pub(super) statement_status_url: Option<String>,
}

/// Reads an answer; nothing of it is repeated where it is not what was expected.
pub(super) fn read<'j, T: Deserialize<'j>>(body: &'j [u8]) -> Result<T, ConnectorError> {
    serde_json::from_slice(body).map_err(|_| unreadable())
}

pub(super) fn unreadable() -> ConnectorError {
    ConnectorError::Upstream("Snowflake's answer can't be read".into())
}

/// A handle that may stand in a path.
pub(super) fn handle(text: String) -> Result<String, ConnectorError> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    if !text.is_empty() && text.len() <= MAX_HANDLE && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(unreadable())
    }
}
