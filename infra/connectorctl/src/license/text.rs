//! A license key as somebody holds it: read without any key, which shows what it claims and proves nothing.

use std::io::{self, IsTerminal, Read};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use model::license::{License, LicenseError, LicenseKeys, PREFIX};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// More than any license key holds.
const LONGEST: u64 = 64 * 1024;

/// A license key and what it claims.
pub(crate) struct LicenseText {
    text: Zeroizing<String>,
    /// The claims.
    pub(crate) license: License,
    /// The identifier of the key that it says it was signed by.
    pub(crate) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    kid: Option<String>,
}

/// The argument itself, or standard input where it is `-` or absent.
pub(crate) fn argument(given: Option<&str>) -> Result<Zeroizing<String>, Failure> {
    if let Some(text) = given.filter(|text| *text != "-") {
        return Ok(Zeroizing::new(text.trim().to_owned()));
    }
    let stdin = io::stdin();
    if given.is_none() && stdin.is_terminal() {
        return Err(Failure::usage("give the license key, or pipe it in"));
    }
    let mut text = Zeroizing::new(String::new());
    let unreadable = |_| Failure::failed("standard input is not text");
    stdin.lock().take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

impl LicenseText {
    /// Reads the claims.
    pub(crate) fn parse(text: Zeroizing<String>) -> Result<Self, Failure> {
        let malformed = || Failure::failed(LicenseError::Malformed);
        let mut parts = text.strip_prefix(PREFIX).ok_or_else(malformed)?.split('.');
        let (Some(header), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
        let license = serde_json::from_slice(&decode(claims)?).map_err(|_| malformed())?;
        Ok(Self { license, key_id: header.kid, text })
    }

    /// Whether the signature is by one of the keys, expired or not.
    pub(crate) fn is_signed_by(&self, keys: &LicenseKeys, now: Timestamp) -> bool {
        matches!(keys.verify(&self.text, now), Ok(_) | Err(LicenseError::Early | LicenseError::Expired))
    }
}
