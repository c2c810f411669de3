//! The JSON body of a request: its size, its type, its text, in this order.

use model::problem::Problem;
use serde_json::Value;

use crate::{call::Call, problems};

/// The largest body of a portal route.
pub const PORTAL_LIMIT: usize = 64 * 1024;
/// The largest body of an agent route.
pub const AGENT_LIMIT: usize = 1024 * 1024;

/// The body, which must be there.
pub fn required(call: &Call, limit: usize) -> Result<Value, Problem> {
    optional(call, limit)?
        .ok_or_else(|| Problem::bad_request("The body is empty; this route needs a JSON object."))
}

/// The body, where there is one.
pub fn optional(call: &Call, limit: usize) -> Result<Option<Value>, Problem> {
    ignored(call, limit)?;
    if call.body.is_empty() {
        return Ok(None);
    }
    if !call.header("content-type").is_some_and(is_json) {
        return Err(problems::not_json());
    }
    // The error says line and column and never quotes the body.
    let value = model::json::parse(&call.body)
        .map_err(|error| Problem::bad_request(format!("The body is not JSON: {}.", position(&error))))?;
    Ok(Some(value))
}

/// The body of a route that needs none: existing clients send an empty object, a form, or nothing. Only its size is
/// judged.
pub fn ignored(call: &Call, limit: usize) -> Result<(), Problem> {
    if call.body.len() > limit { Err(problems::body_too_large(call.body.len(), limit)) } else { Ok(()) }
}

fn position(error: &serde_json::Error) -> String {
    let what = if error.is_eof() { "it ends too early" } else { "it can't be read" };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

/// `application/json` or a type with the suffix `+json`, in UTF-8.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let json = parts.next().is_some_and(|kind| {
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    });
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some(("charset", charset)) => charset.trim_matches('"') == "utf-8",
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_its_media_type() {
        for yes in ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"] {
            assert!(is_json(yes), "{yes}");
        }
        for no in ["", "text/json", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
            assert!(!is_json(no), "{no}");
        }
    }
}
