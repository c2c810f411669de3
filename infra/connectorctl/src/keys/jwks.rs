//! A public key set (JWKS), the value of `LICENSE_PUBLIC_KEYS`. Members of a key that this program does not know
//! are kept as they are.

use std::{fs, path::Path};

use model::license::LicenseKeys;
use serde_json::{Value, json};

use crate::failure::Failure;

/// The keys of a set, in its order.
pub(crate) struct Jwks(Vec<Value>);

impl Jwks {
    /// A set without keys.
    pub(crate) fn empty() -> Self {
        Self(Vec::new())
    }

    /// Reads a set as a function would, or says why a function would not start with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        LicenseKeys::from_jwks(text).map_err(|error| error.to_string())?;
        let mut set: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let keys = set.get_mut("keys").and_then(Value::as_array_mut);
        Ok(Self(keys.map(std::mem::take).unwrap_or_default()))
    }

    /// Reads the file of a set.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        Self::parse(&text).map_err(|why| Failure::file(path, why))
    }

    /// The identifiers and public halves.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|key| (member(key, "kid"), member(key, "x")))
    }

    /// Whether a key of this identifier is in it.
    pub(crate) fn holds(&self, key_id: &str) -> bool {
        self.keys().any(|(kid, _)| kid == key_id)
    }

    /// Adds the keys of another set.
    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes a key out, and says whether it was in it.
    pub(crate) fn remove(&mut self, key_id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|key| member(key, "kid") != key_id);
        self.0.len() < before
    }

    /// The set on one line, as an environment variable takes it.
    pub(crate) fn to_line(&self) -> String {
        json!({ "keys": self.0 }).to_string()
    }
}

fn member<'a>(key: &'a Value, name: &str) -> &'a str {
    key.get(name).and_then(Value::as_str).unwrap_or_default()
}
