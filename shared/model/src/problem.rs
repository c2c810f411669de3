//! Problem details (RFC 9457): the one shape of every error answer. A problem holds what the client may read;
//! what the log may hold travels beside it in [`Problem::cause`] and is never serialised.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::fault::Fault;

/// The most faults that one answer names.
pub const MAX_FAULTS: usize = 50;

/// An error answer.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// A stable identifier of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words, the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence, and what to do about it.
    pub detail: String,
    /// Faults of the body, on 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// Further members.
    #[serde(flatten)]
    pub members: Map<String, Value>,
    /// Headers that go with the status.
    #[serde(skip)]
    pub headers: Vec<(&'static str, String)>,
    /// For the log only.
    #[serde(skip)]
    pub cause: Option<String>,
}

impl Problem {
    /// A problem of a kind: a word with dashes that ends up in `type`.
    pub fn new(status: u16, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:axonflow:problem:{kind}"),
            title,
            status,
            detail: detail.into(),
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a member to the body.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Notes, for the log alone, what lies behind it.
    #[must_use]
    pub fn with_cause(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// 400: the request can't be read at all.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "bad-request", "The request can't be read", detail)
    }

    /// 422: the body is well-formed and wrong, in these places.
    pub fn invalid(mut errors: Vec<Fault>) -> Self {
        let fields = errors.len();
        let noun = if fields == 1 { "value is" } else { "values are" };
        let which = if fields > MAX_FAULTS { format!("the first {MAX_FAULTS}") } else { "each".to_owned() };
        let detail = format!("{fields} {noun} not accepted; `errors` names {which}");
        errors.truncate(MAX_FAULTS);
        Self { errors, ..Self::new(422, "invalid-body", "The body is not accepted", detail) }
    }

    /// 404: there is no such connector for this caller.
    pub fn connector_not_found() -> Self {
        Self::new(404, "connector-not-found", "No such connector", "There is no connector of this name.")
    }

    /// 503: our own store can't be reached; nothing was changed.
    pub fn store_unavailable(cause: impl ToString) -> Self {
        let detail =
            "The platform's own store did not answer in time. Nothing is known to have changed; try again.";
        Self::new(503, "store-unavailable", "Store unavailable", detail)
            .with_header("retry-after", "1")
            .with_cause(cause)
    }

    /// 500: a fault of ours.
    pub fn internal(cause: impl ToString) -> Self {
        let detail = "The platform met a fault of its own. The request id finds it in the log.";
        Self::new(500, "internal", "Internal error", detail).with_cause(cause)
    }
}
