//! The envelopes of refusals, as the vendor's error guide and its API specification give them.

use serde_json::{Value, json};

use crate::Answer;

/// Every answer has one of its own in the real account.
pub(super) const CORRELATION: &str = "aeb5f871-7f07-4993-9211-075dc63e7cbf";

/// A refusal; `more` is merged into the envelope.
pub(super) fn error(status: u16, category: &str, message: &str, more: &Value) -> Answer {
    let mut body = json!({
        "status": "error",
        "message": message,
        "correlationId": CORRELATION,
        "category": category,
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    Answer::json(status, &body)
}

/// What a client must never send, which the vendor refuses.
pub(super) fn invalid(message: &str) -> Answer {
    error(400, "VALIDATION_ERROR", message, &Value::Null)
}

pub(super) fn no_token() -> Answer {
    let message = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can \
                   find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview";
    error(401, "INVALID_AUTHENTICATION", message, &Value::Null)
}

pub(super) fn expired() -> Answer {
    let message = "The OAuth token used to make this call expired 12 minute(s) ago.";
    let more = json!({"context": {"expire time": ["2026-11-23T09:48:00.000Z"]}});
    error(401, "EXPIRED_AUTHENTICATION", message, &more)
}

pub(super) fn missing_scope(scope: &str) -> Answer {
    let message = "This app hasn't been granted all required scopes to make this call. Read more about required \
                   scopes here: https://developers.hubspot.com/scopes.";
    let detail = json!({
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": [scope]},
    });
    error(403, "MISSING_SCOPES", message, &json!({"errors": [detail]}))
}

pub(super) fn not_found() -> Answer {
    error(404, "OBJECT_NOT_FOUND", "resource not found", &Value::Null)
}

pub(super) fn no_kind(name: &str) -> Answer {
    let message = format!("Unable to infer object type from: {name}");
    Answer::json(400, &json!({"status": "error", "message": message, "correlationId": CORRELATION}))
}

/// A path that leads nowhere, and a method that a path doesn't have, are answered by the web server.
pub(super) fn no_route(status: u16) -> Answer {
    let body = format!(
        "<html>\n<head>\n<title>Error {status}</title>\n</head>\n<body><h2>HTTP ERROR {status}</h2></body>\n</html>\n"
    );
    Answer::new(status, "text/html;charset=utf-8", body)
}

/// Property values that are refused, all of them at once: name, code, message.
pub(super) fn properties(faults: &[(String, &str, String)]) -> Answer {
    let listed: Vec<Value> = faults
        .iter()
        .map(|(name, code, message)| json!({"isValid": false, "message": message, "error": code, "name": name}))
        .collect();
    let details: Vec<Value> = faults
        .iter()
        .map(|(name, code, message)| {
            json!({"message": message, "code": code, "context": {"propertyName": [name]}})
        })
        .collect();
    let message = format!("Property values were not valid: {}", Value::from(listed));
    error(400, "VALIDATION_ERROR", &message, &json!({"errors": details}))
}

fn limit(message: &str, policy: &str) -> Answer {
    Answer::json(
        429,
        &json!({
            "status": "error",
            "message": message,
            "errorType": "RATE_LIMIT",
            "correlationId": CORRELATION,
            "policyName": policy,
            "requestId": "3d3e35b7-0dae-4b9f-a6e3-9c230cbcf8dd",
        }),
    )
}

/// Too many calls in ten seconds.
pub fn burst() -> Answer {
    limit("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING")
        .header("X-HubSpot-RateLimit-Interval-Milliseconds", 10_000)
        .header("X-HubSpot-RateLimit-Max", 190)
        .header("X-HubSpot-RateLimit-Remaining", 0)
}

/// Too many searches in one second; searches tell nothing in headers.
pub fn burst_of_searches() -> Answer {
    limit("You have reached your secondly limit.", "SECONDLY")
}

/// The account's calls of the day are used up.
pub fn daily() -> Answer {
    limit("You have reached your daily limit.", "DAILY")
        .header("X-HubSpot-RateLimit-Daily", 250_000)
        .header("X-HubSpot-RateLimit-Daily-Remaining", 0)
}

/// Another write holds the record.
pub fn locked() -> Answer {
    error(423, "LOCKED", "The resource is currently locked.", &Value::Null)
}

/// The account moves to another data centre.
pub fn migrating(seconds: u64) -> Answer {
    error(477, "MIGRATION_IN_PROGRESS", "This hub is currently being migrated.", &Value::Null)
        .header("Retry-After", seconds)
}

/// Something broke on the vendor's side.
pub fn internal_error() -> Answer {
    error(500, "INTERNAL_ERROR", "internal error", &Value::Null)
}

/// The vendor's edge has no answer in time, or none at all.
pub fn edge(status: u16) -> Answer {
    let body =
        format!("<html><head><title>{status}</title></head><body><center>cloudflare</center></body></html>");
    Answer::new(status, "text/html", body)
}
