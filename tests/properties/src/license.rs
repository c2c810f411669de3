//! A license is what our key signed, whole and until its end; one bit off it is nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use model::license::{License, LicenseError, LicenseKeys, PREFIX, SigningKey};
use ring::signature::Ed25519KeyPair;
use serde_json::Value;

use crate::{
    fixed::{NOW, Sevens, first_line, now},
    said::modest,
};

/// Any text as a license key; and the same text as a header and claims that our key signed: the first line the header,
/// empty for the one that we write, and the rest the claims.
pub fn check(data: &[u8]) {
    let (key, keys) = ours();
    if let Ok(text) = std::str::from_utf8(data) {
        let error = keys.verify(text, now()).expect_err("nobody can guess a signature");
        modest(&error.to_string(), text, 120);
    }
    let (header, claims) = first_line(data);
    let own = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, key.key_id());
    let header = if header.is_empty() { own.as_bytes() } else { header };
    let text = signed(&key, header, claims);
    match keys.verify(&text, now()) {
        Ok(license) => {
            says_so(header, claims, &license, key.key_id());
            altered(&keys, &text);
        }
        Err(LicenseError::Expired) => {
            let claims: Value = serde_json::from_slice(claims).expect("expired claims are claims");
            assert!(claims["exp"].as_i64().is_some_and(|exp| exp <= NOW));
        }
        Err(LicenseError::Early) => {
            let claims: Value = serde_json::from_slice(claims).expect("early claims are claims");
            assert!(claims["nbf"].as_i64().is_some_and(|nbf| nbf > NOW));
        }
        Err(LicenseError::Forged | LicenseError::Malformed) => {}
    }
}

/// What we issue is read back as it is, until it ends.
pub fn issued(license: &License) {
    let (key, keys) = ours();
    let text = key.issue(license);
    let fits = (1..=255).contains(&license.jti.len()) && text.len() <= 8 * 1024;
    match keys.verify(&text, now()) {
        Ok(read) => {
            assert!(fits && license.exp > NOW);
            assert_eq!(read, *license);
            altered(&keys, &text);
        }
        Err(LicenseError::Expired) => assert!(fits && license.exp <= NOW),
        Err(error) => assert!(!fits, "{error}"),
    }
}

fn ours() -> (SigningKey, LicenseKeys) {
    let key = SigningKey::generate(&Sevens);
    let keys = LicenseKeys::from_jwks(&key.public_jwks().to_string()).expect("our own keys");
    (key, keys)
}

fn signed(key: &SigningKey, header: &[u8], claims: &[u8]) -> String {
    let message = format!("{}.{}", B64.encode(header), B64.encode(claims));
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.to_pkcs8()).expect("our own key");
    format!("{PREFIX}{message}.{}", B64.encode(pair.sign(message.as_bytes())))
}

/// Header and claims say what was read of them.
fn says_so(header: &[u8], claims: &[u8], license: &License, kid: &str) {
    let header: Value = serde_json::from_slice(header).expect("the header is JSON");
    assert_eq!((&header["alg"], &header["kid"]), (&"EdDSA".into(), &kid.into()));
    let claims: Value = serde_json::from_slice(claims).expect("the claims are JSON");
    assert!(claims.is_object(), "claims are an object");
    let texts = |texts: &[String]| Value::from(texts.to_vec());
    assert_eq!(claims["sub"], license.sub.as_str());
    assert_eq!(claims["jti"], license.jti.as_str());
    assert_eq!(claims["tenants"], texts(&license.tenants));
    assert_eq!(claims["scopes"], texts(&license.scopes));
    assert_eq!(claims["connectors"], license.connectors.as_deref().map_or(Value::Null, texts));
    assert_eq!((claims["exp"].as_i64(), claims["iat"].as_i64()), (Some(license.exp), Some(license.iat)));
    assert!(license.exp > NOW && (1..=255).contains(&license.jti.len()));
    assert!(claims["nbf"].as_i64().is_none_or(|nbf| nbf <= NOW));
}

/// Every single bit counts. Of long keys some do here, always the same.
fn altered(keys: &LicenseKeys, text: &str) {
    let bits = text.len() * 8;
    for bit in (0..bits).step_by(bits.div_ceil(64)).chain(bits - 16..bits) {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(keys.verify(&changed, now()).is_err(), "bit {bit} does not count");
        }
    }
    for changed in [format!("{text}="), format!("{text} "), format!("{text}A"), format!(" {text}")] {
        assert!(keys.verify(&changed, now()).is_err(), "what stands beside it does not count");
    }
}
