//! The body of a query or an execute. Unknown fields are ignored: existing clients send `client_id`, `user_token`,
//! `license_key` and `options`.

use std::time::Duration;

use jiff::SignedDuration;
use model::{
    fault::{Fault, Pointer},
    parameters::Parameters,
    problem::Problem,
};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

/// The longest statement. In characters, as a JSON Schema counts.
pub(crate) const STATEMENT_CHARS: usize = 32 * 1024;
/// The longest name of an operation.
pub(crate) const OPERATION_CHARS: usize = 128;

/// A checked body.
#[derive(Debug)]
pub(crate) struct CallRequest {
    pub(crate) connector: String,
    pub(crate) statement: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) parameters: Parameters,
    pub(crate) limit: Option<usize>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tenant_id: Option<String>,
}

impl CallRequest {
    /// Checks a body and reports every fault of it. `text` is what the body was read from: the parameters are taken
    /// from there, with every digit. `operation` is the field that names the operation: a query's `operation`, an
    /// execute's `action`.
    pub(crate) fn parse(body: &Value, text: &[u8], operation: &'static str) -> Result<Self, Problem> {
        let Value::Object(fields) = body else {
            return Err(Problem::invalid(vec![Fault::at(Pointer::root(), "must be a JSON object")]));
        };
        let mut reader = Reader { fields, faults: Vec::new() };
        let connector = reader.text("connector");
        if fields.get("connector").is_none_or(Value::is_null) {
            reader.refuse("connector", "is required");
        }
        let request = Self {
            connector: connector.unwrap_or_default(),
            statement: reader.text_up_to("statement", STATEMENT_CHARS),
            operation: reader.text_up_to(operation, OPERATION_CHARS),
            tenant_id: reader.text("tenant_id"),
            parameters: reader
                .field("parameters", "must be an object in which no name comes up twice", |_| {
                    exact_parameters(text)
                })
                .unwrap_or_default(),
            limit: reader.field("limit", "must be an integer from 1", limit),
            timeout: reader.field("timeout", "must be a duration such as \"5s\" or \"1500ms\"", |value| {
                let duration: SignedDuration = value.as_str()?.parse().ok()?;
                Duration::try_from(duration).ok().filter(|duration| !duration.is_zero())
            }),
        };
        if reader.faults.is_empty() { Ok(request) } else { Err(Problem::invalid(reader.faults)) }
    }
}

/// A positive integer, as a JSON Schema has them: `5.0` is one, and so is one of more than 64 bits.
fn limit(value: &Value) -> Option<usize> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 1.0)?;
    let exact = value.as_u64().map_or_else(|| format!("{number:.0}"), |exact| exact.to_string());
    Some(exact.parse().unwrap_or(usize::MAX))
}

fn exact_parameters(text: &[u8]) -> Option<Parameters> {
    #[derive(Deserialize)]
    struct Body<'t> {
        #[serde(borrow)]
        parameters: &'t RawValue,
    }
    let body: Body = serde_json::from_slice(text).ok()?;
    Parameters::parse(body.parameters.get().as_bytes()).ok()
}

struct Reader<'v> {
    fields: &'v Map<String, Value>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn refuse(&mut self, name: &str, detail: &str) {
        self.faults.push(Fault::at(Pointer::field(name), detail));
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.field(name, "must be a string", |value| value.as_str().map(str::to_owned))
    }

    fn text_up_to(&mut self, name: &str, longest: usize) -> Option<String> {
        let rule = format!("must be a string of at most {longest} characters");
        self.field(name, &rule, |value| {
            value.as_str().filter(|text| text.chars().count() <= longest).map(str::to_owned)
        })
    }

    /// A field that may be absent or null.
    fn field<T>(&mut self, name: &str, rule: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        let read = read(value);
        if read.is_none() {
            self.refuse(name, rule);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(body: &Value) -> Result<CallRequest, Problem> {
        CallRequest::parse(body, body.to_string().as_bytes(), "operation")
    }

    #[test]
    fn known_fields_are_read_and_unknown_ones_ignored() {
        let request = parse(&json!({
            "connector": "crm", "statement": "/a", "parameters": {"x": 1}, "limit": 5, "timeout": "1m30s",
            "client_id": "c", "user_token": "t", "license_key": "k", "options": {},
        }));
        let request = request.unwrap();
        assert_eq!((request.connector.as_str(), request.statement.as_deref()), ("crm", Some("/a")));
        assert_eq!((request.limit, request.timeout), (Some(5), Some(Duration::from_secs(90))));
    }

    #[test]
    fn parameters_keep_their_digits() {
        let text = br#"{"connector": "c", "parameters": {"x": 1.10}}"#;
        let request = CallRequest::parse(&model::json::parse(text).unwrap(), text, "operation").unwrap();
        assert_eq!(request.parameters.raw("x"), Some("1.10"));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        assert!(parse(&json!({"connector": null})).is_err());
        let body = json!({"statement": 1, "parameters": [], "limit": 0, "timeout": "soon", "tenant_id": 7});
        let problem = parse(&body).unwrap_err();
        let mut pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.to_string()).collect();
        pointers.sort();
        assert_eq!(pointers, ["/connector", "/limit", "/parameters", "/statement", "/tenant_id", "/timeout"]);
    }

    #[test]
    fn texts_have_their_longest_lengths() {
        let parses = |name: &str, chars: usize| {
            let body = json!({"connector": "c", name: "ü".repeat(chars)});
            parse(&body).is_ok()
        };
        for (name, longest) in [("statement", STATEMENT_CHARS), ("operation", OPERATION_CHARS)] {
            assert!(parses(name, longest) && !parses(name, longest + 1), "{name}");
        }
    }

    #[test]
    fn a_limit_is_a_positive_integer_however_it_is_written() {
        let limit = |text: &str| {
            let text = format!(r#"{{"connector": "c", "limit": {text}}}"#);
            let body = model::json::parse(text.as_bytes()).unwrap();
            CallRequest::parse(&body, text.as_bytes(), "operation").ok().map(|request| request.limit)
        };
        for (text, expected) in [
            ("1", Some(1)),
            ("5.0", Some(5)),
            ("1e3", Some(1000)),
            ("18446744073709551615", Some(usize::MAX)),
            ("18446744073709551616", Some(usize::MAX)),
            ("1e300", Some(usize::MAX)),
            ("null", None),
        ] {
            assert_eq!(limit(text), Some(expected), "{text}");
        }
        for text in ["0", "-1", "1.5", "0.0", "-1e300", "true"] {
            assert_eq!(limit(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_positive() {
        let timeout = |text: &str| parse(&json!({"connector": "c", "timeout": text})).ok();
        for good in ["5s", "1500ms", "1m", "0.5s"] {
            assert!(timeout(good).is_some(), "{good}");
        }
        for bad in ["0s", "-5s", "5", "", "s", "5 parsecs"] {
            assert!(timeout(bad).is_none(), "{bad}");
        }
    }
}
