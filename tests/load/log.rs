//! What the functions say of their calls, line by line: which calls were answered under the one exception of R1, what
//! they warn of, and whether a line holds what none may.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use serde_json::Value;

use crate::book::Book;

/// How long a line may take from there to here.
const PATIENCE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(20);

/// The log of the functions.
pub(crate) struct Log {
    book: Arc<Book>,
    stale: Mutex<HashSet<String>>,
    /// The calls of which the audit lacks something: an execute's outcome, or a refusal.
    lost: Mutex<HashSet<String>>,
    /// Texts that no output may hold.
    pub(crate) forbidden: OnceLock<Vec<String>>,
}

impl Log {
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self { book, stale: Mutex::default(), lost: Mutex::default(), forbidden: OnceLock::new() }
    }

    /// Takes a line.
    pub(crate) fn hear(&self, line: &str) {
        if let Some(found) = self.forbidden(line) {
            self.book.wrong(format!("the log holds {found}: {line}"));
        }
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            return self.book.note(format!("log: no JSON: {}", line.chars().take(80).collect::<String>()));
        };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let (level, message) = (text(line.get("level")), text(line.get("message")));
        let requests = match message.as_str() {
            "stale serve: markers not readable" => Some(&self.stale),
            "outcome of an execute not stored" | "refusal not noted in the audit" => Some(&self.lost),
            _ => None,
        };
        if let Some(requests) = requests {
            let request = text(line.get("span").and_then(|span| span.get("request_id")));
            requests.lock().unwrap_or_else(PoisonError::into_inner).insert(request);
        }
        if level != "INFO" {
            self.book.note(format!("log: {level} {message}"));
        }
    }

    /// Which of the forbidden texts something holds, by its kind.
    pub(crate) fn forbidden(&self, text: &str) -> Option<&'static str> {
        let known = self.forbidden.get().map(Vec::as_slice).unwrap_or_default();
        if known.iter().any(|known| text.contains(known.as_str())) {
            return Some("a session, a license or a secret");
        }
        let mut arns = text.split("arn:aws:secretsmanager:").skip(1);
        arns.any(|rest| {
            let end = rest.find(['"', ' ', '\\']).unwrap_or(rest.len());
            rest.get(..end).is_none_or(|arn| !arn.contains("...masked"))
        })
        .then_some("an unmasked ARN")
    }

    /// Whether the log says that the audit lacks something of a call.
    pub(crate) fn audit_lacks(&self, request: &str) -> bool {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).contains(request)
    }

    /// Whether a call was answered under the exception.
    pub(crate) async fn was_stale(&self, request: &str) -> bool {
        let known = || self.stale.lock().unwrap_or_else(PoisonError::into_inner).contains(request);
        let mut waited = Duration::ZERO;
        while waited < PATIENCE && !known() {
            tokio::time::sleep(STEP).await;
            waited += STEP;
        }
        known()
    }
}
