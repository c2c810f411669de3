//! The options of a `custom` connector. What can never work is refused when it is written, not at the first call.

use serde_json::{Map, Value};

use crate::{
    data_path::DataPath,
    fault::{Fault, Pointer, shortened},
};

/// How a custom service is told who calls.
pub const AUTH_TYPES: [&str; 5] = ["none", "bearer", "basic", "api_key", "oauth2_client_credentials"];

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let mut refuse = |name: &str, why: String| faults.push(Fault::at(at.child(name), why));
    if map
        .get("auth_type")
        .is_some_and(|value| !value.as_str().is_some_and(|word| AUTH_TYPES.contains(&word)))
    {
        refuse("auth_type", format!("must be one of {}", AUTH_TYPES.join(", ")));
    }
    if map.get("api_key_header").is_some_and(|value| !value.as_str().is_some_and(is_header_name)) {
        refuse("api_key_header", "must be a header name such as X-API-Key".into());
    }
    if map.get("ca_pem").is_some_and(|value| !value.is_string()) {
        refuse("ca_pem", "must be a certificate in PEM".into());
    }
    if let Some(value) = map.get("data_path") {
        let path = value.as_str().ok_or_else(|| "must be a string".to_owned()).and_then(DataPath::parse);
        path.err().into_iter().for_each(|why| refuse("data_path", why));
    }
    match map.get("headers") {
        None => {}
        Some(Value::Object(headers)) => {
            let pointer = at.child("headers");
            let usable = |name: &str, value: &Value| {
                is_header_name(name) && value.as_str().is_some_and(is_header_value)
            };
            for (name, _) in headers.iter().filter(|(name, value)| !usable(name, value)) {
                let why = format!("{:?} must be a header name with a string as its value", shortened(name));
                faults.push(Fault::at(pointer.child(name), why));
            }
        }
        Some(_) => refuse("headers", "must map header names to strings".into()),
    }
}

/// A token (RFC 9110, 5.6.2).
fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c))
}

fn is_header_value(value: &str) -> bool {
    value.bytes().all(|c| c == b'\t' || (0x20..0x7f).contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(options: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        check(options.as_object().unwrap(), &Pointer::root(), &mut faults);
        faults.iter().map(|fault| fault.pointer.to_string()).collect()
    }

    #[test]
    fn what_can_work_is_taken() {
        for auth_type in AUTH_TYPES {
            assert!(pointers(&json!({ "auth_type": auth_type })).is_empty());
        }
        let options = json!({
            "api_key_header": "X-Crm_Key", "data_path": "/data", "headers": {"X-A": "b c"}, "note": {"a": 1},
        });
        assert!(pointers(&options).is_empty());
    }

    #[test]
    fn every_option_that_can_never_work_is_named() {
        let options = json!({
            "auth_type": "bearr", "api_key_header": "a b", "ca_pem": 1, "data_path": "data",
            "headers": {"X-Y": 5, "X Z": "1", "X-N": "a\nb"},
        });
        assert_eq!(
            pointers(&options),
            [
                "/auth_type",
                "/api_key_header",
                "/ca_pem",
                "/data_path",
                "/headers/X Z",
                "/headers/X-N",
                "/headers/X-Y"
            ]
        );
        assert_eq!(pointers(&json!({"headers": []})), ["/headers"]);
    }
}
