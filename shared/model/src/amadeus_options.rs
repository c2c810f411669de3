//! The options of an `amadeus` connector.

use serde_json::{Map, Value};

use crate::fault::{Fault, Pointer};

/// The vendor's well-known hosts, which `connection_url` goes before.
pub const ENVIRONMENTS: [(&str, &str); 2] =
    [("production", "https://api.amadeus.com"), ("test", "https://test.api.amadeus.com")];

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let known = |value: &Value| ENVIRONMENTS.iter().any(|(name, _)| value == name);
    if map.get("environment").is_some_and(|value| !known(value)) {
        let names = ENVIRONMENTS.map(|(name, _)| name).join(", ");
        faults.push(Fault::at(at.child("environment"), format!("must be one of {names}")));
    }
    for name in ["guest_office_id", "client_ref"] {
        if map.get(name).is_some_and(|value| !value.as_str().is_some_and(is_reference)) {
            let why = "must be 1 to 100 letters, digits or one of -_.:/";
            faults.push(Fault::at(at.child(name), why));
        }
    }
    if map.get("ca_pem").is_some_and(|value| !value.is_string()) {
        faults.push(Fault::at(at.child("ca_pem"), "must be a certificate in PEM"));
    }
}

/// It goes into a header.
fn is_reference(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.:/".contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(options: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        check(options.as_object().unwrap(), &Pointer::root(), &mut faults);
        faults.iter().map(|fault| fault.pointer.to_string()).collect()
    }

    #[test]
    fn what_can_work_is_taken() {
        let options = json!({"environment": "test", "guest_office_id": "NCE1A0955", "client_ref": "a:1/2"});
        assert!(faults(&options).is_empty());
    }

    #[test]
    fn what_can_not_is_named() {
        let options =
            json!({"environment": "prod", "guest_office_id": "", "client_ref": "a\r\nb", "ca_pem": 1});
        let expected = ["/environment", "/guest_office_id", "/client_ref", "/ca_pem"];
        assert_eq!(faults(&options), expected);
    }
}
