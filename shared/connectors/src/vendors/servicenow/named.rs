//! Whether a list is what was asked for. An instance passes over a condition on a field that its table lacks, or that
//! the caller may not read, and gives every record: a slip would look like an answer. A record that came back without a
//! field that the query names says so.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::BoxFuture;
use model::fault::shortened;
use reqwest::Method;
use serde_json::value::RawValue;

use super::{lookup, query::Query};
use crate::{
    ConnectorError, Executed, Rows,
    vendor::{api::Running, args::Args, draft::Draft},
};

/// A list whose rows hold the fields that it is filtered by.
pub(super) fn list(
    running: Running<'_>,
    table: impl Into<String>,
) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    let table = table.into();
    Box::pin(async move {
        let named = named(running.args)?;
        // Without a choice of fields a record has its own fields and not those that they lead to.
        let beyond: Vec<String> = named.iter().filter(|field| field.contains('.')).cloned().collect();
        if !running.args.has("fields") {
            ask(running, &table, &beyond).await?;
        }
        let done = running.plainly().await?;
        let own = |field: &&String| running.args.has("fields") || !field.contains('.');
        held(&table, done.rows.as_ref(), named.iter().filter(own))?;
        Ok(done)
    })
}

/// Something that is counted or shown without its fields: one record is looked at before.
pub(super) fn count(
    running: Running<'_>,
    table: impl Into<String>,
) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    let table = table.into();
    Box::pin(async move {
        ask(running, &table, &named(running.args)?).await?;
        running.plainly().await
    })
}

/// The table that a call names.
pub(super) fn table(args: &Args<'_>, parameter: &str) -> String {
    args.text(parameter).unwrap_or_default()
}

/// The fields that a call names in its query and elsewhere.
pub(super) fn named(args: &Args<'_>) -> Result<Vec<String>, ConnectorError> {
    let wrong = |why: String| ConnectorError::Invalid(format!("the parameter query {why}"));
    let mut named = Query::read(&args.text("query").unwrap_or_default()).map_err(wrong)?.fields;
    for list in ["order_by", "group_by", "avg", "min", "max", "sum"] {
        let text = args.text(list).unwrap_or_default();
        let fields = text.split(',').map(|name| name.strip_prefix('-').unwrap_or(name));
        named.extend(fields.filter(|name| !name.is_empty()).map(str::to_owned));
    }
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

async fn ask(running: Running<'_>, table: &str, fields: &[String]) -> Result<(), ConnectorError> {
    if fields.is_empty() {
        return Ok(());
    }
    let mut draft = Draft::plain(Method::GET, format!("/api/now/table/{table}"));
    draft.query = lookup::query(&[("sysparm_fields", &fields.join(",")), ("sysparm_limit", "1")]);
    let answer = running.look(&draft).await?;
    let records = lookup::records(&answer)?;
    let lacks = records.first().and_then(|record| fields.iter().find(|field| !record.contains_key(*field)));
    lacks.map_or(Ok(()), |field| Err(passed_over(table, field)))
}

/// Whether some row has each of the fields; rights may differ by the record.
fn held<'f>(
    table: &str,
    rows: Option<&Rows>,
    fields: impl Iterator<Item = &'f String>,
) -> Result<(), ConnectorError> {
    let rows = rows.map(Rows::items).unwrap_or_default();
    let mut lacking: BTreeSet<&str> = fields.map(String::as_str).collect();
    for row in rows {
        if lacking.is_empty() {
            break;
        }
        let record: BTreeMap<String, &RawValue> = serde_json::from_str(row.get()).unwrap_or_default();
        for field in record.keys() {
            lacking.remove(field.as_str());
        }
    }
    lacking.first().filter(|_| !rows.is_empty()).map_or(Ok(()), |field| Err(passed_over(table, field)))
}

fn passed_over(table: &str, field: &str) -> ConnectorError {
    let (table, field) = (shortened(table), shortened(field));
    ConnectorError::Invalid(format!(
        "{table} has no field {field} that these credentials may read, and ServiceNow passes over a condition on it: \
         the answer would hold records that nobody asked for"
    ))
}
