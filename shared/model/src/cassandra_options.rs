//! The options of a `cassandra` connector. What can never work is refused when it is written, not at the first call.

use serde_json::{Map, Value};

use crate::fault::{Fault, Pointer};

/// How many replicas must have answered, in Cassandra's words.
pub const CONSISTENCIES: [&str; 11] = [
    "ANY",
    "ONE",
    "TWO",
    "THREE",
    "QUORUM",
    "ALL",
    "LOCAL_QUORUM",
    "EACH_QUORUM",
    "SERIAL",
    "LOCAL_SERIAL",
    "LOCAL_ONE",
];
/// How far lightweight transactions agree.
pub const SERIAL_CONSISTENCIES: [&str; 2] = ["SERIAL", "LOCAL_SERIAL"];

/// The level that a text names.
pub fn consistency(text: &str) -> Option<&'static str> {
    CONSISTENCIES.into_iter().find(|level| *level == text)
}

/// The same for lightweight transactions.
pub fn serial_consistency(text: &str) -> Option<&'static str> {
    SERIAL_CONSISTENCIES.into_iter().find(|level| *level == text)
}

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let mut refuse = |name: &str, why: String| faults.push(Fault::at(at.child(name), why));
    if map.get("ca_pem").is_some_and(|value| !value.is_string()) {
        refuse("ca_pem", "must be a certificate in PEM".into());
    }
    if map.get("tls").is_some_and(|value| !value.is_boolean()) {
        refuse("tls", "must be true or false".into());
    }
    let named = |value: &Value| value.as_str().is_some_and(|name| !name.trim().is_empty());
    if map.get("local_dc").is_some_and(|value| !named(value)) {
        refuse("local_dc", "must be the name of a data centre, as `nodetool status` shows it".into());
    }
    let level = |name: &str, find: fn(&str) -> Option<&'static str>| {
        map.get(name).is_none_or(|value| value.as_str().and_then(find).is_some())
    };
    if !level("consistency", consistency) {
        refuse("consistency", format!("must be one of {}", CONSISTENCIES.join(", ")));
    }
    if !level("serial_consistency", serial_consistency) {
        refuse("serial_consistency", format!("must be one of {}", SERIAL_CONSISTENCIES.join(", ")));
    }
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
    fn every_level_is_taken_as_cassandra_writes_it() {
        for level in CONSISTENCIES {
            assert!(pointers(&json!({"consistency": level})).is_empty());
            assert!(!pointers(&json!({"consistency": level.to_ascii_lowercase()})).is_empty());
            let serial = level.ends_with("SERIAL");
            assert_eq!(pointers(&json!({"serial_consistency": level})).is_empty(), serial, "{level}");
        }
    }

    #[test]
    fn every_option_that_can_never_work_is_named() {
        let wrong = json!({"ca_pem": 1, "consistency": "SOME", "local_dc": " ", "note": 1,
            "serial_consistency": null, "tls": "no"});
        assert_eq!(pointers(&wrong), ["/ca_pem", "/tls", "/local_dc", "/consistency", "/serial_consistency"]);
        let right = json!({"ca_pem": "-----BEGIN CERTIFICATE-----", "local_dc": "dc1", "tls": false});
        assert!(pointers(&right).is_empty());
    }
}
