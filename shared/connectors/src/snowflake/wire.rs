//! The vendor's answers, as far as they are read. Values stay in the body that they came in.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::ConnectorError;

/// The longest handle; the vendor's are UUIDs.
const MAX_HANDLE: usize = 64;
/// The most columns and partitions that are kept, more than any answer may use: a list of what takes three bytes in
/// the body takes far more of our memory. Rows with more values than columns are unreadable.
const MAX_KEPT: usize = 16 * 1024;

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
    #[serde(default, deserialize_with = "first_of")]
    pub(super) row_type: Vec<Column>,
    pub(super) num_rows: Option<u64>,
    #[serde(default, deserialize_with = "first_of")]
    pub(super) partition_info: Vec<PartitionInfo>,
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

/// The first [`MAX_KEPT`] of a list; null is an empty one.
fn first_of<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_option(First(PhantomData))
}

struct First<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for First<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_none<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MAX_KEPT {
            let Some(next) = list.next_element()? else { return Ok(kept) };
            kept.push(next);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(kept)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_of_an_answer_is_kept_beyond_its_bound() {
        let list = |item: &str, count: usize| vec![item; count].join(",");
        for (count, kept) in [(0, 0), (MAX_KEPT, MAX_KEPT), (MAX_KEPT + 2, MAX_KEPT)] {
            let text = format!(
                r#"{{"partitionInfo": [{}], "rowType": [{}]}}"#,
                list("{}", count),
                list(r#"{"name":""}"#, count)
            );
            let meta: MetaData = read(text.as_bytes()).unwrap();
            assert_eq!((meta.partition_info.len(), meta.row_type.len()), (kept, kept));
        }
        for text in ["{}", r#"{"partitionInfo": null, "rowType": null}"#] {
            let meta: MetaData = read(text.as_bytes()).unwrap();
            assert!(meta.partition_info.is_empty() && meta.row_type.is_empty(), "{text}");
        }
        assert!(read::<MetaData>(br#"{"rowType": {}}"#).is_err());
    }
}
