//! Batches of which a part went wrong, which are answered with status 207: what was done is told from what was not.

use egress::Response;
use futures_util::future::BoxFuture;
use model::data_path::DataPath;
use reqwest::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use super::{text, words};
use crate::{
    ConnectorError, Executed, Rows,
    http::body,
    message::passed_on,
    vendor::{
        api::Running,
        said::{Refused, Said},
    },
};

/// The longest list of errors that is searched for words.
const READ_BYTES: usize = 64 * 1024;

#[derive(Default, Deserialize)]
struct Batch<'b> {
    #[serde(default)]
    results: Vec<IgnoredAny>,
    #[serde(borrow)]
    errors: Option<&'b RawValue>,
}

/// What of a batch was done and what was not, and why not.
struct Part {
    done: usize,
    failed: usize,
    code: String,
    words: String,
}

/// What went wrong with a part of a batch: records that aren't there are left out, anything else is an error.
fn part(response: &Response) -> Option<Part> {
    if response.status != StatusCode::MULTI_STATUS {
        return None;
    }
    let batch: Batch<'_> = serde_json::from_slice(&response.body).unwrap_or_default();
    let errors = batch.errors.map_or("[]", RawValue::get);
    let failed = serde_json::from_str::<Vec<IgnoredAny>>(errors).map_or(0, |all| all.len());
    let done = batch.results.len();
    if errors.len() > READ_BYTES {
        return Some(Part { done, failed, code: String::new(), words: String::new() });
    }
    let errors = model::json::parse(errors.as_bytes()).unwrap_or_default();
    let mut errors = errors.as_array().into_iter().flatten();
    let error: &Value = errors.find(|error| text(error, "/category") != "OBJECT_NOT_FOUND")?;
    Some(Part { done, failed, code: text(error, "/category").to_owned(), words: words(error) })
}

impl Part {
    fn told(&self) -> String {
        format!("{} were done, {} not: {}", self.done, self.failed, self.words)
    }
}

/// A batch of which nothing was done is refused.
pub(super) fn refusal(response: &Response) -> Option<Refused> {
    let part = part(response).filter(|part| part.done == 0)?;
    Some(Refused::new(Said::Rejected, part.code.as_str(), part.told()))
}

/// A write that was done in part is done, and says how far.
pub(super) fn write(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let response = running.send(&running.draft()?).await?;
        let mut message = format!("{} {}", running.op.spec.name, response.status.as_u16());
        if let Some(part) = part(&response) {
            let secrets: Vec<&str> = running.api.credentials.values().collect();
            message.push_str(&passed_on(&part.told(), &secrets));
        }
        // Every part is counted, also where the caller wants to see a few.
        let rows = body::after_write(response, results(), None).await;
        let count = rows.as_ref().map_or(1, |rows| rows.items().len());
        Ok(Executed { rows_affected: u64::try_from(count).unwrap_or(u64::MAX), message, rows })
    })
}

/// A read that went wrong in part would lack rows that are there.
pub(super) fn read(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let response = running.send(&running.draft()?).await?;
        if let Some(part) = part(&response) {
            let secrets: Vec<&str> = running.api.credentials.values().collect();
            let refused = Refused::new(Said::Rejected, part.code.as_str(), part.told());
            return Err(refused.error(&response, running.api.vendor.name, &secrets));
        }
        let rows = body::rows(response, results(), Rows::up_to(running.limit)).await?;
        let message = format!("{}, {} rows", running.op.spec.name, rows.items().len());
        Ok(Executed { rows_affected: 0, message, rows: Some(rows) })
    })
}

fn results() -> Option<DataPath> {
    DataPath::parse("/results").ok()
}
