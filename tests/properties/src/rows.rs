//! The rows of an answer are its elements, as sent.

use connectors::{ROW_LIMIT, answers};
use model::data_path::DataPath;
use serde_json::Value;

use crate::{
    fixed::first_line,
    said::bounded,
    upstream::{answered, header},
};

/// A path to the rows in the first line, then any answer.
pub fn check(data: &[u8]) {
    let (path, data) = first_line(data);
    let Ok(path) = std::str::from_utf8(path) else { return };
    let Ok(steps) = DataPath::parse(path) else {
        assert!(!path.is_empty(), "no path is a path to the whole");
        return;
    };
    let Some((_, response)) = answered(data) else { return };
    let body = response.body.to_vec();
    let json = header(&response, "content-type").is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == "application/json" || kind.ends_with("+json")
    });
    let rows = match answers::rows(&response, &steps) {
        Ok(rows) => rows,
        Err(error) => {
            // It names the path, which is the record's own.
            let said = error.to_string().replace(&steps.steps().join("/"), "");
            bounded(&said, 120 + path.len());
            return;
        }
    };
    let items: Vec<&str> = rows.items().iter().map(|row| row.get()).collect();
    let values: Vec<Value> = items.iter().map(|row| read(row)).collect();
    if body.iter().all(u8::is_ascii_whitespace) {
        assert!(values.is_empty(), "nothing has rows");
    } else if json {
        let text = String::from_utf8(body).expect("JSON is text");
        as_sent(&text, path, &items, &values);
    } else {
        assert_eq!(values, [serde_json::json!({ "body": String::from_utf8(body).unwrap() })]);
    }
}

fn read(row: &str) -> Value {
    // Deeper than the reader for callers goes: rows are passed on as text.
    serde_json::from_str(row).unwrap_or_else(|error| panic!("a row is no JSON: {error}"))
}

/// The elements are those that a plain reader finds, and their text stands in the body.
fn as_sent(body: &str, path: &str, items: &[&str], values: &[Value]) {
    let Ok(whole) = model::json::parse(body.trim_start_matches('\u{feff}').as_bytes()) else { return };
    let Some(found) = whole.pointer(path) else { return };
    // Where a name comes up twice, readers differ in which they take.
    if model::json::check_names(body.trim_start_matches('\u{feff}').as_bytes()).is_err() {
        return;
    }
    let expected = match found {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        Value::Object(_) => vec![found.clone()],
        other => vec![serde_json::json!({ "body": other })],
    };
    assert_eq!(values, expected.get(..ROW_LIMIT.min(expected.len())).unwrap());
    if found.is_array() || found.is_object() {
        assert!(items.iter().all(|row| body.contains(row)), "a row is not as it was sent");
    }
}
