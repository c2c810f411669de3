//! From JSON text to rows without changing it: values stay the text that the upstream sent, so that no digit is
//! lost. Each step is one pass, and nothing is kept but the rows: the text is as long and as deep as a stranger
//! made it.

use std::fmt;

use model::data_path::DataPath;
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::rows::Rows;

/// The value at the end of a path; `None` where the path leads nowhere.
pub(crate) fn at<'v>(json: &'v str, path: &DataPath) -> Result<Option<&'v RawValue>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let found = Step(path.steps()).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

/// An array gives a row for each element until the rows are full; any other value gives `false` and none.
pub(crate) fn push_elements(array: &RawValue, rows: &mut Rows) -> Result<bool, serde_json::Error> {
    if !array.get().starts_with('[') {
        return Ok(false);
    }
    serde_json::Deserializer::from_str(array.get()).deserialize_seq(Elements(rows))?;
    Ok(true)
}

/// The steps that are left.
struct Step<'p>(&'p [String]);

impl<'de> DeserializeSeed<'de> for Step<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => serde::Deserialize::deserialize(deserializer).map(Some),
            [step, rest @ ..] => deserializer.deserialize_any(Inside { step, rest }),
        }
    }
}

struct Inside<'p> {
    step: &'p str,
    rest: &'p [String],
}

impl<'de> Visitor<'de> for Inside<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = entries.next_key::<String>()? {
            if key == self.step {
                found = entries.next_value_seed(Step(self.rest))?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        if let Ok(index) = self.step.parse::<usize>() {
            let mut before = 0;
            while before < index && items.next_element::<IgnoredAny>()?.is_some() {
                before += 1;
            }
            found = items.next_element_seed(Step(self.rest))?.flatten();
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    // A path leads no further than a plain value.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

struct Elements<'r>(&'r mut Rows);

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<&RawValue>()? {
            if !self.0.push(item.to_owned()) {
                break;
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'v>(json: &'v str, path: &str) -> Option<&'v str> {
        at(json, &DataPath::parse(path).unwrap()).unwrap().map(RawValue::get)
    }

    #[test]
    fn a_path_finds_the_text_as_sent() {
        let json = r#"{"x":[1],"data":{"a/b":[{"n":1.00},{"n":12345678901234567890123}]},"y":null}"#;
        assert_eq!(found(json, "/data/a~1b/0/n"), Some("1.00"));
        assert_eq!(found(json, "/data/a~1b/1"), Some(r#"{"n":12345678901234567890123}"#));
        assert_eq!(found(json, ""), Some(json));
        for nowhere in ["/data/none", "/data/a~1b/2", "/data/a~1b/x", "/y/z", "/x/0/1"] {
            assert_eq!(found(json, nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn text_behind_the_value_is_no_json() {
        assert!(at(r#"{"a":1} {"#, &DataPath::parse("/a").unwrap()).is_err());
        assert!(at("[1,2", &DataPath::default()).is_err());
    }

    #[test]
    fn depth_and_width_cost_nothing_but_their_length() {
        let deep = r#"{"a":"#.repeat(100_000) + "1" + &"}".repeat(100_000);
        assert!(found(&deep, &"/a".repeat(16)).is_some_and(|rest| rest.len() > 500_000));
        let wide = format!("[{}1]", "1,".repeat(1_000_000));
        let wide = at(&wide, &DataPath::default()).unwrap().unwrap();
        let mut rows = Rows::up_to(Some(1));
        assert!(push_elements(wide, &mut rows).unwrap());
        assert_eq!(rows.items().len(), 1);
    }
}
