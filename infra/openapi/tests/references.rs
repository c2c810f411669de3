//! What the documents refer to is in them. Merging the functions' parts drops some kinds of components without a word,
//! and a reader's tool then skips what refers to them.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;

use serde_json::Value;

#[test]
fn every_reference_leads_somewhere() {
    for (name, document) in documents() {
        let mut references = Vec::new();
        collect(&document, &mut references);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{name}: {reference}"));
            assert!(document.pointer(pointer).is_some(), "{name}: {reference}");
        }
    }
}

#[test]
fn operations_have_names_of_their_own_and_links_lead_to_them() {
    for (name, document) in documents() {
        let operations = || {
            let paths = document["paths"].as_object().unwrap().values();
            paths.flat_map(|path| path.as_object().unwrap().values())
        };
        let names: BTreeSet<&str> = operations().map(|operation| text(operation, "operationId")).collect();
        assert_eq!(names.len(), operations().count(), "{name}: two operations of one name");
        for operation in operations() {
            for part in ["operationId", "summary"] {
                assert!(!text(operation, part).is_empty(), "{name}: {part} of {operation}");
            }
            for answer in operation["responses"].as_object().unwrap().values() {
                for link in answer["links"].as_object().into_iter().flat_map(|links| links.values()) {
                    assert!(names.contains(text(link, "operationId")), "{name}: {link}");
                }
            }
        }
    }
}

fn documents() -> impl Iterator<Item = (&'static str, Value)> {
    let documents = openapi::documents().into_iter();
    documents.map(|(name, document)| (name, serde_json::to_value(document).unwrap()))
}

fn collect<'d>(value: &'d Value, references: &mut Vec<&'d str>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

fn text<'d>(value: &'d Value, name: &str) -> &'d str {
    value[name].as_str().unwrap_or_default()
}
