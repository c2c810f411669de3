//! The public keys of a deployment: a JWKS (RFC 7517) of Ed25519 keys, looked up by `kid`.

use std::collections::HashMap;

use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, JwkSet},
};
use serde::Deserialize;

use super::{License, LicenseError, PREFIX, provider};

/// The longest license key that is looked at, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// An Ed25519 public key.
const KEY_BYTES: usize = 32;
/// The longest identifier; it is a key of the table of revoked licenses, which can't be empty.
const MAX_JTI_BYTES: usize = 255;

/// The keys that licenses of this deployment are signed by.
#[derive(Clone, Default)]
pub struct LicenseKeys(HashMap<String, DecodingKey>);

/// Why a JWKS can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LicenseKeysError {
    /// Not a JWKS. It says where and never what stands there: it may be the private half, put there by mistake.
    #[error("is not a JSON Web Key Set: it can't be read at line {line}, column {column}")]
    Malformed {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// A key that is not Ed25519 or has no `kid`.
    #[error("key {0} is not an Ed25519 key (kty OKP, crv Ed25519, 32 bytes) with a `kid`")]
    Unusable(usize),
    /// Another key with the `kid` of one before it: which of them is meant can't be told.
    #[error("key {0} has the `kid` of another key")]
    Repeated(usize),
}

/// The claims as they were signed.
#[derive(Deserialize)]
struct Claims {
    #[serde(flatten)]
    license: License,
    /// Seconds since the epoch before which the license is none (RFC 7519, 4.1.5).
    nbf: Option<i64>,
}

impl LicenseKeys {
    /// Reads a JWKS.
    pub fn from_jwks(text: &str) -> Result<Self, LicenseKeysError> {
        provider::install();
        // The library takes a list of a set's members for one, too.
        if !text.trim_start().starts_with('{') {
            return Err(LicenseKeysError::Malformed { line: 1, column: 1 });
        }
        let set: JwkSet = serde_json::from_str(text)
            .map_err(|error| LicenseKeysError::Malformed { line: error.line(), column: error.column() })?;
        let mut keys = HashMap::new();
        for (index, jwk) in set.keys.iter().enumerate() {
            let unusable = || LicenseKeysError::Unusable(index);
            let AlgorithmParameters::OctetKeyPair(pair) = &jwk.algorithm else { return Err(unusable()) };
            let kid = jwk.common.key_id.clone().filter(|_| pair.curve == EllipticCurve::Ed25519);
            let key = DecodingKey::from_ed_components(&pair.x).map_err(|_| unusable())?;
            // The library takes any length, and no license would ever be found to be signed.
            if bytes(&key).map(<[u8]>::len) != Some(KEY_BYTES) {
                return Err(unusable());
            }
            let kid = kid.ok_or_else(unusable)?;
            if keys.get(&kid).is_some_and(|other| bytes(other) != bytes(&key)) {
                return Err(LicenseKeysError::Repeated(index));
            }
            keys.insert(kid, key);
        }
        Ok(Self(keys))
    }

    /// The license that a key stands for at a moment. No network is asked.
    pub fn verify(&self, text: &str, now: Timestamp) -> Result<License, LicenseError> {
        let jws =
            text.strip_prefix(PREFIX).filter(|_| text.len() <= MAX_BYTES).ok_or(LicenseError::Malformed)?;
        let header = decode_header(jws).map_err(|_| LicenseError::Malformed)?;
        let key = header.kid.and_then(|kid| self.0.get(&kid)).ok_or(LicenseError::Forged)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The library would read the machine's clock; expiry is judged below by the clock passed in.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = decode::<Claims>(jws, key, &validation).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => LicenseError::Forged,
            _ => LicenseError::Malformed,
        })?;
        let Claims { license, nbf } = claims.claims;
        if !(1..=MAX_JTI_BYTES).contains(&license.jti.len()) {
            return Err(LicenseError::Malformed);
        }
        // Ours never say so, but whoever issues with the same key may: what is not good yet is not taken for good.
        if nbf.is_some_and(|begin| now.as_second() < begin) {
            return Err(LicenseError::Early);
        }
        if license.expired(now) { Err(LicenseError::Expired) } else { Ok(license) }
    }
}

fn bytes(key: &DecodingKey) -> Option<&[u8]> {
    key.try_get_as_bytes().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entropy::SystemEntropy, license::SigningKey};
    use serde_json::{Value, json};

    fn key(kid: &str, x: &str) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x})
    }

    fn error(keys: &[Value]) -> Option<LicenseKeysError> {
        LicenseKeys::from_jwks(&json!({ "keys": keys }).to_string()).err()
    }

    #[test]
    fn keys_are_points_under_names_of_their_own() {
        let (one, two) =
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh4");
        assert_eq!(error(&[key("a", one), key("b", two), key("a", one)]), None);
        assert_eq!(error(&[key("a", one), key("a", two)]), Some(LicenseKeysError::Repeated(1)));
        assert_eq!(error(&[key("a", one), key("b", "AAAA")]), Some(LicenseKeysError::Unusable(1)));
    }

    #[test]
    fn what_is_no_key_set_is_not_repeated() {
        let error = LicenseKeys::from_jwks("\"MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcH\"").err().unwrap();
        assert_eq!(error.to_string(), "is not a JSON Web Key Set: it can't be read at line 1, column 1");
    }

    #[test]
    fn a_license_key_of_8_kib_is_looked_at_and_no_longer_one() {
        let key = SigningKey::generate(&SystemEntropy);
        let keys = LicenseKeys::from_jwks(&key.public_jwks().to_string()).unwrap();
        let issued = |subject| {
            key.issue(&License {
                sub: "s".repeat(subject),
                tenants: vec!["tenant-a".into()],
                scopes: vec!["query".into()],
                connectors: None,
                exp: 2_000,
                iat: 1_000,
                jti: "one".into(),
            })
        };
        let now = Timestamp::from_second(1_500).unwrap();
        let longer = (5_500..MAX_BYTES).find(|subject| issued(*subject).len() > MAX_BYTES).unwrap();
        assert!(keys.verify(&issued(longer - 1), now).is_ok());
        assert_eq!(keys.verify(&issued(longer), now), Err(LicenseError::Malformed));
    }

    #[test]
    fn a_key_goes_by_one_identifier_everywhere() {
        let key = SigningKey::generate(&SystemEntropy);
        assert_eq!(key.public_jwks()["keys"][0]["kid"], key.key_id());
        let key = key.with_key_id("2026");
        assert_eq!((key.key_id(), &key.public_jwks()["keys"][0]["kid"]), ("2026", &json!("2026")));
    }
}
