//! The columns of a page, and rows made of it. Names that come up twice get a number, so that no value is lost.

use scylla::{
    response::query_result::QueryRowsResult,
    value::{CqlValue, Row},
};
use serde_json::value::RawValue;

use super::render;
use crate::{ConnectorError, Rows, names::distinct};

/// The column that says whether a lightweight transaction took effect.
const APPLIED: &str = "[applied]";

/// What a page held.
pub(super) struct Page {
    pub(super) rows: usize,
    /// As the server sent them.
    pub(super) bytes: usize,
    /// Whether a lightweight transaction took effect, where it was one.
    pub(super) applied: Option<bool>,
}

/// Adds the rows of a page until there are enough.
pub(super) fn take(page: &QueryRowsResult, rows: &mut Rows) -> Result<Page, ConnectorError> {
    let specs = page.column_specs();
    let names: Vec<&str> = specs.iter().map(scylla::frame::response::result::ColumnSpec::name).collect();
    let conditional = names.first().is_some_and(|name| *name == APPLIED);
    let keys: Vec<String> = distinct(&names).into_iter().map(|name| quoted(&name)).collect();
    let unreadable = || ConnectorError::Upstream("a value of the answer is unreadable".into());
    let mut applied = None;
    for row in page.rows::<Row>().map_err(|_| unreadable())? {
        let row = row.map_err(|_| unreadable())?;
        if conditional && let Some(Some(CqlValue::Boolean(flag))) = row.columns.first() {
            applied = Some(applied.unwrap_or(true) && *flag);
        }
        if !rows.push(object(&keys, &row.columns).map_err(|_| unreadable())?) {
            break;
        }
    }
    Ok(Page { rows: page.rows_num(), bytes: page.rows_bytes_size(), applied })
}

fn quoted(name: &str) -> String {
    let mut key = String::new();
    render::string(name, &mut key);
    key
}

fn object(keys: &[String], values: &[Option<CqlValue>]) -> serde_json::Result<Box<RawValue>> {
    let mut row = String::from("{");
    for (at, (key, value)) in keys.iter().zip(values).enumerate() {
        if at > 0 {
            row.push(',');
        }
        row.push_str(key);
        row.push(':');
        render::write(value.as_ref(), &mut row);
    }
    row.push('}');
    RawValue::from_string(row)
}
