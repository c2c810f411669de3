//! How Jira, the gateway before it and its limits say no.

use serde_json::{Map, Value, json};

use crate::{Answer, Seen};

const JSON: &str = "application/json;charset=UTF-8";
const PROBLEM: &str = "application/problem+json;charset=UTF-8";

/// Jira's own JSON.
pub(super) fn json(status: u16, body: &Value) -> Answer {
    Answer::new(status, JSON, body.to_string())
}

/// The error collection.
pub(super) fn collection(status: u16, messages: &[&str], errors: &[(&str, &str)]) -> Answer {
    let errors: Map<String, Value> =
        errors.iter().map(|(field, why)| ((*field).to_owned(), json!(why))).collect();
    json(status, &json!({"errorMessages": messages, "errors": errors}))
}

/// One message of the error collection.
pub(super) fn message(status: u16, text: &str) -> Answer {
    collection(status, &[text], &[])
}

/// One field of the error collection.
pub(super) fn field(name: &str, why: &str) -> Answer {
    collection(400, &[], &[(name, why)])
}

/// What says no before Jira reads the request (RFC 9457).
pub(super) fn problem(status: u16, title: &str, detail: &str, seen: &Seen) -> Answer {
    let body = json!({
        "type": "about:blank", "title": title, "status": status, "detail": detail, "instance": seen.path,
    });
    Answer::new(status, PROBLEM, body.to_string())
}

/// The gateway's envelope.
pub(super) fn gateway(status: u16, message: &str) -> Answer {
    Answer::new(status, "application/json", json!({"code": status, "message": message}).to_string())
}

/// What needs an account and has none: plain words, whatever was asked for.
pub(super) fn unauthenticated() -> Answer {
    let words = "Client must be authenticated to access this resource.";
    Answer::new(401, "text/plain;charset=UTF-8", words)
        .header("www-authenticate", "OAuth realm=\"https%3A%2F%2Fsite.atlassian.net\"")
}

pub(super) fn nothing_here(seen: &Seen) -> Answer {
    let path = seen.path.trim_start_matches('/');
    problem(404, "Not Found", &format!("No endpoint {} /{path}.", seen.method), seen)
}

pub(super) fn no_issue() -> Answer {
    message(404, "Issue does not exist or you do not have permission to see it.")
}

pub(super) fn search_is_gone() -> Answer {
    message(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is \
         available at https://developer.atlassian.com/changelog/#CHANGE-2046",
    )
}

/// A 429 with the vendor's headers. The reason is `jira-burst-based`, `jira-per-issue-on-write`,
/// `jira-quota-global-based` or `jira-quota-tenant-based`.
pub fn limited(reason: &str, retry_after: u64) -> Answer {
    message(429, "Rate limit exceeded.")
        .header("retry-after", retry_after)
        .header("x-ratelimit-limit", 100)
        .header("x-ratelimit-remaining", 0)
        .header("x-ratelimit-reset", "2026-11-23T12:00:00Z")
        .header("ratelimit-reason", reason)
}

/// A 503 that says when to come back, which some of Jira's do.
pub fn unavailable(retry_after: u64) -> Answer {
    message(503, "The service is not available.").header("retry-after", retry_after)
}
