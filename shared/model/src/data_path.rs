//! Where the rows lie in an upstream's answer: a JSON Pointer (RFC 6901) of bounded length, because every step of
//! it is a step through an answer that somebody else wrote.

/// The longest pointer, in characters.
pub const MAX_CHARS: usize = 256;
/// The most steps of a pointer.
pub const MAX_STEPS: usize = 16;

/// A checked pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataPath(Vec<String>);

impl DataPath {
    /// Checks a pointer; the message says what would be one.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("must be a JSON Pointer such as /data/items".into());
        }
        let steps: Vec<String> =
            text.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        if text.chars().count() > MAX_CHARS || steps.len() > MAX_STEPS {
            return Err(format!("must have at most {MAX_CHARS} characters and {MAX_STEPS} steps"));
        }
        Ok(Self(steps))
    }

    /// The keys and indexes from the whole answer down to the rows.
    pub fn steps(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_unescaped() {
        assert_eq!(DataPath::parse("/a~1b/0/~01").unwrap().steps(), ["a/b", "0", "~1"]);
        assert!(DataPath::parse("").unwrap().steps().is_empty());
        assert!(DataPath::parse("data").is_err());
    }

    #[test]
    fn length_and_depth_are_bounded() {
        assert!(DataPath::parse(&"/a".repeat(16)).is_ok());
        assert!(DataPath::parse(&"/a".repeat(17)).is_err());
        for letter in ["a", "ä"] {
            assert!(DataPath::parse(&format!("/{}", letter.repeat(255))).is_ok());
            assert!(DataPath::parse(&format!("/{}", letter.repeat(256))).is_err());
        }
    }
}
