//! How large a text is when Lambda carries it: the body of a response travels as a string inside JSON, where
//! each quote and backslash takes two bytes.

/// What is left of Lambda's 6 MB for a list or a result, with room for headers and the envelope.
pub const RESPONSE_LIMIT: usize = 5 * 1024 * 1024;

/// The bytes that a JSON text takes inside a JSON string.
pub fn escaped_len(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_length_is_that_of_the_json_string(text in "\\PC{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            let carried = serde_json::to_string(&json).unwrap();
            prop_assert_eq!(escaped_len(&json) + 2, carried.len());
        }
    }
}
