//! Walking JSON without changing it: values stay the text that the upstream sent, so that no digit is lost.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// The value that a JSON Pointer (RFC 6901) finds.
pub(crate) fn at<'v>(value: &'v RawValue, pointer: &str) -> Option<&'v RawValue> {
    pointer.split('/').skip(1).try_fold(value, |value, token| {
        let key = token.replace("~1", "/").replace("~0", "~");
        match value.get().as_bytes().first() {
            Some(b'{') => {
                serde_json::from_str::<HashMap<String, &RawValue>>(value.get()).ok()?.get(&key).copied()
            }
            Some(b'[') => {
                let index: usize = key.parse().ok()?;
                serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?.get(index).copied()
            }
            _ => None,
        }
    })
}

/// The elements of an array; `None` for any other value.
pub(crate) fn elements(value: &RawValue) -> Option<Vec<Box<RawValue>>> {
    value.get().starts_with('[').then(|| serde_json::from_str(value.get()).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_the_text_as_sent() {
        let json = r#"{"data":{"a/b":[{"n":1.00},{"n":12345678901234567890123}]}}"#;
        let value: &RawValue = serde_json::from_str(json).unwrap();
        let found = |pointer| at(value, pointer).map(RawValue::get);
        assert_eq!(found("/data/a~1b/0/n"), Some("1.00"));
        assert_eq!(found("/data/a~1b/1"), Some(r#"{"n":12345678901234567890123}"#));
        assert_eq!(found(""), Some(json));
        assert_eq!(found("/data/none"), None);
        assert_eq!(found("/data/a~1b/2"), None);
    }
}
