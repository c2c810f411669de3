//! Parameters as JSON Schema (2020-12).

use serde_json::{Map, Value, json};

use super::{Choice, Kind, Parameter};

/// The schema of an object of these members and no others.
pub(crate) fn object(members: &[Parameter]) -> Value {
    let described = |member: &Parameter| {
        let mut schema = of(member.kind);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".into(), member.about.into());
        }
        (member.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = members.iter().map(described).collect();
    let required: Vec<&str> =
        members.iter().filter(|member| member.required).map(|member| member.name).collect();
    let schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    with(schema, "required", required.into())
}

/// The same with a keyword, unless it says nothing.
fn with(mut schema: Value, keyword: &str, value: Value) -> Value {
    if let Some(schema) =
        schema.as_object_mut().filter(|_| value.as_array().is_some_and(|list| !list.is_empty()))
    {
        schema.insert(keyword.to_owned(), value);
    }
    schema
}

/// The same, where some of them have to do with each other.
pub(crate) fn chosen(members: &[Parameter], choices: &[Choice]) -> Value {
    let made = choices.iter().map(|choice| {
        let there =
            |names: &[&str]| -> Vec<Value> { names.iter().map(|name| json!({"required": [name]})).collect() };
        match choice {
            Choice::AnyOf(names) => json!({"anyOf": there(names)}),
            Choice::OneOf(names) => json!({"oneOf": there(names)}),
            Choice::AtMostOne(names) => {
                let none = json!({"not": {"anyOf": there(names)}});
                let ways: Vec<Value> = there(names).into_iter().chain([none]).collect();
                json!({ "oneOf": ways })
            }
        }
    });
    with(object(members), "allOf", made.collect())
}

fn of(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({"type": "string", "minLength": 1}),
        Kind::UpTo(most) => json!({"type": "string", "maxLength": most}),
        Kind::Integer(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Number => json!({"type": "number"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::OneOf(words) => json!({"type": "string", "enum": words}),
        Kind::Object => json!({"type": "object"}),
        Kind::Shape(members) => object(members),
        Kind::List(kind, most) => {
            json!({"type": "array", "items": of(*kind), "minItems": 1, "maxItems": most})
        }
        Kind::Either(kinds) => json!({"anyOf": kinds.iter().map(|kind| of(*kind)).collect::<Vec<_>>()}),
        Kind::Null => json!({"type": "null"}),
    }
}
