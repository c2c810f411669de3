//! Entity tags of records and the preconditions made of them (RFC 9110, 13.1).
//!
//! The tag has two parts, `"<version>.<tests>"`: a poller must see a new health status, but a writer must not be
//! refused because somebody tested the connector meanwhile. So `If-None-Match` compares the whole tag and
//! `If-Match` the version alone.

use std::fmt;

/// The strong tag of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag {
    /// The record's version.
    pub version: u64,
    /// The number of tests stored.
    pub tests: u64,
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}.{}\"", self.version, self.tests)
    }
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: any record at all.
    Any,
    /// One of the listed tags; those that are not ours can match nothing and are dropped.
    OneOf(Vec<ListedTag>),
}

/// A tag as a client lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedTag {
    weak: bool,
    tag: ETag,
}

impl Precondition {
    /// Reads a header value; what is no tag of ours matches nothing.
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        Self::OneOf(header.split(',').filter_map(|item| ListedTag::parse(item.trim())).collect())
    }

    /// `If-Match`: strong comparison of the version part.
    pub fn permits_write(&self, current: ETag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => {
                tags.iter().any(|listed| !listed.weak && listed.tag.version == current.version)
            }
        }
    }

    /// `If-None-Match`: weak comparison of the whole tag; true when the client's copy is current.
    pub fn is_current(&self, current: ETag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|listed| listed.tag == current),
        }
    }
}

impl ListedTag {
    fn parse(item: &str) -> Option<Self> {
        let (weak, quoted) = item.strip_prefix("W/").map_or((false, item), |rest| (true, rest));
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        // A bare version is taken as a tag without tests: enough for `If-Match`, the only use it has.
        let (version, tests) = inner.split_once('.').unwrap_or((inner, "0"));
        Some(Self { weak, tag: ETag { version: number(version)?, tests: number(tests)? } })
    }
}

/// A number in the one spelling that we print, so that `"01.0"` is not taken for `"1.0"`.
fn number(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CURRENT: ETag = ETag { version: 3, tests: 2 };

    proptest! {
        #[test]
        fn a_printed_tag_is_read_back(version in any::<u64>(), tests in any::<u64>()) {
            let tag = ETag { version, tests };
            let parsed = Precondition::parse(&tag.to_string());
            prop_assert_eq!(parsed, Precondition::OneOf(vec![ListedTag { weak: false, tag }]));
        }
    }

    #[test]
    fn a_write_compares_the_version_alone() {
        for header in ["\"3.2\"", "\"3.9\"", "*", "\"1.0\", \"3.0\"", "\"3\""] {
            assert!(Precondition::parse(header).permits_write(CURRENT), "{header}");
        }
        for header in ["\"2.2\"", "W/\"3.2\"", "3.2", "", "\"03.2\"", "\"x\"", "\"3.2"] {
            assert!(!Precondition::parse(header).permits_write(CURRENT), "{header}");
        }
    }

    #[test]
    fn a_poller_compares_the_whole_tag() {
        for header in ["\"3.2\"", "W/\"3.2\"", "*"] {
            assert!(Precondition::parse(header).is_current(CURRENT), "{header}");
        }
        for header in ["\"3.1\"", "\"2.2\"", "\"3\""] {
            assert!(!Precondition::parse(header).is_current(CURRENT), "{header}");
        }
    }
}
