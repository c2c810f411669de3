//! Keys as `openssl` writes them; `tests/snowflake/keys` says what they are.

use super::*;

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../tests/snowflake/keys/", $name))
    };
}

const PASSPHRASE: &str = "test-passphrase";

/// The fingerprint by the public key that `openssl` derived, as the vendor's guide computes it.
fn expected() -> String {
    let base64: String = pem!("key.pub").lines().filter(|line| !line.starts_with('-')).collect();
    let hash = digest(&SHA256, &BASE64_STANDARD.decode(base64).unwrap());
    format!("SHA256:{}", BASE64_STANDARD.encode(hash))
}

fn fingerprint_of(text: &str, passphrase: Option<&str>) -> Result<String, String> {
    read(text, passphrase).and_then(|key| fingerprint(&key)).map_err(|error| error.to_string())
}

#[test]
fn a_key_is_read_in_every_form_that_is_in_use() {
    let bare = pem!("key.p8").lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let escaped = pem!("key.p8").replace('\n', "\\n");
    let windows = pem!("key.p8").replace('\n', "\r\n");
    for (text, passphrase) in [
        (pem!("key.p8"), None),
        (pem!("key.p8"), Some("not needed")),
        (&bare, None),
        (&escaped, None),
        (&windows, None),
        (pem!("key.pkcs1.p8"), None),
        (pem!("key.aes256.p8"), Some(PASSPHRASE)),
        (pem!("key.des3.p8"), Some(PASSPHRASE)),
        (pem!("key.scrypt.p8"), Some(PASSPHRASE)),
    ] {
        assert_eq!(fingerprint_of(text, passphrase), Ok(expected()), "{}", text.lines().next().unwrap());
    }
    let bare = pem!("key.aes256.p8").lines().filter(|line| !line.starts_with('-')).collect::<String>();
    assert_eq!(fingerprint_of(&bare, Some(PASSPHRASE)), Ok(expected()));
}

#[test]
fn what_is_wrong_with_a_key_is_said_without_it() {
    let cut = pem!("key.p8").chars().take(900).collect::<String>();
    for (text, passphrase, expected) in [
        (pem!("key.aes256.p8"), None, "has no passphrase"),
        (pem!("key.aes256.p8"), Some("CANARY-passphrase"), "can't be decrypted with the secret's passphrase"),
        (pem!("key.des3.p8"), Some(""), "can't be decrypted with the secret's passphrase"),
        (pem!("key.slow.p8"), Some(PASSPHRASE), "takes too much work"),
        (pem!("key.old.p8"), Some(PASSPHRASE), "in a way that is not accepted"),
        (pem!("key.pub"), None, "is the public part"),
        (pem!("short.p8"), None, "is too short"),
        (pem!("ec.p8"), None, "is no RSA key"),
        (cut.as_str(), None, "is no "),
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", None, "has an old form"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", None, "has an old form"),
        ("CANARY", None, "is no "),
        ("!CANARY!", None, "is no PEM text"),
        ("", None, "is no PEM text"),
    ] {
        let error = fingerprint_of(text, passphrase).unwrap_err();
        assert!(
            error.starts_with("the secret's privateKey ") && error.contains(expected),
            "{expected}: {error}"
        );
        assert!(!error.contains("CANARY"), "{error}");
    }
}
