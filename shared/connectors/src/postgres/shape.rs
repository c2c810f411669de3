//! From the server's own JSON to ours. It writes numerics as numbers, which most readers would round, and object
//! ids as strings; how deep they lie in arrays and composites is known from the column's type.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use tokio_postgres::types::{Kind, Type};

/// The deepest value that is looked into; the server's own arrays have up to six dimensions.
const MAX_DEPTH: usize = 100;

/// What has to be done to a column's values.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing.
    AsIs,
    /// Numbers become strings.
    Numeric,
    /// Strings become numbers.
    Integer,
    /// The same for each element, in any dimension.
    Array(Box<Self>),
    /// The same for each field in its place.
    Composite(Vec<Self>),
}

impl Shape {
    /// What a type needs.
    pub(super) fn of(kind: &Type) -> Self {
        match kind.kind() {
            _ if *kind == Type::NUMERIC => Self::Numeric,
            _ if *kind == Type::OID => Self::Integer,
            Kind::Domain(base) => Self::of(base),
            Kind::Array(element) => match Self::of(element) {
                Self::AsIs => Self::AsIs,
                shape => Self::Array(Box::new(shape)),
            },
            Kind::Composite(fields) => {
                let shapes: Vec<Self> = fields.iter().map(|field| Self::of(field.type_())).collect();
                if shapes.iter().all(|shape| *shape == Self::AsIs) {
                    Self::AsIs
                } else {
                    Self::Composite(shapes)
                }
            }
            _ => Self::AsIs,
        }
    }

    /// Appends a value in our form.
    pub(super) fn write(&self, json: &str, row: &mut String) -> Result<(), serde_json::Error> {
        self.write_at(MAX_DEPTH, json, row)
    }

    /// `left` is how much deeper the value may go: whoever runs the server also wrote what it sends.
    fn write_at(&self, left: usize, json: &str, row: &mut String) -> Result<(), serde_json::Error> {
        let left = left.checked_sub(1).ok_or_else(|| serde_json::Error::custom("nested too deep"))?;
        match (self, json.as_bytes().first()) {
            (Self::Numeric, Some(b'-' | b'0'..=b'9')) => {
                row.push('"');
                row.push_str(json);
                row.push('"');
            }
            (Self::Integer, Some(b'"')) => row.push_str(json.trim_matches('"')),
            (Self::Array(element), Some(b'[')) => {
                let items: Vec<&RawValue> = serde_json::from_str(json)?;
                row.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        row.push(',');
                    }
                    // A list in a list is a further dimension: no element of such an array is itself a list.
                    let inner = if item.get().starts_with('[') { self } else { element };
                    inner.write_at(left, item.get(), row)?;
                }
                row.push(']');
            }
            (Self::Composite(fields), Some(b'{')) => {
                let Entries(entries) = serde_json::from_str(json)?;
                row.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        row.push(',');
                    }
                    row.push_str(&serde_json::to_string(key)?);
                    row.push(':');
                    fields.get(at).unwrap_or(&Self::AsIs).write_at(left, value.get(), row)?;
                }
                row.push('}');
            }
            _ => row.push_str(json),
        }
        Ok(())
    }
}

/// An object's entries in their order.
struct Entries<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::types::Field;

    fn written(kind: &Type, json: &str) -> String {
        let mut row = String::new();
        Shape::of(kind).write(json, &mut row).unwrap();
        row
    }

    #[test]
    fn a_value_nested_deeper_than_any_server_makes_it_is_an_error() {
        let write = |levels: usize| {
            let json = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
            Shape::of(&Type::NUMERIC_ARRAY).write(&json, &mut String::new())
        };
        assert!(write(6).is_ok());
        assert!(write(MAX_DEPTH).is_err());
        assert!(write(100_000).is_err());
    }

    #[test]
    fn numerics_become_strings_however_deep_they_lie() {
        assert_eq!(written(&Type::NUMERIC, "-1.10"), r#""-1.10""#);
        assert_eq!(written(&Type::NUMERIC, r#""NaN""#), r#""NaN""#);
        assert_eq!(
            written(&Type::NUMERIC_ARRAY, r#"[[1.0,null],["NaN",2]]"#),
            r#"[["1.0",null],["NaN","2"]]"#
        );
        assert_eq!(written(&Type::OID, r#""26""#), "26");
        assert_eq!(written(&Type::INT8_ARRAY, "[1, 2]"), "[1, 2]");
        let fields = vec![Field::new("a".into(), Type::NUMERIC), Field::new("b".into(), Type::TEXT)];
        let row = Type::new("row".into(), 90_000, Kind::Composite(fields), "public".into());
        assert_eq!(written(&row, r#"{"a":1.50,"b":"2"}"#), r#"{"a":"1.50","b":"2"}"#);
        let rows = Type::new("_row".into(), 90_001, Kind::Array(row), "public".into());
        assert_eq!(written(&rows, r#"[{"a":1,"b":"x"},null]"#), r#"[{"a":"1","b":"x"},null]"#);
    }
}
