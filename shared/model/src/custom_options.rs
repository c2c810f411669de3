//! The options of a `custom` connector. What can never work is refused when it is written, not at the first call.

pub mod path;

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{
    credential_names::names_credential,
    data_path::DataPath,
    fault::{Fault, Pointer, shortened},
};

/// How a custom service is told who calls.
pub const AUTH_TYPES: [&str; 5] = ["none", "bearer", "basic", "api_key", "oauth2_client_credentials"];

/// How the client of `oauth2_client_credentials` proves itself to the token endpoint: by HTTP Basic, or in the form.
pub const CLIENT_AUTHS: [&str; 2] = ["basic", "body"];

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let mut refuse = |name: &str, why: String| faults.push(Fault::at(at.child(name), why));
    for (name, words) in [("auth_type", &AUTH_TYPES[..]), ("oauth2_client_auth", &CLIENT_AUTHS[..])] {
        if map.get(name).is_some_and(|value| !value.as_str().is_some_and(|word| words.contains(&word))) {
            refuse(name, format!("must be one of {}", words.join(", ")));
        }
    }
    if let Some(why) = map.get("health_path").and_then(health_path_fault) {
        refuse("health_path", why);
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

/// The same rules as for a statement; and what is stored here is no place for a credential.
fn health_path_fault(value: &Value) -> Option<String> {
    let Some(text) = value.as_str() else { return Some("must be a string".into()) };
    let query = match path::split(text) {
        Ok((_, query)) => query.unwrap_or_default(),
        Err(fault) => return Some(fault.to_string()),
    };
    let credential = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| names_credential(name));
    credential.map(|(name, _)| {
        format!(
            "must not carry a credential ({}); store it in Secrets Manager and set `credentials_secret_arn`",
            shortened(&name)
        )
    })
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
            "health_path": "/status?deep=true", "oauth2_client_auth": "body",
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

    #[test]
    fn a_health_path_follows_the_rules_of_a_statement() {
        for path in ["/ok", "ok", "", "/a/b?c=d", "/a:b", "/v1/token"] {
            assert!(pointers(&json!({ "health_path": path })).is_empty(), "{path}");
        }
        for path in ["/..", "/%2e%2e/x", "//evil", "https://evil", "/a#b", "/a?b#c", "/a\r\nb"] {
            assert_eq!(pointers(&json!({ "health_path": path })), ["/health_path"], "{path}");
        }
        for path in ["/ok?token=x", "/ok?a=1&API-Key=x", "/ok?%74oken=x"] {
            assert_eq!(pointers(&json!({ "health_path": path })), ["/health_path"], "{path}");
        }
        assert_eq!(pointers(&json!({"health_path": 5})), ["/health_path"]);
    }

    #[test]
    fn the_client_of_a_token_endpoint_proves_itself_in_one_of_two_ways() {
        assert!(pointers(&json!({"oauth2_client_auth": "basic"})).is_empty());
        assert_eq!(pointers(&json!({"oauth2_client_auth": "jwt"})), ["/oauth2_client_auth"]);
    }
}
