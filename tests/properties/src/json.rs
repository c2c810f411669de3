//! Foreign JSON is read as the library reads it, but for the library's own token; printed it reads the same again.

use std::collections::BTreeSet;

use model::{json, parameters::Parameters};
use serde_json::Value;

/// The key by which the library takes an object for embedded text.
const TOKEN: &str = "$serde_json::private::RawValue";

/// Any bytes as JSON, and as a call's parameters.
pub fn check(data: &[u8]) {
    let parsed = json::parse(data);
    let distinct = json::check_names(data).is_ok();
    let Ok(value) = parsed else {
        assert!(!distinct, "names are checked in what is no JSON");
        assert!(Parameters::parse(data).is_err());
        return;
    };
    if !holds(&value, TOKEN) {
        assert_eq!(serde_json::from_slice::<Value>(data).ok().as_ref(), Some(&value));
    }
    let printed = value.to_string();
    assert_eq!(json::parse(printed.as_bytes()).ok().as_ref(), Some(&value), "printed, it reads otherwise");
    let text = std::str::from_utf8(data).expect("JSON is text");
    assert_eq!(distinct, !repeats(text), "names of {text}");
    parameters(data, &value, distinct);
    whole(&value);
}

fn parameters(data: &[u8], value: &Value, distinct: bool) {
    let Ok(parameters) = Parameters::parse(data) else {
        assert!(!value.is_object() || !distinct, "parameters are refused");
        return;
    };
    let map = value.as_object().expect("parameters are an object");
    assert!(distinct && parameters.len() == map.len());
    for (name, text) in parameters.iter() {
        assert_eq!(json::parse(text.as_bytes()).ok().as_ref(), map.get(name), "{name}");
        assert_eq!(parameters.raw(name), Some(text));
    }
}

/// Whether any object has an entry of this name.
fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| key == name || holds(value, name)),
        Value::Array(items) => items.iter().any(|item| holds(item, name)),
        _ => false,
    }
}

/// Whether any object of a JSON text has two entries of one name: its strings, colons and brackets, one by one.
fn repeats(text: &str) -> bool {
    let mut open: Vec<BTreeSet<String>> = Vec::new();
    let mut at = 0;
    let mut last: Option<String> = None;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let start = at;
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                last = serde_json::from_str(&text[start..=at]).ok();
            }
            b':' => {
                let name = last.take().expect("a name stands before a colon");
                if !open.last_mut().expect("an object is open").insert(name) {
                    return true;
                }
            }
            b'{' | b'[' => open.push(BTreeSet::new()),
            b'}' | b']' => drop(open.pop()),
            _ => {}
        }
        at += 1;
    }
    false
}

/// A number is whole where its decimal text has nothing behind the point.
fn whole(value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(whole),
        Value::Object(map) => map.values().for_each(whole),
        _ => {
            let expected = value.as_f64().filter(|_| value.is_number()).and_then(|float| {
                // Every digit of the float, of which one behind the point that is no zero makes it a fraction.
                let digits =
                    value.as_u64().map_or_else(|| format!("{float:.1100}"), |whole| format!("{whole}.0"));
                let (whole, fraction) = digits.split_once('.')?;
                let whole = if whole == "-0" { "0" } else { whole };
                fraction.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok())?
            });
            assert_eq!(json::whole(value), expected, "{value}");
        }
    }
}
