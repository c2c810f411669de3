//! A token that a private key signs (RFC 7519, RS256): who holds the public key knows who made it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::ConnectorError;

/// The claims, signed.
pub(crate) fn signed(key: &KeyPair, claims: &Value) -> Result<Zeroizing<String>, ConnectorError> {
    let encode = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
    let header = encode(br#"{"alg":"RS256","typ":"JWT"}"#);
    let mut token = Zeroizing::new(format!("{header}.{}", encode(claims.to_string().as_bytes())));
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature);
    signed.map_err(|_| ConnectorError::Credentials("the secret's privateKey can't sign".into()))?;
    token.push('.');
    token.push_str(&encode(&signature));
    Ok(token)
}
