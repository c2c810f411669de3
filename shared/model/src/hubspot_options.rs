//! The options of a `hubspot` connector.

use serde_json::{Map, Value};

use crate::fault::{Fault, Pointer};

/// The versions of the vendor's API that are spoken, the newest first.
pub const API_VERSIONS: [&str; 3] = [LATEST, "2026-03", "v3"];
/// The version that is spoken unless an option says otherwise.
pub const LATEST: &str = "2026-09";

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let known = |value: &Value| value.as_str().is_some_and(|version| API_VERSIONS.contains(&version));
    if map.get("api_version").is_some_and(|value| !known(value)) {
        let why = format!("must be one of {}", API_VERSIONS.join(", "));
        faults.push(Fault::at(at.child("api_version"), why));
    }
    if map.get("ca_pem").is_some_and(|value| !value.is_string()) {
        faults.push(Fault::at(at.child("ca_pem"), "must be a certificate in PEM"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_versions_that_are_spoken_are_taken() {
        let faults = |options: Value| {
            let mut faults = Vec::new();
            check(options.as_object().unwrap(), &Pointer::root(), &mut faults);
            faults.iter().map(|fault| fault.pointer.to_string()).collect::<Vec<_>>()
        };
        for version in API_VERSIONS {
            assert!(faults(json!({ "api_version": version, "note": 1 })).is_empty());
        }
        for version in [json!("v1"), json!("2026-9"), json!(3), json!("")] {
            assert_eq!(faults(json!({"api_version": version, "ca_pem": 1})), ["/api_version", "/ca_pem"]);
        }
    }
}
