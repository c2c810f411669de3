//! What Salesforce says no with: an array of faults, each with a code, a message and the fields it is about.

use serde_json::{Value, json};

use crate::Answer;

/// One fault and the status that it makes of an answer.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
    /// Whether no correct client would have sent this.
    pub(super) violation: bool,
}

impl Fault {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new(), violation: false }
    }

    pub(super) fn of(self, fields: &[&str]) -> Self {
        Self { fields: fields.iter().map(|field| (*field).to_owned()).collect(), ..self }
    }

    /// What Salesforce would let pass, and no correct client sends: no real code is like this one.
    pub(super) fn violation(message: impl Into<String>) -> Self {
        Self { violation: true, ..Self::new(400, "STAND_IN_VIOLATION", message) }
    }

    pub(super) fn no_resource() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    pub(super) fn parser(message: &str) -> Self {
        Self::new(400, "JSON_PARSER_ERROR", format!("{message} at [line:1, column:1]"))
    }

    /// As the top level writes it.
    pub(super) fn body(&self) -> Value {
        let mut fault = json!({"message": self.message, "errorCode": self.code});
        if let (false, Some(members)) = (self.fields.is_empty(), fault.as_object_mut()) {
            members.insert("fields".to_owned(), json!(self.fields));
        }
        json!([fault])
    }

    /// As the result of one record of several writes it.
    pub(super) fn in_result(&self) -> Value {
        json!({"statusCode": self.code, "message": self.message, "fields": self.fields})
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        Self::json(fault.status, &fault.body())
    }
}
