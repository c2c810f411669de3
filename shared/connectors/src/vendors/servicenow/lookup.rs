//! Records by what people call them: incidents and changes by their numbers, items and templates by their names.

use std::collections::BTreeMap;

use egress::Response;
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::query;
use crate::{
    ConnectorError, Executed,
    vendor::{api::Running, args::Args, draft::Draft},
};

/// Where a record is found by what it is called.
pub(super) struct Called {
    /// The parameter that holds its `sys_id`, or what it is called.
    pub(super) parameter: &'static str,
    /// The list that it is on; `{class}` is the parameter of that name.
    pub(super) path: &'static str,
    /// The field that says what it is called.
    pub(super) field: &'static str,
    /// Whether the list can be told to give the `sys_id` alone.
    pub(super) brief: bool,
}

/// The operation with the record's `sys_id` in place of what it is called.
pub(super) fn found<'r>(
    running: Running<'r>,
    called: &'static Called,
) -> BoxFuture<'r, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let given = running.args.text(called.parameter).unwrap_or_default();
        if is_sys_id(&given) {
            return running.plainly().await;
        }
        let draft = called.draft(running.args, &given)?;
        let answer = running.look(&draft).await?;
        let records = records(&answer)?;
        let id = match records.as_slice() {
            [] => return Err(called.missing(&given)),
            [record] => text(record, "sys_id").filter(|id| is_sys_id(id)),
            _ => {
                // Without the value: an error of this kind is audited as it is.
                let why = format!(
                    "the parameter {} is what more than one record is called; give the sys_id",
                    called.parameter
                );
                return Err(ConnectorError::Invalid(why));
            }
        };
        let id =
            id.ok_or_else(|| ConnectorError::Upstream("ServiceNow gave a record without a sys_id".into()))?;
        let args = Args::new(running.args.all()).with(called.parameter, &id);
        Running { args: &args, ..running }.plainly().await
    })
}

/// The record itself, which its list has in the form that it is asked for.
pub(super) fn listed<'r>(
    running: Running<'r>,
    called: &'static Called,
) -> BoxFuture<'r, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let given = running.args.text(called.parameter).unwrap_or_default();
        if is_sys_id(&given) {
            return running.plainly().await;
        }
        let mut draft = running.draft()?;
        let list = called.draft(running.args, &given)?;
        draft.path = list.path;
        draft.query.extend(list.query.into_iter().filter(|(name, _)| name != "sysparm_fields"));
        let done = running.read(draft).await?;
        match done.rows.as_ref().map(|rows| rows.items().len()) {
            Some(1) => Ok(done),
            _ => Err(called.missing(&given)),
        }
    })
}

impl Called {
    fn draft(&self, args: &Args<'_>, given: &str) -> Result<Draft, ConnectorError> {
        let path = self.path.replace("{class}", &args.text("class").unwrap_or_default());
        let mut draft = Draft::plain(Method::GET, path);
        let condition = format!("{}={}", self.field, query::value(self.parameter, given)?);
        let fields: &[(&str, &str)] = if self.brief { &[("sysparm_fields", "sys_id")] } else { &[] };
        draft.query = query(&[("sysparm_query", &condition), ("sysparm_limit", "2")]);
        draft.query.extend(query(fields));
        Ok(draft)
    }

    fn missing(&self, given: &str) -> ConnectorError {
        let shown = model::fault::shortened(given);
        ConnectorError::Rejected {
            status: 404.into(),
            message: format!(
                ": there is no record with {} {shown:?} that these credentials may read",
                self.field
            ),
        }
    }
}

pub(super) fn is_sys_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// Query parameters, owned.
pub(super) fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A record: its fields' JSON texts by their names.
pub(super) type Record<'a> = BTreeMap<String, &'a RawValue>;

/// The most records that are looked for; an answer is as long as a stranger made it.
const LOOKED_FOR: usize = 2;

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    result: Vec<&'a RawValue>,
}

/// The first records of an answer.
pub(super) fn records(response: &Response) -> Result<Vec<Record<'_>>, ConnectorError> {
    let unreadable = |_| ConnectorError::Upstream("ServiceNow's answer holds no list of records".into());
    let list: List<'_> = serde_json::from_slice(&response.body).map_err(unreadable)?;
    let records = list.result.iter().take(LOOKED_FOR);
    Ok(records.filter_map(|record| serde_json::from_str(record.get()).ok()).collect())
}

/// A record's text.
pub(super) fn text(record: &Record<'_>, field: &str) -> Option<String> {
    serde_json::from_str(record.get(field)?.get()).ok()
}
