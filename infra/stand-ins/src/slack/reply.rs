//! What the Web API answers: 200 whatever happened, with `ok` and, where it is false, a code.

use serde_json::{Value, json};

use crate::Answer;

/// A call's outcome: what comes beside `ok: true`, or the code and what comes beside it.
pub(super) type Outcome = Result<Value, Fault>;

/// An error code, with what else the body says.
pub(super) struct Fault {
    code: String,
    rest: Value,
}

impl From<&str> for Fault {
    fn from(code: &str) -> Self {
        Self { code: code.to_owned(), rest: json!({}) }
    }
}

impl Fault {
    pub(super) fn with(code: &str, rest: Value) -> Self {
        Self { code: code.to_owned(), rest }
    }

    /// The code of arguments that are not as the method's page has them.
    pub(super) fn arguments(messages: &[String]) -> Self {
        Self::with("invalid_arguments", json!({"response_metadata": {"messages": messages}}))
    }
}

pub(super) fn answer(outcome: Outcome) -> Answer {
    match outcome {
        Ok(rest) => body(200, json!({"ok": true}), rest),
        Err(fault) => body(200, json!({"ok": false, "error": fault.code}), fault.rest),
    }
}

/// What a method says that was called too often.
pub(super) fn limited(seconds: u64) -> Answer {
    body(429, json!({"ok": false, "error": "ratelimited"}), json!({})).header("retry-after", seconds)
}

fn body(status: u16, mut body: Value, rest: Value) -> Answer {
    if let (Some(body), Value::Object(rest)) = (body.as_object_mut(), rest) {
        body.extend(rest);
    }
    Answer::json(status, &body)
}
