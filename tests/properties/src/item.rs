//! An item of the table is a record or an error that says nothing of it; a record that was read is stored as it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};
use store::item::{from_item, to_item};

/// Any JSON as an item, as DynamoDB writes them: each attribute an object of its type and its value.
pub fn check(data: &[u8]) {
    let Ok(Value::Object(attributes)) = model::json::parse(data) else { return };
    let Some(item) = item(&attributes) else { return };
    match from_item(item) {
        Ok(record) => {
            let stored = to_item(&record).expect("a record is an item");
            assert_eq!(from_item(stored).expect("an item is a record"), record);
        }
        Err(error) => {
            let said = error.to_string();
            let part = ["record", "options", "secret ARN"].into_iter().find(|part| said.ends_with(part));
            assert!(part.is_some() && said.len() < 80, "{said}");
        }
    }
}

fn item(attributes: &Map<String, Value>) -> Option<HashMap<String, AttributeValue>> {
    attributes.iter().map(|(name, value)| Some((name.clone(), attribute(value)?))).collect()
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(match kind.as_str() {
        "S" => AttributeValue::S(text(value)?),
        "N" => AttributeValue::N(text(value)?),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(true),
        "SS" => AttributeValue::Ss(value.as_array()?.iter().map(text).collect::<Option<_>>()?),
        "L" => AttributeValue::L(value.as_array()?.iter().map(attribute).collect::<Option<_>>()?),
        "M" => AttributeValue::M(item(value.as_object()?)?),
        _ => return None,
    })
}
