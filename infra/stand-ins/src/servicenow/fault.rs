//! The vendor's refusals, in its own envelope.

use serde_json::{Value, json};

use super::Call;
use crate::Answer;

pub(super) fn fault(status: u16, message: &str, detail: &str) -> Answer {
    let detail = if detail.is_empty() { Value::Null } else { json!(detail) };
    let body = json!({"error": {"message": message, "detail": detail}, "status": "failure"});
    Answer::json(status, &body)
}

/// The answer of a rate limit rule: `limit` requests an hour, and so many seconds until there may be more.
pub fn rate_limited(limit: u32, retry_after: u32) -> Answer {
    let detail = format!("Rate limit of {limit} requests per hour for Table API exceeded");
    fault(429, "Rate limit exceeded", &detail)
        .header("Retry-After", retry_after)
        .header("X-RateLimit-Limit", limit)
        .header("X-RateLimit-Reset", 1_798_761_600)
        .header("X-RateLimit-Rule", "5f1c3a0bdb3a1300a5b2f3b31d961935")
}

/// An answer of the instance, or of what stands before it, in trouble.
pub fn failed(status: u16) -> Answer {
    match status {
        500 => fault(500, "Internal server error", "Script error: undefined"),
        _ => Answer::new(status, "text/html", "<html><body>The service is unavailable</body></html>"),
    }
}

/// What a developer instance answers after a while without use.
pub fn hibernating() -> Answer {
    Answer::new(200, "text/html;charset=UTF-8", "<html><body>Your instance is hibernating</body></html>")
}

pub(super) fn not_authenticated() -> Answer {
    fault(401, "User Not Authenticated", "Required to provide Auth information")
        .header("WWW-Authenticate", "BASIC realm=\"Service-now\"")
}

pub(super) fn out_of_scope() -> Answer {
    fault(403, "User Not Authorized", "Access to unscoped api is not allowed")
}

pub(super) fn not_authorized() -> Answer {
    fault(403, "User Not Authorized", "Failed API level ACL Validation")
}

pub(super) fn acl(what: &str) -> Answer {
    fault(403, "Operation Failed", &format!("ACL Exception {what} Failed due to security constraints"))
}

pub(super) fn no_record() -> Answer {
    fault(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
}

pub(super) fn no_such_resource() -> Answer {
    fault(400, "Requested URI does not represent any resource", "")
}

pub(super) fn not_allowed() -> Answer {
    fault(405, "Method not supported", "")
}

/// What every request must say of formats: an `Accept`, and with a body a `Content-Type`.
pub(super) fn headers(call: &mut Call<'_>) -> Result<(), Answer> {
    let accept = call.seen.header("accept").to_owned();
    if accept.is_empty() {
        call.note("no Accept header");
        return Err(fault(400, "Bad Request", "Accept header is required"));
    }
    if !accept.split(',').any(|kind| kind.trim().starts_with("application/json")) {
        call.note(format!("Accept: {accept}"));
        return Err(fault(406, "Not acceptable", "Response media type is not supported"));
    }
    let overrides = ["x-http-method-override", "x-http-method", "x-method-override"];
    if overrides.iter().any(|name| !call.seen.header(name).is_empty()) {
        call.note("the method is overridden");
    }
    if call.seen.method == "GET" && !call.seen.body.is_empty() {
        call.note("a GET with a body");
    }
    if !call.seen.body.is_empty() && call.seen.content_type() != "application/json" {
        call.note(format!("Content-Type: {}", call.seen.content_type()));
        return Err(fault(415, "Unsupported media type", "The endpoint does not support this format"));
    }
    Ok(())
}
