//! The envelopes of refusals, as the vendor's guide to common errors and its API specifications give them.

use serde_json::{Value, json};

use crate::Answer;

/// What the API answers with; the hotel API says plain JSON.
pub(super) const JSON: &str = "application/vnd.amadeus+json";

/// JSON in the vendor's own type.
pub(super) fn answer(status: u16, body: &Value) -> Answer {
    Answer::new(status, JSON, body.to_string())
}

/// One refusal with its source, if it has one.
pub(super) fn error(status: u16, code: u64, title: &str, detail: &str, source: &Value) -> Answer {
    let mut error = json!({"status": status, "code": code, "title": title, "detail": detail});
    if let (Some(error), false) = (error.as_object_mut(), source.is_null()) {
        error.insert("source".to_owned(), source.clone());
    }
    answer(status, &json!({"errors": [error]}))
}

fn plain(status: u16, code: u64, title: &str, detail: &str) -> Answer {
    error(status, code, title, detail, &Value::Null)
}

/// A parameter whose value is not of its form.
pub(super) fn format(parameter: &str) -> Answer {
    error(400, 477, "INVALID FORMAT", "invalid query parameter format", &json!({"parameter": parameter}))
}

/// A parameter whose value is none of the known ones.
pub(super) fn option(parameter: &str) -> Answer {
    error(400, 572, "INVALID OPTION", "", &json!({"parameter": parameter}))
}

/// A parameter that lacks.
pub(super) fn missing(parameter: &str) -> Answer {
    let source = json!({"parameter": parameter});
    error(400, 32_171, "MANDATORY DATA MISSING", "Missing mandatory query parameter", &source)
}

/// A body that is wrong at a place.
pub(super) fn body(pointer: &str, detail: &str) -> Answer {
    error(400, 4926, "INVALID DATA RECEIVED", detail, &json!({"pointer": pointer}))
}

pub(super) fn nothing_found(parameter: &str) -> Answer {
    let source = json!({"parameter": parameter});
    error(404, 1797, "NOT FOUND", "no response found for this query parameter", &source)
}

pub(super) fn no_header() -> Answer {
    plain(401, 38_191, "Invalid HTTP header", "Missing or invalid format for mandatory Authorization header")
}

pub(super) fn invalid_token() -> Answer {
    let detail = "The access token provided in the Authorization header is invalid";
    plain(401, 38_190, "Invalid access token", detail)
}

pub(super) fn expired_token() -> Answer {
    plain(401, 38_192, "Access token expired", "The access token is expired")
}

pub(super) fn revoked_token() -> Answer {
    plain(401, 38_193, "Access token revoked", "The access token is revoked")
}

pub(super) fn forbidden() -> Answer {
    plain(403, 38_197, "Forbidden", "Access forbidden")
}

pub(super) fn no_resource() -> Answer {
    plain(404, 38_196, "Resource not found", "The targeted resource doesn't exist")
}

/// Too many calls at a time.
pub fn burst() -> Answer {
    let detail = "The network rate limit is exceeded, please try again later";
    plain(429, 38_194, "Too many requests", detail)
}

/// The calls of the month are used up.
pub fn quota() -> Answer {
    plain(429, 38_195, "Quota limit exceeded", "The quota limit is exceeded.")
}

/// Something broke behind the API.
pub fn system_error() -> Answer {
    plain(500, 141, "SYSTEM ERROR HAS OCCURRED", "")
}

/// Something broke in the API's own gateway.
pub fn internal_error() -> Answer {
    let detail = "An internal error occured, please contact your administrator";
    plain(500, 38_189, "Internal error", detail)
}

/// A refusal of the token endpoint, which has an envelope of its own.
pub(super) fn no_grant(status: u16, error: &str, description: &str) -> Answer {
    let body = json!({
        "error": error,
        "error_description": description,
        "code": 38_187,
        "title": "Invalid parameters",
    });
    Answer::json(status, &body)
}
