//! The private key of a secret: PKCS#8, encrypted or not, in PEM with or without its first and last line; the older
//! PKCS#1 too. Reading one is slow by intent where it is encrypted, so that it is done once an instance.
//!
//! No error repeats a part of the key, and what a reader tried is zeroised.

use base64::{Engine, prelude::BASE64_STANDARD};
use pkcs8::{
    EncryptedPrivateKeyInfoRef,
    der::{Encode, asn1::BitStringRef},
    pkcs5::{EncryptionScheme, pbes2::Kdf},
    spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfo},
};
use ring::{
    digest::{SHA256, digest},
    error::KeyRejected,
    rsa::KeyPair,
    signature::KeyPair as _,
};
use zeroize::Zeroizing;

use crate::ConnectorError;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The most work that the passphrase of a stranger's key may cost: about half a second.
const MAX_ITERATIONS: u32 = 1_000_000;
/// The most memory that it may.
const MAX_SCRYPT_BYTES: u64 = 64 * 1024 * 1024;

fn unusable(why: &str) -> ConnectorError {
    ConnectorError::Credentials(format!("the secret's privateKey {why}"))
}

/// Reads a key.
pub(crate) fn read(text: &str, passphrase: Option<&str>) -> Result<KeyPair, ConnectorError> {
    let der = decode(text)?;
    match EncryptedPrivateKeyInfoRef::try_from(der.as_slice()) {
        Ok(encrypted) => {
            let passphrase = passphrase
                .ok_or_else(|| unusable("is encrypted, and the secret has no passphrase to go with it"))?;
            check_cost(&encrypted.encryption_algorithm)?;
            let decrypted = encrypted
                .decrypt(passphrase)
                .map_err(|_| unusable("can't be decrypted with the secret's passphrase"))?;
            // What a wrong passphrase makes of a key can look decrypted.
            key(decrypted.as_bytes())
                .map_err(|_| unusable("can't be decrypted with the secret's passphrase, or is no RSA key"))
        }
        // A passphrase that nothing needs does no harm.
        Err(_) => key(&der),
    }
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, ConnectorError> {
    if text.contains("Proc-Type:") || text.contains("BEGIN OPENSSH") {
        return Err(unusable("has an old form; `openssl pkcs8 -topk8` makes the one that is accepted"));
    }
    if text.contains("PUBLIC KEY") || text.contains("CERTIFICATE") {
        return Err(unusable("is the public part; it must be the private key"));
    }
    // Some tools keep a line break as a backslash and an n.
    let text = Zeroizing::new(text.replace("\\n", "\n"));
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let mut base64 = Zeroizing::new(String::with_capacity(text.len()));
    lines.for_each(|line| base64.extend(line.split_whitespace()));
    let der = BASE64_STANDARD.decode(base64.as_bytes()).map(Zeroizing::new);
    der.ok().filter(|der| !der.is_empty()).ok_or_else(|| unusable("is no PEM text"))
}

fn check_cost(scheme: &EncryptionScheme) -> Result<(), ConnectorError> {
    let other = || {
        unusable(
            "is encrypted in a way that is not accepted; `openssl pkcs8 -topk8 -v2 aes-256-cbc` makes one that is",
        )
    };
    let affordable = match &scheme.pbes2().ok_or_else(other)?.kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= MAX_ITERATIONS,
        Kdf::Scrypt(parameters) => {
            let memory = u64::from(parameters.block_size).saturating_mul(128);
            memory.saturating_mul(parameters.cost_parameter) <= MAX_SCRYPT_BYTES
                && parameters.parallelization <= 4
        }
        _ => return Err(other()),
    };
    if affordable { Ok(()) } else { Err(unusable("takes too much work to decrypt; use openssl's defaults")) }
}

fn key(der: &[u8]) -> Result<KeyPair, ConnectorError> {
    KeyPair::from_pkcs8(der).or_else(|rejected| KeyPair::from_der(der).map_err(|_| refused(&rejected)))
}

fn refused(rejected: &KeyRejected) -> ConnectorError {
    // The library tells its reasons apart by their texts alone.
    match rejected.to_string().as_str() {
        "TooSmall" => unusable("is too short; it must have at least 2048 bits"),
        "TooLarge" => unusable("is too long; it may have up to 4096 bits"),
        "WrongAlgorithm" => unusable("is no RSA key"),
        _ => unusable("is no RSA private key in PKCS#8"),
    }
}

/// The SHA-256 of the public key as the account knows it (`RSA_PUBLIC_KEY_FP`).
pub(crate) fn fingerprint(key: &KeyPair) -> Result<String, ConnectorError> {
    let public = || -> Result<Vec<u8>, pkcs8::der::Error> {
        SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifierRef {
                oid: RSA_ENCRYPTION,
                parameters: Some(pkcs8::der::AnyRef::NULL),
            },
            subject_public_key: BitStringRef::from_bytes(key.public_key().as_ref())?,
        }
        .to_der()
    };
    let public = public().map_err(|_| unusable("has no public part"))?;
    Ok(format!("SHA256:{}", BASE64_STANDARD.encode(digest(&SHA256, &public))))
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
