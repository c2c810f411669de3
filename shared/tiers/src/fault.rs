//! What stops a start: every fault of the file and of the variables at once, each with its place. A fault speaks of
//! keys and rules; a value may be a credential, so none is ever quoted.

use std::{borrow::Cow, fmt, sync::Arc};

use model::fault::shortened;

/// Where a fault lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the configuration file.
    File {
        /// The file's path.
        path: Arc<str>,
        /// The line, counted from 1; none where the fault is the whole file's.
        line: Option<usize>,
        /// The keys down to the value, joined by dots; empty where no key is meant.
        key: String,
    },
    /// In a variable of the environment.
    Variable(String),
}

/// One thing wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What, and what would be right.
    pub why: String,
}

/// Everything that is wrong, in the order of the file, then of the variables' names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::File { path, line, key } => {
                f.write_str(path)?;
                line.map_or(Ok(()), |line| write!(f, ":{line}"))?;
                f.write_str(":")?;
                if key.is_empty() { Ok(()) } else { write!(f, " {key}") }
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place, self.why)
    }
}

/// One fault a line.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(at, fault)| match at {
            0 => write!(f, "{fault}"),
            _ => write!(f, "\n{fault}"),
        })
    }
}

impl std::error::Error for Faults {}

/// A place inside a document: the keys down to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(String);

impl Path {
    /// One key, or index as text, deeper.
    pub(crate) fn child(&self, key: &str) -> Self {
        let key = shown(key);
        Self(if self.0.is_empty() { key.into_owned() } else { format!("{}.{key}", self.0) })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A foreign word as a fault may repeat it: cut, and quoted unless it is a plain word, so that it can't pass for
/// a line of its own.
pub(crate) fn shown(word: &str) -> Cow<'_, str> {
    let word = shortened(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '…');
    if !word.is_empty() && word.chars().all(plain) { word } else { Cow::Owned(format!("{word:?}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_editors_and_people_expect() {
        let file = |line, key: &str| Place::File { path: "a.yaml".into(), line, key: key.into() };
        assert_eq!(file(Some(3), "connectors.crm").to_string(), "a.yaml:3: connectors.crm");
        assert_eq!(file(Some(3), "").to_string(), "a.yaml:3:");
        assert_eq!(file(None, "").to_string(), "a.yaml:");
    }

    #[test]
    fn a_key_can_neither_break_the_line_nor_flood_it() {
        let path = Path::default().child("connectors").child("a\nb").child(&"k".repeat(1_000));
        assert_eq!(path.to_string(), format!(r#"connectors."a\nb".{}…"#, "k".repeat(64)));
    }
}
