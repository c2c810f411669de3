//! What is wrong with a request body, each fault with the JSON Pointer (RFC 6901) of the value it is about.

use std::{borrow::Cow, fmt};

use serde::Serialize;
use utoipa::ToSchema;

/// One thing wrong with one value of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where: a JSON Pointer (RFC 6901), the empty string for the whole body.
    #[schema(value_type = String, format = JsonPointer, examples("/timeout_ms"))]
    pub pointer: Pointer,
    /// What, and what would be right.
    #[schema(examples("must be an integer from 100 to 120000"))]
    pub detail: String,
}

impl Fault {
    /// A fault at a pointer.
    pub fn at(pointer: Pointer, detail: impl Into<String>) -> Self {
        Self { pointer, detail: detail.into() }
    }
}

/// A JSON Pointer under construction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole document.
    pub fn root() -> Self {
        Self(String::new())
    }

    /// The pointer to a field of the document.
    pub fn field(name: &str) -> Self {
        Self::root().child(name)
    }

    /// The pointer one step deeper: a key, or an index as text. A key of absurd length is cut: the pointer goes
    /// back to its sender, once for each fault.
    #[must_use]
    pub fn child(&self, token: &str) -> Self {
        Self(format!("{}/{}", self.0, shortened(token).replace('~', "~0").replace('/', "~1")))
    }
}

/// The most characters of a foreign text that an answer repeats.
const SHOWN_CHARS: usize = 64;

/// A foreign text as an answer may repeat it.
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARS) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_of_more_than_64_characters_is_cut() {
        assert_eq!(shortened(&"ä".repeat(64)), "ä".repeat(64));
        assert_eq!(shortened(&"ä".repeat(65)), format!("{}…", "ä".repeat(64)));
    }

    proptest! {
        #[test]
        fn a_pointer_finds_the_value_it_was_built_for(keys in prop::collection::vec(".{0,6}", 1..5)) {
            let document = keys.iter().rev().fold(serde_json::json!("found"), |inner, key| {
                serde_json::json!({ key.clone(): inner })
            });
            let pointer = keys.iter().fold(Pointer::root(), |pointer, key| pointer.child(key));
            prop_assert_eq!(document.pointer(&pointer.to_string()), Some(&serde_json::json!("found")));
        }
    }
}
