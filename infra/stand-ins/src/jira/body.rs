//! What a request brings: its query parameters and its JSON body.

use serde_json::{Map, Value};

use super::refusals;
use crate::{Answer, Seen};

/// Notes parameters that the operation does not have, and those that came twice.
pub(super) fn known_query(seen: &Seen, known: &[&str], violations: &mut Vec<String>) {
    let mut read: Vec<String> = Vec::new();
    for (name, _) in seen.query_pairs() {
        if !known.contains(&name.as_str()) {
            violations.push(format!("{} {} has no query parameter {name}", seen.method, seen.path));
        } else if read.contains(&name) && !matches!(name.as_str(), "id" | "keys" | "status") {
            violations.push(format!("{} {} has {name} twice", seen.method, seen.path));
        }
        read.push(name);
    }
}

/// A number among the query parameters. Jira takes a negative one as the smallest.
pub(super) fn number(seen: &Seen, name: &str, default: usize) -> Result<usize, Answer> {
    let Some(text) = seen.parameter(name) else { return Ok(default) };
    let refusal = || {
        let detail = format!("Failed to convert '{name}' with value: '{text}'");
        refusals::problem(400, "Bad Request", &detail, seen)
    };
    let number: i64 = text.trim().parse().map_err(|_| refusal())?;
    Ok(number.max(0).try_into().unwrap_or(usize::MAX))
}

/// The body, which must be a JSON object with no other keys than these.
pub(super) fn object(
    seen: &Seen,
    known: &[&str],
    violations: &mut Vec<String>,
) -> Result<Map<String, Value>, Answer> {
    let kind = seen.content_type();
    if kind != "application/json" {
        let named = if kind.is_empty() { "null" } else { &kind };
        let detail = format!("Content-Type '{named}' is not supported.");
        violations.push(format!("{} {}: {detail}", seen.method, seen.path));
        return Err(refusals::problem(415, "Unsupported Media Type", &detail, seen));
    }
    let refused = |words: &str| refusals::json(400, &serde_json::json!({"errorMessages": [words]}));
    if seen.body.is_empty() {
        violations.push(format!("{} {} has no body", seen.method, seen.path));
        return Err(refused("No content to map to Object due to end of input"));
    }
    let unreadable = |_| refused("There was an error parsing JSON. Check that your request body is valid.");
    let body: Value = serde_json::from_slice(&seen.body).map_err(unreadable)?;
    let payload = || refused("Invalid request payload. Refer to the REST API documentation and try again.");
    let Value::Object(body) = body else { return Err(payload()) };
    if let Some(unknown) = body.keys().find(|key| !known.contains(&key.as_str())) {
        violations.push(format!("{} {} takes no {unknown}", seen.method, seen.path));
        return Err(payload());
    }
    Ok(body)
}
