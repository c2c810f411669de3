//! The names that things are looked up by. Each is made only by a constructor that checks, so that no layer
//! below has to ask again.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// Why a text is not an id; the message says what would be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IdError(&'static str);

/// A tenant: `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TenantId(Box<str>);

/// A connector within its tenant: `^[a-z0-9][a-z0-9_-]{0,62}$`, and none of the words that are routes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ConnectorName(Box<str>);

/// Words that are path segments of the API and so can't name a connector.
pub const RESERVED_NAMES: [&str; 2] = ["refresh", "cache"];

impl TenantId {
    /// Checks and takes a tenant id.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let tail = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
        if is_id(text, 100, |c| c.is_ascii_alphanumeric(), tail) {
            Ok(Self(text.into()))
        } else {
            Err(IdError(
                "must be 1 to 100 of the characters A-Z a-z 0-9 . _ - and start with a letter or digit",
            ))
        }
    }
}

impl ConnectorName {
    /// Checks and takes a connector name.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let lower = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        if RESERVED_NAMES.contains(&text) {
            Err(IdError("is reserved: `refresh` and `cache` are routes of the API"))
        } else if is_id(text, 63, lower, |c| lower(c) || matches!(c, b'_' | b'-')) {
            Ok(Self(text.into()))
        } else {
            Err(IdError("must be 1 to 63 of the characters a-z 0-9 _ - and start with a letter or digit"))
        }
    }
}

fn is_id(text: &str, longest: usize, head: impl Fn(u8) -> bool, tail: impl Fn(u8) -> bool) -> bool {
    match text.as_bytes() {
        [first, rest @ ..] => text.len() <= longest && head(*first) && rest.iter().all(|c| tail(*c)),
        [] => false,
    }
}

macro_rules! text_id {
    ($id:ident) => {
        impl $id {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl Borrow<str> for $id {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $id {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(D::Error::custom)
            }
        }
    };
}
text_id!(TenantId);
text_id!(ConnectorName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_id_holds_1_to_100_characters() {
        assert!(TenantId::parse(&"t".repeat(100)).is_ok());
        assert!(TenantId::parse(&"t".repeat(101)).is_err());
        assert!(TenantId::parse("").is_err());
    }

    #[test]
    fn a_connector_name_holds_1_to_63_characters() {
        assert!(ConnectorName::parse(&"c".repeat(63)).is_ok());
        assert!(ConnectorName::parse(&"c".repeat(64)).is_err());
        assert!(ConnectorName::parse("").is_err());
    }

    #[test]
    fn foreign_characters_are_refused() {
        for text in ["-a", "_a", "a b", "a/b", "a#b", "A", "ä", "a.b", "a\n", "refresh", "cache"] {
            assert!(ConnectorName::parse(text).is_err(), "{text:?}");
        }
        for text in [".a", "-a", "a b", "a#b", "a/b", "ä", "a\0"] {
            assert!(TenantId::parse(text).is_err(), "{text:?}");
        }
    }
}
