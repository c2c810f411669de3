//! The deployment's public keys are usable as they stand, each under a name of its own; whatever else the text is, it
//! is not repeated: somebody may have put the private half there.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::license::LicenseKeys;
use serde_json::Value;

use crate::said::bounded;

/// Any text as a JWKS.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match LicenseKeys::from_jwks(text) {
        Ok(_) => usable(text),
        Err(error) => {
            let said = error.to_string();
            bounded(&said, 120);
            // No word of it, unless it is one of ours.
            let known = LicenseKeys::from_jwks("{").err().expect("no JWKS").to_string();
            for word in said.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 4) {
                let ours = known.contains(word) || "key is not an Ed25519 crv".contains(word);
                assert!(ours || !text.contains(word), "an error repeats {word:?}");
            }
        }
    }
}

fn usable(text: &str) {
    let set: Value = serde_json::from_str(text).expect("a JWKS is JSON");
    let mut names = Vec::new();
    for key in set["keys"].as_array().expect("a list of keys") {
        assert_eq!((&key["kty"], &key["crv"]), (&"OKP".into(), &"Ed25519".into()));
        let public = BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("a public key"));
        assert_eq!(public.expect("a public key").len(), 32, "no such point can be");
        let name = key["kid"].as_str().expect("a name");
        let other = names.iter().any(|(known, x)| *known == name && *x != &key["x"]);
        assert!(!other, "two keys have one name");
        names.push((name, &key["x"]));
    }
}
