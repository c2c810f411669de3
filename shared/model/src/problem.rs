//! Problem details (RFC 9457): the one shape of every error answer. A problem holds what the client may read;
//! what the log may hold travels beside it in [`Problem::cause`] and is never serialised.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::fault::Fault;

/// The most faults that one answer names.
pub const MAX_FAULTS: usize = 50;

/// An error answer (RFC 9457). Further members may stand beside those that are named.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A stable identifier of the kind of problem: `urn:axonflow:problem:` and a word with dashes.
    #[serde(rename = "type")]
    #[schema(
        pattern = "^urn:axonflow:problem:[a-z-]+$",
        examples("urn:axonflow:problem:connector-not-found")
    )]
    pub kind: String,
    /// The kind in words, the same for every occurrence.
    #[schema(examples("No such connector"))]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, examples(404))]
    pub status: u16,
    /// This occurrence, and what to do about it.
    #[schema(examples("There is no connector of this name."))]
    pub detail: String,
    /// What is wrong with the body, each value by its JSON Pointer; only on 422, and at most 50 of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, min_items = 1, max_items = 50)]
    pub errors: Vec<Fault>,
    /// The request id, as the header `x-request-id` has it: it finds the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required)]
    pub instance: Option<String>,
    /// Further members.
    #[serde(flatten)]
    #[schema(ignore)]
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
            instance: None,
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// Says of which request it is.
    #[must_use]
    pub fn of_request(mut self, request_id: &str) -> Self {
        self.instance = Some(request_id.to_owned());
        self
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

    /// The same problem with what is wrong where.
    #[must_use]
    pub fn with_faults(self, mut errors: Vec<Fault>) -> Self {
        errors.truncate(MAX_FAULTS);
        Self { errors, ..self }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use utoipa::PartialSchema;

    #[test]
    fn what_is_wrong_is_counted_whole_and_named_up_to_the_cap() {
        let faults = |count: usize| vec![Fault::at(crate::fault::Pointer::root(), "is wrong"); count];
        for (count, detail, named) in [
            (1, "1 value is not accepted; `errors` names each", 1),
            (2, "2 values are not accepted; `errors` names each", 2),
            (50, "50 values are not accepted; `errors` names each", 50),
            (51, "51 values are not accepted; `errors` names the first 50", 50),
        ] {
            let problem = Problem::invalid(faults(count));
            assert_eq!((problem.detail.as_str(), problem.errors.len()), (detail, named));
            assert_eq!(Problem::bad_request("").with_faults(faults(count)).errors.len(), named);
        }
    }

    #[test]
    fn the_schema_names_what_every_problem_has_and_the_cap_on_faults() {
        let schema = serde_json::to_value(Problem::schema()).unwrap();
        assert_eq!(schema["required"], json!(["type", "title", "status", "detail", "instance"]));
        assert_eq!(schema["properties"]["errors"]["maxItems"], MAX_FAULTS);
        let faults = vec![Fault::at(crate::fault::Pointer::root(), "must be a JSON object")];
        let problem = serde_json::to_value(Problem::invalid(faults).of_request("r-1")).unwrap();
        for name in problem.as_object().unwrap().keys() {
            assert!(schema["properties"].get(name).is_some(), "{name}");
        }
    }
}
