//! The values that go with a statement or an operation, each as its JSON text: a number keeps every digit on its
//! way to the upstream.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::json;

/// Named values in the order of their names.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Box<RawValue>>);

impl Parameters {
    /// None.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Reads a JSON object. Its values are checked to be well formed and not too deep, and no name to come up twice:
    /// the upstream might act on an entry that the audited hash does not cover.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        json::check_names(text)?;
        let parameters: Self = serde_json::from_slice(text)?;
        for value in parameters.0.values() {
            json::parse(value.get().as_bytes())?;
        }
        Ok(parameters)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The JSON text of a value.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.get())
    }

    /// A value; numbers beyond 64 bits are rounded in it, [`Self::raw`] has every digit.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.raw(name).and_then(|text| json::parse(text.as_bytes()).ok())
    }

    /// Adds a text under a name, in place of what was there.
    pub fn insert_text(&mut self, name: &str, text: &str) {
        if let Ok(value) = serde_json::value::to_raw_value(text) {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Names and JSON texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_every_digit() {
        let parameters = Parameters::parse(br#"{"b": 1.10, "a": 123456789012345678901234567890}"#).unwrap();
        let texts: Vec<_> = parameters.iter().collect();
        assert_eq!(texts, [("a", "123456789012345678901234567890"), ("b", "1.10")]);
        assert_eq!(parameters.value("b"), Some(Value::from(1.1)));
        assert_eq!(parameters.raw("c"), None);
    }

    #[test]
    fn a_text_that_is_added_counts_and_replaces_one_of_its_name() {
        let mut parameters = Parameters::NONE;
        assert_eq!((parameters.is_empty(), parameters.len()), (true, 0));
        for text in ["first", "the \"second\""] {
            parameters.insert_text("a", text);
            assert_eq!(parameters.value("a"), Some(Value::from(text)));
            assert_eq!((parameters.is_empty(), parameters.len()), (false, 1));
        }
        parameters.insert_text("b", "");
        assert_eq!(parameters.len(), 2);
    }

    #[test]
    fn what_is_no_object_or_too_deep_is_refused() {
        for text in [
            "[]",
            "1",
            r#"{"a":"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            &format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200)),
        ] {
            assert!(Parameters::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
