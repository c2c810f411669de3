//! The JSON of a secret. Each value is zeroised when the credentials go; they can't be printed, compared or
//! serialised.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, de};
use zeroize::Zeroizing;

use crate::error::ConnectorError;

/// The largest secret that Secrets Manager holds, in bytes.
const MAX_BYTES: usize = 65_536;

/// Named values of one secret.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub struct Credentials(HashMap<String, Text>);

struct Text(Zeroizing<String>);

impl Credentials {
    /// Reads the text of a secret, which must be a JSON object of strings.
    pub fn parse(text: &str) -> Result<Self, ConnectorError> {
        let malformed = || {
            ConnectorError::Credentials(
                "the secret is not a JSON object of strings; the connector's page shows the shape it needs"
                    .into(),
            )
        };
        if text.len() > MAX_BYTES {
            return Err(malformed());
        }
        // The library's own message would quote the value.
        serde_json::from_str(text).map_err(|_| malformed())
    }

    /// The credentials of a connector that can't do without.
    pub(crate) fn needed(given: Option<&Self>) -> Result<&Self, ConnectorError> {
        given.ok_or_else(|| {
            let why = "the connector needs credentials; set `credentials_secret_arn`";
            ConnectorError::Credentials(why.into())
        })
    }

    /// The first of several accepted keys that the secret has.
    pub fn get(&self, keys: &[&str]) -> Option<&str> {
        keys.iter()
            .find_map(|key| self.0.get(*key))
            .map(|text| text.0.as_str())
            .filter(|text| !text.is_empty())
    }

    /// Every value, to be looked for where none may show.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|text| text.0.as_str())
    }

    /// The same as [`Self::get`], where there must be one.
    pub fn require(&self, keys: &[&str]) -> Result<&str, ConnectorError> {
        self.get(keys).ok_or_else(|| {
            let missing = format!("the secret lacks {}, or it is empty", keys.join(" or "));
            ConnectorError::Credentials(missing)
        })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string, number or boolean")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Zeroizing::new(text.to_owned())))
            }
            fn visit_string<E>(self, text: String) -> Result<Text, E> {
                Ok(Text(Zeroizing::new(text)))
            }
            // RDS writes its port as a number.
            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(Zeroizing::new(number.to_string())))
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Text, E> {
                Ok(Text(Zeroizing::new(flag.to_string())))
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(Zeroizing::new(String::new())))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_under_any_accepted_key() {
        let credentials =
            Credentials::parse(r#"{"token": "t", "port": 5432, "empty": "", "none": null}"#).ok().unwrap();
        assert_eq!(credentials.get(&["access_token", "token"]), Some("t"));
        assert_eq!(credentials.get(&["port"]), Some("5432"));
        assert!(credentials.get(&["empty", "none"]).is_none());
    }

    #[test]
    fn errors_never_quote_the_secret() {
        for text in ["CANARY", r#""CANARY""#, r#"["CANARY"]"#, r#"{"CANARY": {"a": 1}}"#, r#"{"a": "CANARY"#]
        {
            let error = Credentials::parse(text).err().unwrap();
            assert!(!error.to_string().contains("CANARY"), "{error}");
        }
        let error = Credentials::parse(r#"{"CANARY": "x"}"#).ok().unwrap().require(&["token"]).unwrap_err();
        assert_eq!(error, ConnectorError::Credentials("the secret lacks token, or it is empty".into()));
    }

    #[test]
    fn a_secret_has_up_to_65536_bytes() {
        let secret = |n: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(n - 8));
        assert!(Credentials::parse(&secret(MAX_BYTES)).is_ok());
        assert!(Credentials::parse(&secret(MAX_BYTES + 1)).is_err());
    }
}
