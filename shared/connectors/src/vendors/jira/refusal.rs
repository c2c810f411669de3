//! What Jira's answers say against a request.

use std::time::Duration;

use egress::Response;
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, RETRY_AFTER};
use serde_json::Value;

use crate::{
    http::answer::{header, small},
    vendor::said::{Refused, Said},
};

/// How Jira says that it did not know a password, and served the request as the public's.
const LOGIN: &str = "x-seraph-loginreason";

pub(super) fn refusal(response: &Response) -> Option<Refused> {
    if let Some(reason) = public(response) {
        return Some(Refused::new(Said::Credentials, reason, ""));
    }
    let said = Said::by_status(response)?;
    let words = words(response);
    let reason = header(response, "ratelimit-reason").unwrap_or_default();
    Some(match response.status.as_u16() {
        // The gateway says so of a token that is good.
        401 if words.contains("scope does not match") => Refused::new(Said::Lacks, "", words),
        // Points of the hour are used up; the other limits are a matter of seconds.
        429 if reason.starts_with("jira-quota") => Refused::new(Said::Quota, reason, words),
        429 => Refused::new(Said::Burst { wait: until_reset(response) }, reason, words),
        _ => Refused::new(said, "", words),
    })
}

/// A site gives what everybody may see to a caller whom it does not know: an empty list, or a 404. What only a write
/// answers was done, whoever did it.
fn public(response: &Response) -> Option<String> {
    let reason = header(response, LOGIN).filter(|_| !matches!(response.status.as_u16(), 201 | 204))?;
    reason
        .split(',')
        .map(str::trim)
        .find(|one| one.starts_with("AUTHENTICAT") && *one != "AUTHENTICATED")
        .map(str::to_owned)
}

/// `X-RateLimit-Reset` is a time; the answer's own `Date` is what to hold it against.
fn until_reset(response: &Response) -> Option<Duration> {
    if response.headers.contains_key(RETRY_AFTER) {
        return None;
    }
    let reset: Timestamp = header(response, "x-ratelimit-reset")?.trim().parse().ok()?;
    let now = rfc2822::parse(&header(response, DATE.as_str())?).ok()?.timestamp();
    Some(reset.duration_since(now).try_into().unwrap_or_default())
}

/// The error collection's words, the gateway's, or those of a problem document.
fn words(response: &Response) -> String {
    let body = small(response).unwrap_or_default();
    let texts = body.get("errorMessages").and_then(Value::as_array).into_iter().flatten();
    let messages = texts.filter_map(Value::as_str).map(str::to_owned);
    let fields = body.get("errors").and_then(Value::as_object).into_iter().flatten();
    let fields = fields.map(|(field, why)| format!("{field}: {}", why.as_str().unwrap_or("refused")));
    let all: Vec<String> = messages.chain(fields).collect();
    if !all.is_empty() {
        return all.join("; ");
    }
    let one = ["detail", "message", "error"].iter().find_map(|key| body.get(key).and_then(Value::as_str));
    one.unwrap_or_default().to_owned()
}
