//! The private half: it issues licenses. Only the operator's tools and the local stack hold one.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{License, PREFIX, provider};
use crate::entropy::Entropy;

/// A key that licenses are signed by.
pub struct SigningKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: Vec<u8>,
    key_id: String,
}

/// The bytes are no Ed25519 private key in PKCS#8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an Ed25519 private key in PKCS#8")]
pub struct SigningKeyError;

/// PKCS#8 (RFC 8410) up to the 32 bytes of the seed.
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

impl SigningKey {
    /// Makes a new key.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "any 32 bytes are an Ed25519 seed")]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut());
        let pkcs8 = [PKCS8_HEAD.as_slice(), seed.as_slice()].concat();
        Self::from_pkcs8(pkcs8).expect("a fresh seed is a key")
    }

    /// Takes a key that was stored.
    pub fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, SigningKeyError> {
        provider::install();
        let pkcs8 = Zeroizing::new(pkcs8);
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8).map_err(|_| SigningKeyError)?;
        let public = pair.public_key().as_ref().to_vec();
        let digest = Sha256::digest(&public);
        let key_id = BASE64_URL_SAFE_NO_PAD.encode(digest.get(..8).unwrap_or_default());
        Ok(Self { pkcs8, public, key_id })
    }

    /// The key as it is stored; keep it secret.
    pub fn to_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The identifier that licenses name the key by.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The same key under another identifier.
    #[must_use]
    pub fn with_key_id(self, key_id: &str) -> Self {
        Self { key_id: key_id.to_owned(), ..self }
    }

    /// The public half as a JWKS, the value of `LICENSE_PUBLIC_KEYS`.
    pub fn public_jwks(&self) -> serde_json::Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(&self.public);
        serde_json::json!({
            "keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.key_id, "x": x}]
        })
    }

    /// Signs a license.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a checked key signs plain JSON")]
    pub fn issue(&self, license: &License) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        let key = EncodingKey::from_ed_der(&self.pkcs8);
        let jws = encode(&header, license, &key).expect("a checked key signs");
        format!("{PREFIX}{jws}")
    }
}
