//! Reading foreign JSON as a plain [`Value`].
//!
//! `serde_json`'s own `Value` takes an object whose first key is its private raw-value token for embedded JSON
//! text, and parses that text with a fresh recursion limit: a body of some kilobytes then overflows the stack, and
//! what was stored under such a key can't be read back. Here a key is a key, and one limit holds for the whole.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// Parses JSON text, nested up to 127 levels.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(text).map(|Plain(value)| value)
}

/// Refuses JSON text in which an object has two entries of one name: readers differ in which of them they take.
pub fn check_names(text: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice(text).map(|Distinct| ())
}

/// A number without a fraction, whatever its spelling: in JSON `4.0` and `4` are the same number, and some clients
/// write the one for the other.
pub fn whole(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|number| number.fract() == 0.0);
    // Adding zero takes the sign off a negative one. What is no `u64` does not parse.
    value.as_u64().or_else(|| format!("{:.0}", float()? + 0.0).parse().ok())
}

struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistinctVisitor)
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Distinct, A::Error> {
        while items.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Distinct, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, Distinct)) = entries.next_entry::<String, Distinct>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("an object has two entries of one name"));
            }
        }
        Ok(Distinct)
    }
}

struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor).map(Plain)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Plain(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Plain(value))) = entries.next_entry::<String, Plain>()? {
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: &str = "$serde_json::private::RawValue";

    proptest! {
        #[test]
        fn ordinary_json_reads_as_the_library_reads_it(text in r#"[\[\]{}:,"0-9.eE a-z\\-]{0,24}"#) {
            let expected: Option<Value> = serde_json::from_str(&text).ok();
            prop_assert_eq!(parse(text.as_bytes()).ok(), expected);
        }
    }

    #[test]
    fn the_librarys_private_key_is_a_key_like_any_other() {
        for key in [TOKEN, "\\u0024serde_json::private::RawValue"] {
            let text = format!(r#"{{"{key}":"[1"}}"#);
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::json!({ TOKEN: "[1" }));
        }
    }

    #[test]
    fn values_of_every_kind_keep_what_they_say() {
        let text = r#"[null,true,false,-5,7,1.5,"a",{"b":[]}]"#;
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_spelt() {
        for (text, number) in
            [("4", 4), ("4.0", 4), ("4e2", 400), ("-0.0", 0), ("18446744073709551615", u64::MAX)]
        {
            assert_eq!(whole(&parse(text.as_bytes()).unwrap()), Some(number), "{text}");
        }
        for text in ["4.5", "-1", "-1.0", "1e300", "\"4\"", "true", "null", "[4]"] {
            assert_eq!(whole(&parse(text.as_bytes()).unwrap()), None, "{text}");
        }
    }

    #[test]
    fn two_entries_of_one_name_are_found_wherever_they_are() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":[{"a":null,"c":"x","\u0061":-1.5}]}]"#] {
            assert!(parse(text.as_bytes()).is_ok() && check_names(text.as_bytes()).is_err(), "{text}");
        }
        let text = r#"{"a":{"a":[true,1e3]},"A":[{"a":"a"},{"a":-1}]}"#;
        assert!(check_names(text.as_bytes()).is_ok());
        assert!(check_names("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn one_recursion_limit_holds_for_the_whole_text() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(nested(127).as_bytes()).is_ok());
        assert!(parse(nested(128).as_bytes()).is_err());
        assert!(parse(nested(100_000).as_bytes()).is_err());
    }
}
