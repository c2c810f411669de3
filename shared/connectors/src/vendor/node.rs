//! A JSON body under construction: values stay the text that the caller sent, so that no digit is lost.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::ConnectorError;

/// A part of a body.
#[derive(Debug)]
pub(crate) enum Node {
    /// A value as sent.
    Raw(Box<RawValue>),
    /// An object.
    Members(BTreeMap<String, Node>),
}

impl Default for Node {
    fn default() -> Self {
        Self::Members(BTreeMap::new())
    }
}

impl Node {
    /// Puts a value at a pointer such as `/fields/summary`; objects on the way are made.
    pub(crate) fn put(&mut self, pointer: &str, value: Node) {
        let mut at = self;
        for step in pointer.split('/').skip(1) {
            if let Self::Raw(_) = at {
                *at = Self::default();
            }
            let Self::Members(members) = at else { return };
            at = members.entry(step.to_owned()).or_default();
        }
        *at = value;
    }

    /// Any value of ours.
    pub(crate) fn of(value: &impl Serialize) -> Result<Self, ConnectorError> {
        let unwritable = |_| ConnectorError::Invalid("a parameter can't be written as JSON".into());
        serde_json::value::to_raw_value(value).map(Self::Raw).map_err(unwritable)
    }

    /// JSON as it was sent.
    pub(crate) fn raw(json: &str) -> Result<Self, ConnectorError> {
        let unwritable = |_| ConnectorError::Invalid("a parameter can't be written as JSON".into());
        RawValue::from_string(json.to_owned()).map(Self::Raw).map_err(unwritable)
    }

    /// Whether nothing was put.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Members(members) if members.is_empty())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Raw(raw) => raw.serialize(serializer),
            Self::Members(members) => members.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_where_pointers_lead_with_every_digit() {
        let mut body = Node::default();
        assert!(body.is_empty());
        body.put("/fields/summary", Node::of(&"a").unwrap());
        body.put("/fields/amount", Node::raw("12345678901234567890.10").unwrap());
        body.put("/limit", Node::of(&5).unwrap());
        let expected = r#"{"fields":{"amount":12345678901234567890.10,"summary":"a"},"limit":5}"#;
        assert_eq!(serde_json::to_string(&body).unwrap(), expected);
    }
}
