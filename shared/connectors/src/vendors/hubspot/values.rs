//! Values as HubSpot wants them: every property is a string, and what is linked has a number for its kind of link.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// The kinds of records that a note may be about, and the number of the link to each (HubSpot's association types).
pub(super) const ABOUT: [(&str, u32); 4] =
    [("contactIds", 202), ("companyIds", 190), ("dealIds", 214), ("ticketIds", 228)];

const WRONG: &str = "must hold text, numbers, booleans or null: HubSpot's values are plain";

fn owned(value: &impl serde::Serialize) -> Result<Box<RawValue>, String> {
    to_raw_value(value).map_err(|_| WRONG.to_owned())
}

/// An object whose values are strings: numbers with every digit, null as the empty string, which clears a property.
pub(super) fn strings(json: &str) -> Result<Box<RawValue>, String> {
    owned(&properties(json)?)
}

fn properties(json: &str) -> Result<BTreeMap<String, String>, String> {
    let given: BTreeMap<String, &RawValue> = serde_json::from_str(json).map_err(|_| WRONG.to_owned())?;
    given.into_iter().map(|(name, value)| Ok((name, plain(value.get())?))).collect()
}

fn plain(json: &str) -> Result<String, String> {
    match model::json::parse(json.as_bytes()).map_err(|_| WRONG.to_owned())? {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        // As it was written: no digit is lost.
        Value::Number(_) | Value::Bool(_) => Ok(json.to_owned()),
        Value::Array(_) | Value::Object(_) => Err(WRONG.to_owned()),
    }
}

/// The inputs of an upsert, the values of each as strings.
pub(super) fn inputs(json: &str) -> Result<Box<RawValue>, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input<'j> {
        id: String,
        id_property: String,
        #[serde(borrow)]
        properties: &'j RawValue,
    }
    let inputs: Vec<Input<'_>> = serde_json::from_str(json).map_err(|_| WRONG.to_owned())?;
    let written = |input: Input<'_>| {
        let properties = properties(input.properties.get())?;
        Ok(json!({"id": input.id, "idProperty": input.id_property, "properties": properties}))
    };
    let inputs: Result<Vec<Value>, String> = inputs.into_iter().map(written).collect();
    owned(&inputs?)
}

/// The most characters that a name in a path may have.
const NAME_CHARS: usize = 64;

/// A name that is a part of a path: anything else could lead to another resource than the operation says.
pub(super) fn name(json: &str) -> Result<Box<RawValue>, String> {
    let wrong = |_| "must be text".to_owned();
    let text: String = serde_json::from_str(json).map_err(wrong)?;
    let known = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    if text.is_empty() || text.len() > NAME_CHARS || !text.bytes().all(known) {
        return Err(format!("must be up to {NAME_CHARS} letters, digits, hyphens and underscores"));
    }
    to_raw_value(&text).map_err(|error| error.to_string())
}

/// A list of ids as the inputs of a batch.
pub(super) fn ids(json: &str) -> Result<Box<RawValue>, String> {
    let ids: Vec<String> = serde_json::from_str(json).map_err(|_| WRONG.to_owned())?;
    let inputs: Vec<Value> = ids.into_iter().map(|id| json!({"id": id})).collect();
    owned(&inputs)
}

/// The filters of a search as its one group.
pub(super) fn group(json: &str) -> Result<Box<RawValue>, String> {
    owned(&[json!({"filters": filters(json)?})])
}

/// The groups of a search.
pub(super) fn groups(json: &str) -> Result<Box<RawValue>, String> {
    let groups: Vec<BTreeMap<String, &RawValue>> =
        serde_json::from_str(json).map_err(|_| WRONG.to_owned())?;
    let written = |group: BTreeMap<String, &RawValue>| {
        let all = group.get("filters").map_or("[]", |all| all.get());
        Ok(json!({"filters": filters(all)?}))
    };
    let groups: Result<Vec<Value>, String> = groups.into_iter().map(written).collect();
    owned(&groups?)
}

/// Filters, what they compare with as strings.
fn filters(json: &str) -> Result<Vec<BTreeMap<String, Value>>, String> {
    let given: Vec<BTreeMap<String, &RawValue>> = serde_json::from_str(json).map_err(|_| WRONG.to_owned())?;
    let member = |(name, value): (String, &RawValue)| {
        let value = match name.as_str() {
            "value" | "highValue" => Value::String(plain(value.get())?),
            "values" => {
                let all: Vec<&RawValue> = serde_json::from_str(value.get()).map_err(|_| WRONG.to_owned())?;
                all.into_iter().map(|one| plain(one.get())).collect::<Result<_, _>>()?
            }
            _ => model::json::parse(value.get().as_bytes()).map_err(|_| WRONG.to_owned())?,
        };
        Ok((name, value))
    };
    given.into_iter().map(|filter| filter.into_iter().map(member).collect()).collect()
}

/// The links of a new note to records of one kind.
pub(super) fn links(ids: &[String], kind: u32) -> Vec<Value> {
    let types = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]);
    ids.iter().map(|id| json!({"to": {"id": id}, "types": types})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_becomes_a_string_with_all_its_digits() {
        let written = strings(r#"{"b":"ü","a":12345678901234567890.10,"c":true,"d":null}"#).unwrap();
        assert_eq!(written.get(), r#"{"a":"12345678901234567890.10","b":"ü","c":"true","d":""}"#);
        for nested in [r#"{"a":[1]}"#, r#"{"a":{"b":1}}"#] {
            assert_eq!(strings(nested).unwrap_err(), WRONG);
        }
    }

    #[test]
    fn filters_compare_with_strings() {
        let given = r#"[{"filters":[{"propertyName":"amount","operator":"GT","value":1000.50},
            {"propertyName":"closed","operator":"IN","values":[true,"x"]}]}]"#;
        let written = groups(given).unwrap();
        let expected = r#"[{"filters":[{"operator":"GT","propertyName":"amount","value":"1000.50"},{"operator":"IN","propertyName":"closed","values":["true","x"]}]}]"#;
        assert_eq!(written.get(), expected);
    }

    #[test]
    fn inputs_keep_their_key_and_become_strings() {
        let written = inputs(r#"[{"id":"a@b.c","idProperty":"email","properties":{"n":1}}]"#).unwrap();
        assert_eq!(written.get(), r#"[{"id":"a@b.c","idProperty":"email","properties":{"n":"1"}}]"#);
    }
}
