//! Marked secrets, and the search for them: whatever a test gives the system that must never come out again carries a
//! marker, and whatever comes out is searched for it. A test need not think of the place where a secret could show.
//!
//! Two markers, because two things are promised. A secret is shown nowhere. The value of a statement's parameter may
//! come back to whoever sent it, in rows or in a vendor's words, but is neither logged nor counted nor stored.
//!
//! Some secrets can't be marked, because their form is given: signed tokens, private keys, the ARNs of secrets. Those
//! are known by their form. What has neither is made known to the search by [`watch`].

mod forms;
mod report;

use std::sync::{Mutex, PoisonError};

use self::forms::{Forms, Needle};
pub use self::report::{REPORT, Sweep, check, check_program, leaks};

/// Stands in every secret of a test. Twelve characters of base64's alphabet, so that it can stand in a session token.
pub const SECRET: &str = "c4n4ry5ecret";
/// Stands in every value that is the caller's own, and that nobody else may come to see.
pub const PARAMETER: &str = "c4n4ryp4r4ms";

/// What was written, which decides what may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// What a client is answered: status line, headers, body.
    Answer,
    /// What operators read: log lines, metrics, the output of a process.
    Log,
    /// What is stored: tables, and files that are not for secrets.
    Stored,
}

/// What was found: which marker in which form, and what stands around it with the find itself left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// For example `a secret, as base64`.
    pub what: String,
    /// A few characters before it and behind it.
    pub around: String,
}

static WATCHED: Mutex<Vec<Needle>> = Mutex::new(Vec::new());

/// Looks from now on for this text too, in every output of this process.
pub fn watch(text: &str) {
    assert!(text.len() >= 8, "what is so short stands in any text: mark it instead");
    let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if !watched.iter().any(|known| known.is(text)) {
        watched.push(Needle::watched(text));
    }
}

/// The first thing in an output that must not stand there.
pub fn find(output: Output, bytes: &[u8]) -> Option<Leak> {
    let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Forms::get().find(output, bytes, &watched)
}

/// Takes the string leaves of a secret that are none of its names: what is marked is found by its marker, what can't be
/// is watched for.
pub fn take(secret: &str) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(secret) else { return take_text(secret) };
    take_value("", &value);
}

/// Members of secrets that are no secrets themselves: who logs in where.
const NAMES: [&str; 18] = [
    "username",
    "user",
    "account",
    "host",
    "port",
    "database",
    "dbname",
    "engine",
    "email",
    "instanceUrl",
    "instance_url",
    "baseUri",
    "base_url",
    "clientId",
    "client_id",
    "region",
    "loginUrl",
    "role",
];

fn take_value(name: &str, value: &serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, value)| take_value(name, value));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| take_value(name, item)),
        serde_json::Value::String(text) if !NAMES.contains(&name) => take_text(text),
        _ => {}
    }
}

fn take_text(text: &str) {
    // A key's form is known; what stands between its lines is the key.
    let text = text.lines().filter(|line| !line.starts_with("-----")).max_by_key(|line| line.len());
    if let Some(text) = text.filter(|text| !text.contains(SECRET) && !text.is_empty()) {
        watch(text);
    }
}

#[cfg(test)]
mod tests;
