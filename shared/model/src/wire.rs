//! How large a text is when Lambda carries it: the body of a response travels as a string inside JSON, where
//! each quote, backslash, line break and tab takes two bytes.

/// What is left of Lambda's 6 MB for a list or a result, with room for headers and the envelope.
pub const RESPONSE_LIMIT: usize = 5 * 1024 * 1024;

/// The bytes that a JSON text takes inside a JSON string. White space between its values counts: it is all that
/// such a text holds of control characters.
pub fn escaped_len(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t')).count()
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

    #[test]
    fn a_response_has_5_mebibytes() {
        assert_eq!(RESPONSE_LIMIT, 5_242_880);
    }

    #[test]
    fn white_space_between_values_counts_as_it_is_carried() {
        let json = "{\n\t\"a\" : 1,\r\n\t\"b\" : []\n}";
        assert_eq!(escaped_len(json) + 2, serde_json::to_string(json).unwrap().len());
    }
}
