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
/// The longest identifier; it is a key of the table of revoked licenses, which can't be empty.
const MAX_JTI_BYTES: usize = 255;

/// The keys that licenses of this deployment are signed by.
#[derive(Clone, Default)]
pub struct LicenseKeys(HashMap<String, DecodingKey>);

/// Why a JWKS can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LicenseKeysError {
    /// Not a JWKS.
    #[error("is not a JSON Web Key Set: {0}")]
    Malformed(String),
    /// A key that is not Ed25519 or has no `kid`.
    #[error("key {0} is not an Ed25519 key (kty OKP, crv Ed25519) with a `kid`")]
    Unusable(usize),
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
        let set: JwkSet =
            serde_json::from_str(text).map_err(|error| LicenseKeysError::Malformed(error.to_string()))?;
        let mut keys = HashMap::new();
        for (index, jwk) in set.keys.iter().enumerate() {
            let unusable = || LicenseKeysError::Unusable(index);
            let AlgorithmParameters::OctetKeyPair(pair) = &jwk.algorithm else { return Err(unusable()) };
            let kid = jwk.common.key_id.clone().filter(|_| pair.curve == EllipticCurve::Ed25519);
            let key = DecodingKey::from_ed_components(&pair.x).map_err(|_| unusable())?;
            keys.insert(kid.ok_or_else(unusable)?, key);
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
