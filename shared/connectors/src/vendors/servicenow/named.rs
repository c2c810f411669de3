//! Whether a list is what was asked for. An instance passes over a condition on a field that its table lacks, or that
//! the caller may not read, and gives every record: a slip would look like an answer. A record that came back without a
//! field that the query names says so.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::value::RawValue;

use super::{lookup, query::Query};
use crate::{
    ConnectorError, Executed, Rows,
    vendor::{api::Running, args::Args, draft::Draft},
};

/// A list whose rows hold the fields that it is filtered by.
pub(super) fn list<'r>(
    running: Running<'r>,
    table: &'r str,
) -> BoxFuture<'r, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let named = named(running.args)?;
        // Without a choice of fields a record has its own fields and not those that they lead to.
        let beyond: Vec<String> = named.iter().filter(|field| field.contains('.')).cloned().collect();
        if !running.args.has("fields") {
            ask(running, table, &beyond).await?;
        }
        let done = running.plainly().await?;
        let own = |field: &&String| running.args.has("fields") || !field.contains('.');
        held(table, done.rows.as_ref(), named.iter().filter(own))?;
        Ok(done)
    })
}

/// Something that is counted or shown without its fields: one record is looked at before.
pub(super) fn count<'r>(
    running: Running<'r>,
    table: &'r str,
) -> BoxFuture<'r, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        ask(running, table, &named(running.args)?).await?;
        running.plainly().await
    })
}

/// The table that a call names.
pub(super) fn table<'a>(args: &'a Args<'_>, parameter: &str) -> &'a str {
    args.raw(parameter).unwrap_or_default().trim_matches('"')
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
    let records = lookup::records(&running.look(&draft).await?)?;
    let lacks = records.first().and_then(|record| fields.iter().find(|field| record.get(*field).is_none()));
    lacks.map_or(Ok(()), |field| Err(passed_over(table, field)))
}

/// Whether some row has each of the fields; rights may differ by the record.
fn held<'f>(
    table: &str,
    rows: Option<&Rows>,
    mut fields: impl Iterator<Item = &'f String>,
) -> Result<(), ConnectorError> {
    let rows = rows.map(Rows::items).unwrap_or_default();
    let has = |row: &str, field: &String| {
        let record = serde_json::from_str::<BTreeMap<String, &RawValue>>(row);
        record.is_ok_and(|record| record.contains_key(field))
    };
    let lacks = |field: &&String| !rows.is_empty() && !rows.iter().any(|row| has(row.get(), field));
    fields.find(lacks).map_or(Ok(()), |field| Err(passed_over(table, field)))
}

fn passed_over(table: &str, field: &str) -> ConnectorError {
    ConnectorError::Invalid(format!(
        "{table} has no field {field} that these credentials may read, and ServiceNow passes over a condition on it: \
         the answer would hold records that nobody asked for"
    ))
}
