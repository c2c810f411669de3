//! The options of a `snowflake` connector. What can never work is refused when it is written, not at the first call.

use serde_json::{Map, Value};

use crate::{
    custom_options::CLIENT_AUTHS,
    fault::{Fault, Pointer},
};

/// How Snowflake is told who calls, where the secret alone does not say.
pub const AUTH_TYPES: [&str; 4] = ["key_pair", "pat", "oauth", "oauth2_client_credentials"];
/// The context that statements run in; what is left out is the user's own default.
pub const CONTEXT: [&str; 4] = ["warehouse", "database", "schema", "role"];
/// The longest identifier of the vendor, in characters.
pub const NAME_CHARS: usize = 255;

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let mut refuse = |name: &str, why: String| faults.push(Fault::at(at.child(name), why));
    for (name, words) in [("auth_type", &AUTH_TYPES[..]), ("oauth2_client_auth", &CLIENT_AUTHS[..])] {
        if map.get(name).is_some_and(|value| !value.as_str().is_some_and(|word| words.contains(&word))) {
            refuse(name, format!("must be one of {}", words.join(", ")));
        }
    }
    if map.get("ca_pem").is_some_and(|value| !value.is_string()) {
        refuse("ca_pem", "must be a certificate in PEM".into());
    }
    for name in CONTEXT {
        if map.get(name).is_some_and(|value| !value.as_str().is_some_and(is_name)) {
            refuse(
                name,
                format!(
                    "must be a name of 1 to {NAME_CHARS} characters, in the case that it has in Snowflake"
                ),
            );
        }
    }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS).contains(&text.chars().count()) && !text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
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
        let longest = "ä".repeat(NAME_CHARS);
        let options = json!({
            "warehouse": "WH", "database": "my db", "schema": longest, "role": "r", "oauth2_client_auth": "body",
            "ca_pem": "-----BEGIN CERTIFICATE-----", "note": 1,
        });
        assert!(pointers(&options).is_empty());
    }

    #[test]
    fn every_option_that_can_never_work_is_named() {
        let options = json!({
            "auth_type": "password", "oauth2_client_auth": "jwt", "ca_pem": 1, "warehouse": "", "database": null,
            "schema": "s".repeat(NAME_CHARS + 1), "role": "a\nb",
        });
        assert_eq!(
            pointers(&options),
            ["/auth_type", "/oauth2_client_auth", "/ca_pem", "/warehouse", "/database", "/schema", "/role"]
        );
    }
}
