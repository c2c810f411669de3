//! From the caller's statement to the request's body: every place for a value becomes a question mark, the only form
//! that the API binds, and a final semicolon goes. Values never become part of the text.

use std::borrow::Cow;

use model::{fault::shortened, parameters::Parameters};
use serde::{Serialize, Serializer};

use super::{binds, lexer, target::Session};
use crate::{ConnectorError, sql::parameters};

/// A statement as the server gets it, and its values in order.
#[derive(Debug)]
pub(super) struct Statement<'p> {
    pub(super) text: String,
    bindings: Bindings<'p>,
    /// Its keyword, in upper case.
    pub(super) verb: String,
}

/// The values in order.
#[derive(Debug)]
struct Bindings<'p>(Vec<Binding<'p>>);

/// One value. Its `Debug` shows nothing of it.
#[derive(Serialize)]
struct Binding<'p> {
    #[serde(rename = "type")]
    kind: &'static str,
    value: Option<Cow<'p, str>>,
}

/// The body of a submission.
#[derive(Serialize)]
struct Body<'b> {
    statement: &'b str,
    /// In seconds, after which the server ends the statement by itself.
    timeout: u64,
    #[serde(flatten)]
    session: &'b Session,
    #[serde(skip_serializing_if = "Option::is_none")]
    bindings: Option<&'b Bindings<'b>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Settings>,
}

/// Session parameters of one statement.
#[derive(Serialize)]
struct Settings {
    /// The most rows that are made ready.
    rows_per_resultset: u64,
}

impl<'p> Statement<'p> {
    /// Puts a statement and its parameters together; the error names every parameter that lacks or is too many.
    pub(super) fn new(statement: &str, given: &'p Parameters) -> Result<Self, ConnectorError> {
        let mut tokens = lexer::lex(statement).map_err(ConnectorError::Invalid)?;
        while tokens.last().is_some_and(|token| token.is(";")) {
            tokens.pop();
        }
        let end = tokens.last().map_or(0, |token| token.end);
        let verb = tokens.first().map_or_else(String::new, |token| token.text.to_ascii_uppercase());
        let statement = statement.get(..end).unwrap_or_default();
        let binds =
            binds::binds(statement, |name| given.raw(name).is_some()).map_err(ConnectorError::Invalid)?;
        let names: Vec<&str> = binds.iter().map(|bind| bind.name.as_str()).collect();
        parameters::check(&names, given)?;
        let (mut text, mut copied) = (String::new(), 0);
        for bind in &binds {
            text.push_str(statement.get(copied..bind.range.start).unwrap_or_default());
            // Apart from what stands beside it: a question mark is never read as a part of something else.
            if text.bytes().next_back().is_some_and(continues) {
                text.push(' ');
            }
            text.push('?');
            copied = bind.range.end;
            if statement.as_bytes().get(copied).copied().is_some_and(continues) {
                text.push(' ');
            }
        }
        text.push_str(statement.get(copied..).unwrap_or_default());
        let bindings = names.iter().filter_map(|name| Some((*name, given.raw(name)?)));
        let bindings = bindings.map(|(name, json)| Binding::of(name, json)).collect::<Result<_, _>>()?;
        Ok(Self { text, bindings: Bindings(bindings), verb })
    }

    /// The request's body. `rows` is the most that is wanted, where the server may stop there.
    pub(super) fn body(
        &self,
        session: &Session,
        timeout: u64,
        rows: Option<usize>,
    ) -> Result<Vec<u8>, ConnectorError> {
        let settings = |rows: usize| Settings { rows_per_resultset: rows.try_into().unwrap_or(u64::MAX) };
        let body = Body {
            statement: &self.text,
            timeout,
            session,
            bindings: Some(&self.bindings).filter(|bindings| !bindings.0.is_empty()),
            parameters: rows.map(settings),
        };
        serde_json::to_vec(&body)
            .map_err(|_| ConnectorError::Invalid("the statement can't be written as JSON".into()))
    }
}

fn continues(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

impl<'p> Binding<'p> {
    fn of(name: &str, json: &'p str) -> Result<Self, ConnectorError> {
        let unreadable = |_| {
            let why = format!("the value of the parameter {:?} is no readable string", shortened(name));
            ConnectorError::Invalid(why)
        };
        Ok(match json.as_bytes().first() {
            Some(b'n') => Self { kind: "TEXT", value: None },
            Some(b't' | b'f') => Self { kind: "BOOLEAN", value: Some(json.into()) },
            Some(b'"') => {
                let text: String = serde_json::from_str(json).map_err(unreadable)?;
                Self { kind: "TEXT", value: Some(text.into()) }
            }
            // Lists and objects are JSON, for PARSE_JSON(?).
            Some(b'[' | b'{') => Self { kind: "TEXT", value: Some(json.into()) },
            _ if json.contains(['.', 'e', 'E']) => Self { kind: "REAL", value: Some(json.into()) },
            _ => Self { kind: "FIXED", value: Some(json.into()) },
        })
    }
}

impl std::fmt::Debug for Binding<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

/// An object with the keys `"1"`, `"2"` and so on.
impl Serialize for Bindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().enumerate().map(|(at, binding)| ((at + 1).to_string(), binding)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOWHERE: Session = Session { warehouse: None, database: None, schema: None, role: None };

    fn sent(statement: &str, parameters: &str) -> Result<Value, ConnectorError> {
        let given = Parameters::parse(parameters.as_bytes()).unwrap();
        let body = Statement::new(statement, &given)?.body(&NOWHERE, 7, None)?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn every_place_for_a_value_is_a_question_mark() {
        for (statement, parameters, text) in [
            ("select :b, :a, ':no', :b -- :c\n;", r#"{"a":1,"b":2}"#, "select ?, ?, ':no', ?"),
            ("select ?,?", r#"{"1":1,"2":2}"#, "select ?,?"),
            ("select $1, $2", r#"{"1":1,"2":2}"#, "select ?, ?"),
            ("select 1 limit :a", r#"{"a":1}"#, "select 1 limit ?"),
            ("select src:field.x from t ;; -- end", "{}", "select src:field.x from t"),
            ("select :a::int", r#"{"a":1}"#, "select ?::int"),
        ] {
            assert_eq!(sent(statement, parameters).unwrap()["statement"], text, "{statement}");
        }
    }

    #[test]
    fn values_keep_their_digits_and_are_bound_in_order() {
        let parameters = r#"{"a": 123456789012345678901234567890, "b": 1.10, "c": "x\n", "d": true, "e": null,
                            "f": [1, "é"], "g": {"k": 1.0}, "h": -5, "i": 1e3}"#;
        let body = sent("select :a, :b, :c, :d, :e, :f, :g, :h, :i, :a", parameters).unwrap();
        let fixed = json!({"type": "FIXED", "value": "123456789012345678901234567890"});
        let expected = json!({
            "1": fixed,
            "2": {"type": "REAL", "value": "1.10"},
            "3": {"type": "TEXT", "value": "x\n"},
            "4": {"type": "BOOLEAN", "value": "true"},
            "5": {"type": "TEXT", "value": null},
            "6": {"type": "TEXT", "value": r#"[1, "é"]"#},
            "7": {"type": "TEXT", "value": r#"{"k": 1.0}"#},
            "8": {"type": "FIXED", "value": "-5"},
            "9": {"type": "REAL", "value": "1e3"},
            "10": fixed,
        });
        assert_eq!(body["bindings"], expected);
    }

    #[test]
    fn parameters_that_lack_or_are_too_many_are_named() {
        let error = sent("select :a, :b", r#"{"b": 1, "c": 2}"#).unwrap_err().to_string();
        for part in ["not given: \"a\"", "does not have: \"c\""] {
            assert!(error.contains(part), "{error}");
        }
        assert!(sent("select ?, ?", r#"{"1": 1}"#).unwrap_err().to_string().contains("not given: \"2\""));
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        assert_eq!(sent("select 1", "{}").unwrap(), json!({"statement": "select 1", "timeout": 7}));
        let session = Session { role: Some("R".into()), schema: Some("s".into()), ..NOWHERE };
        let none = Parameters::default();
        let body = Statement::new("select 1", &none).unwrap().body(&session, 1, Some(10_001)).unwrap();
        let expected = json!({
            "statement": "select 1", "timeout": 1, "schema": "s", "role": "R",
            "parameters": {"rows_per_resultset": 10_001},
        });
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    }
}
