//! YAML text as a tree that knows its lines. The parser gives events; what a hostile or careless document could do
//! with them is bounded here: depth, what aliases repeat, keys that stand twice.

mod builder;

use saphyr_parser::{Event, Parser};
use zeroize::Zeroizing;

use crate::fault::Path;
use builder::Builder;

/// The deepest nesting; the document itself is level 1.
pub(crate) const MAX_DEPTH: usize = 32;
/// How much anchors and aliases may repeat, in nodes plus bytes of text.
pub(crate) const MAX_REPEATED: usize = 1024 * 1024;

/// One node of a document.
#[derive(Clone)]
pub(crate) struct Node {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone)]
pub(crate) enum Value {
    /// A text; any one may be a credential.
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A text as it was written; what it means depends on where it stands.
#[derive(Clone)]
pub(crate) struct Scalar {
    pub(crate) text: Zeroizing<String>,
    /// Written without quotes.
    pub(crate) plain: bool,
}

/// A key with its value; the keys of a map differ.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: usize,
    pub(crate) node: Node,
}

/// Something wrong with a document.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) line: usize,
    pub(crate) path: Path,
    pub(crate) why: String,
}

impl Node {
    /// Whether the node says "nothing": `~`, `null`, or no value at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { text, plain: true })
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Its size as [`MAX_REPEATED`] counts, and its depth.
    fn measure(&self) -> (usize, usize) {
        let join = |sum: (usize, usize), part: (usize, usize)| (sum.0 + part.0, sum.1.max(part.1 + 1));
        match &self.value {
            Value::Scalar(scalar) => (1 + scalar.text.len(), 1),
            Value::List(items) => items.iter().map(Self::measure).fold((1, 1), join),
            Value::Map(entries) => entries
                .iter()
                .fold((1 + entries.iter().map(|e| e.key.len()).sum::<usize>(), 1), |sum, entry| {
                    join(sum, entry.node.measure())
                }),
        }
    }
}

/// Parses one document. Without a tree, the flaws say why; with one, there may be flaws too.
pub(crate) fn parse(text: &str, flaws: &mut Vec<Flaw>) -> Option<Node> {
    let mut builder = Builder::new(flaws);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => builder.take(event, span.start.line())?,
            // The parser's messages name what it expected, and at most one of the characters YAML reserves.
            Err(error) => {
                let why = format!("is not valid YAML: {}", error.info());
                return builder.refuse(error.marker().line(), why);
            }
        }
    }
    Some(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Node, String> {
        let mut flaws = Vec::new();
        let node = parse(text, &mut flaws);
        let flaws: Vec<_> = flaws.iter().map(|f| format!("{}: {} {}", f.line, f.path, f.why)).collect();
        node.filter(|_| flaws.is_empty()).ok_or_else(|| flaws.join("\n"))
    }

    fn refused(text: &str, expected: &str) {
        let flaws = parsed(text).err().unwrap_or_default();
        assert!(flaws.contains(expected), "{flaws} for {}", text.get(..80).unwrap_or(text));
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_both_lines() {
        refused("a:\n  b: 1\n  c: 2\n  b: 3\n", "4: a.b stands twice; the first is on line 2");
        refused("{a: 1, 'a': 2}", "1: a stands twice");
        assert!(parsed("a: {b: 1}\nc: {b: 1}\n").is_ok());
    }

    #[test]
    fn thirty_two_levels_fit_and_one_more_does_not() {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let nested = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
            assert!(parsed(&nested(MAX_DEPTH - 1)).is_ok());
            refused(&nested(MAX_DEPTH), "1:  is nested deeper than 32 levels".trim_start_matches("1:  "));
        }
        let aliased = |n: usize| format!("a: &a {}1{}\nb: [[*a]]", "[".repeat(n), "]".repeat(n));
        assert!(parsed(&aliased(MAX_DEPTH - 4)).is_ok());
        refused(&aliased(MAX_DEPTH - 3), "is nested deeper than 32 levels");
    }

    #[test]
    fn hostile_nesting_is_refused_without_a_stack_overflow() {
        for text in ["[", "{a: ", "- ", "? ", ": ", "[? ", "&a ["] {
            assert!(parsed(&text.repeat(200_000)).is_err(), "{text}");
        }
    }

    #[test]
    fn an_alias_repeats_what_it_names() {
        let node = parsed("a: &x {k: v}\nb: *x\n").ok().unwrap();
        let Value::Map(entries) = &node.value else { panic!("no map") };
        let Value::Map(repeated) = &entries[1].node.value else { panic!("no map") };
        assert_eq!((repeated[0].key.as_str(), entries[1].line), ("k", 2));
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let level = |level: usize| {
            let inside = if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) };
            format!("a{level}: &a{level} [{}]\n", vec![inside; 9].join(", "))
        };
        let bomb: Vec<_> = (0..12).map(level).collect();
        refused(&bomb.concat(), "repeats too much");
    }

    #[test]
    fn one_large_text_may_be_repeated_until_the_limit() {
        let repeated = |times: usize| {
            let text = "x".repeat(MAX_REPEATED / 8 - 1);
            format!("a: &a {text}\nb: [{}]\n", vec!["*a"; times].join(", "))
        };
        // The anchor keeps a copy of its own.
        assert!(parsed(&repeated(7)).is_ok());
        refused(&repeated(8), "2: b.7 repeats too much");
    }

    #[test]
    fn an_alias_of_nothing_or_of_itself_is_refused() {
        refused("a: *nobody", "1:");
        refused("a: &a [*a]", "1: a.0 repeats a value that is not complete");
    }

    #[test]
    fn tags_further_documents_and_keys_that_are_no_text_are_refused() {
        refused("a:\n  b: !secret x\n", "2: a.b has a tag");
        refused("a: !!str x\n", "1: a has a tag");
        refused("a: 1\n---\nb: 1\n", "is a second document");
        refused("a:\n  [b]: 1\n", "2: a has a key that is no text");
        refused("? {a: b}\n: c\n", "has a key that is no text");
        refused("a: b: c", "is not valid YAML");
        refused("a:\n\tb: c\n", "2:  is not valid YAML: tabs".trim_start_matches("2:  "));
        refused("a: \u{0}", "is not valid YAML");
    }

    #[test]
    fn a_null_is_told_from_a_text() {
        let node = parsed("a:\nb: ~\nc: null\nd: ''\ne: \"~\"\nf: x\n").ok().unwrap();
        let Value::Map(entries) = &node.value else { panic!("no map") };
        let nulls: Vec<_> = entries.iter().map(|entry| entry.node.is_null()).collect();
        assert_eq!(nulls, [true, true, true, false, false, false]);
    }
}
