//! Names under which credentials are kept. The portal stores none, so a key of such a name is refused wherever it
//! stands.

use serde_json::Value;

use crate::fault::{Fault, Pointer};

/// Keys that name a credential, compared whole, with case ignored and `-` taken as `_`.
pub(crate) const CREDENTIAL_KEYS: [&str; 18] = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "access_token",
    "refresh_token",
    "bearer_token",
    "bot_token",
    "api_key",
    "apikey",
    "api_token",
    "client_secret",
    "private_key",
    "passphrase",
    "credential",
    "credentials",
    "authorization",
];
/// Header names that carry a credential, refused inside `headers` only.
pub(crate) const CREDENTIAL_HEADERS: [&str; 2] = ["cookie", "x_api_key"];

/// Whether a key is one of those under which credentials are kept.
pub(crate) fn names_credential(key: &str) -> bool {
    CREDENTIAL_KEYS.contains(&plain(key).as_str())
}

fn plain(key: &str) -> String {
    key.to_ascii_lowercase().replace('-', "_")
}

/// Reports every key that names a credential, at any depth.
pub(crate) fn find_credentials(value: &Value, at: &Pointer, in_headers: bool, faults: &mut Vec<Fault>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let pointer = at.child(key);
                let plain = plain(key);
                let header = in_headers && CREDENTIAL_HEADERS.contains(&plain.as_str());
                if header || names_credential(key) {
                    faults.push(Fault::at(
                        pointer.clone(),
                        "names a credential; store it in Secrets Manager and set `credentials_secret_arn`",
                    ));
                }
                find_credentials(inner, &pointer, plain == "headers", faults);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                find_credentials(inner, &at.child(&index.to_string()), in_headers, faults);
            }
        }
        _ => {}
    }
}
