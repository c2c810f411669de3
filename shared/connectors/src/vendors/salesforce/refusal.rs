//! What Salesforce's answers say against their requests: a list of faults, each with a code, a message and the fields
//! it is about. A request of several parts is answered with 200 even where every one of them failed.

use std::time::Duration;

use egress::Response;
use serde_json::Value;

use crate::{
    ConnectorError,
    http::answer::is_json,
    vendor::{
        said::{Refused, Said},
        way::Setup,
    },
};

/// How long to wait for one of the long requests to end that may be under way at once.
const LONG_REQUEST: Duration = Duration::from_secs(5);
/// What begins the answer to a composite request.
const COMPOSITE: &[u8] = br#"{"compositeResponse""#;
/// What is said of parts that did nothing because another failed.
const UNDONE: [&str; 2] = ["PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"];

pub(super) fn refusal(response: &Response) -> Option<Refused> {
    let Some(said) = Said::by_status(response) else {
        // Hosts of Salesforce's that are not the org's answer with a page to sign in at.
        let page = !response.body.is_empty() && !is_json(response);
        return if page { Some(Refused::new(Said::Foreign, "", "")) } else { none_done(&response.body) };
    };
    let body = model::json::parse(&response.body).unwrap_or_default();
    if response.status.as_u16() == 300 {
        let records: Vec<&str> = body.as_array().into_iter().flatten().filter_map(last_segment).collect();
        let words = format!("several records have this value: {}", records.join(", "));
        return Some(Refused::new(Said::Rejected, "MULTIPLE_CHOICES", words));
    }
    let (code, mut words) = fault(body.get(0).unwrap_or(&Value::Null));
    let said = match (response.status.as_u16(), code.as_str()) {
        // A session that has run out is renewed. One whose app lacks the scope `api` says the same code, and would
        // say it again.
        (401, "INVALID_SESSION_ID") if words.contains("not valid for use with the REST API") => {
            words.push_str("; the app needs the OAuth scope `api`");
            Said::Lacks
        }
        (403, "REQUEST_LIMIT_EXCEEDED") if words.contains("Concurrent") => {
            Said::Burst { wait: Some(LONG_REQUEST) }
        }
        (403, "REQUEST_LIMIT_EXCEEDED") => Said::Quota,
        (410, _) => {
            words.push_str("; options.api_version names the version");
            said
        }
        // The transaction was undone.
        (_, "UNABLE_TO_LOCK_ROW") => Said::Busy,
        _ => said,
    };
    Some(Refused::new(said, code, words))
}

/// The first fault of an answer whose every part failed: nothing was done. Where a part was, the answer is one.
fn none_done(body: &[u8]) -> Option<Refused> {
    let body = body.trim_ascii_start();
    if !body.starts_with(COMPOSITE) && !body.starts_with(b"[") {
        return None;
    }
    let body = model::json::parse(body).ok()?;
    let parts = body.get("compositeResponse").unwrap_or(&body).as_array()?;
    let faults: Option<Vec<(String, String)>> = parts.iter().map(failed).collect();
    let faults = faults?;
    let cause = faults.iter().find(|(code, _)| !UNDONE.contains(&code.as_str())).or(faults.first())?;
    let said = if cause.0 == "UNABLE_TO_LOCK_ROW" { Said::Busy } else { Said::Rejected };
    Some(Refused::new(said, cause.0.as_str(), cause.1.as_str()))
}

/// The fault of a part; nothing where it was done.
fn failed(part: &Value) -> Option<(String, String)> {
    match (part.get("httpStatusCode").and_then(Value::as_u64), part.get("success")) {
        (Some(status), _) if status >= 300 => Some(fault(part.pointer("/body/0").unwrap_or(&Value::Null))),
        (None, Some(Value::Bool(false))) => Some(fault(part.pointer("/errors/0").unwrap_or(&Value::Null))),
        _ => None,
    }
}

/// Whether a part of an answer was done.
pub(super) fn done(part: &Value) -> bool {
    failed(part).is_none()
}

/// A fault's code, and its message with the fields that it is about.
fn fault(fault: &Value) -> (String, String) {
    let text = |key: &str| fault.get(key).and_then(Value::as_str);
    let code = text("errorCode").or_else(|| text("statusCode")).unwrap_or_default();
    let mut words = text("message").unwrap_or_default().to_owned();
    let fields = fault.get("fields").and_then(Value::as_array).into_iter().flatten();
    let fields: Vec<&str> = fields.filter_map(Value::as_str).filter(|field| !words.contains(field)).collect();
    if !fields.is_empty() {
        words = format!("{words} ({})", fields.join(", "));
    }
    (code.to_owned(), words)
}

fn last_segment(url: &Value) -> Option<&str> {
    url.as_str()?.rsplit('/').next()
}

/// What the live test saw: how much may still be asked.
pub(super) fn left(response: &Response, _: &Setup<'_>) -> Result<String, ConnectorError> {
    let body = model::json::parse(&response.body).unwrap_or_default();
    let number = |key: &str| body.pointer(&format!("/DailyApiRequests/{key}")).and_then(Value::as_i64);
    let (left, most) = number("Remaining").zip(number("Max")).ok_or_else(|| {
        let why = "the host answers, but not as Salesforce does; connection_url must be the org's own host";
        ConnectorError::Upstream(why.into())
    })?;
    Ok(format!("GET of limits: {left} of {most} requests are left in these 24 hours"))
}
