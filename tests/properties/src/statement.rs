//! What is said to read does not write: a second reader, which knows words and brackets and nothing else, finds no
//! verb that writes where a statement begins. What a connector blocks does not pass by the way that executes.

use connectors::{ConnectorError, Request};
use model::{
    connector_type::ConnectorType,
    options::Options,
    policy::{Operation, OperationClass, Policy, Route},
};

use crate::{
    said::{REPEATED, bounded},
    words::{Dialect, words},
};

/// Words that begin what only reads.
const READING: [&str; 13] = [
    "select", "with", "values", "table", "show", "explain", "describe", "desc", "list", "ls", "(", "'", "->",
];
/// Words that begin what writes, each with a word that follows it nowhere else.
const WRITING: [&str; 4] = ["insert", "update", "delete", "merge"];
/// What the error about a statement may hold, in characters.
const LONGEST: usize = 600;

/// Any text as a statement for PostgreSQL.
pub fn postgres(data: &[u8]) {
    check(data, ConnectorType::Postgres, Dialect::Postgres);
}

/// Any text as a statement for Snowflake.
pub fn snowflake(data: &[u8]) {
    check(data, ConnectorType::Snowflake, Dialect::Snowflake);
}

/// Any text as a statement for Cassandra.
pub fn cql(data: &[u8]) {
    check(data, ConnectorType::Cassandra, Dialect::Cql);
}

fn check(data: &[u8], kind: ConnectorType, dialect: Dialect) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for route in [Route::Query, Route::Execute] {
        let found = classify(kind, route, text);
        commented(kind, route, text, found.as_deref().ok());
        let operations = match found {
            Ok(operations) => operations,
            Err(error) => {
                told(&error.to_string(), text);
                continue;
            }
        };
        assert!(!operations.is_empty(), "{text:?} is nothing that could be judged");
        let words = words(text, dialect).unwrap_or_else(|| panic!("{text:?} has no end"));
        assert_eq!(heads(&words).len(), 1, "{text:?} is several statements");
        if operations.iter().all(|operation| operation.class == OperationClass::Read) {
            reads(&words, dialect, text);
        }
        if passes(kind, route, &operations) {
            blocked_is_not_there(kind, &words, text);
        }
    }
}

fn classify(kind: ConnectorType, route: Route, text: &str) -> Result<Vec<Operation>, ConnectorError> {
    connectors::classify(kind, route, Request { statement: Some(text), ..Request::NOTHING })
}

/// A comment before a statement changes nothing.
fn commented(kind: ConnectorType, route: Route, text: &str, found: Option<&[Operation]>) {
    let text = format!("/* SELECT; 'x */ {text}");
    if text.len() <= 32 * 1024 {
        assert_eq!(classify(kind, route, &text).ok().as_deref(), found, "a comment changes {text:?}");
    }
}

/// An error repeats no long part of a statement, which may hold a value.
fn told(said: &str, text: &str) {
    bounded(said, LONGEST);
    let said: Vec<char> = said.chars().collect();
    for run in said.windows(REPEATED + 1) {
        let run: String = run.iter().collect();
        assert!(!text.contains(&run), "an error repeats {run:?}");
    }
}

/// The first words of the statements that the semicolons part.
fn heads(words: &[String]) -> Vec<&str> {
    // A batch, and a block, hold semicolons of their own.
    let whole = words.first().is_some_and(|word| word == "begin");
    let parts = words.split(|word| word == ";" && !whole).filter_map(|part| part.first());
    parts.map(String::as_str).collect()
}

fn reads(words: &[String], dialect: Dialect, text: &str) {
    let head = words.first().map(String::as_str).unwrap_or_default();
    assert!(READING.contains(&head), "{text:?} is said to read");
    // These alone say what a statement is, whatever follows.
    if matches!(head, "show" | "describe" | "desc" | "list" | "ls") {
        return;
    }
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    for at in 0..words.len() {
        // `extract(delete from x)` takes a part of a time.
        let begins = word(at) == "(" && at.checked_sub(1).is_none_or(|before| word(before) != "extract");
        // Cassandra has no MERGE: there it is a name.
        let known = word(at + 1) != "merge" || dialect != Dialect::Cql;
        assert!(!begins || !known || !writes(word(at + 1), word(at + 2)), "{text:?} is said to read");
        let locks =
            word(at) == "table" && word(at + 2) == "for" && matches!(word(at + 3), "update" | "share");
        assert!(!locks, "{text:?} is said to read, and locks");
    }
    if head == "with" {
        let main = behind_with(words);
        assert!(!WRITING.contains(&main), "{text:?} is said to read, and {main}s");
    }
    if head == "explain" {
        let main = words
            .iter()
            .position(|word| WRITING.contains(&word.as_str()) || word == "select" || word == "with");
        let options = words.get(..main.unwrap_or(words.len())).unwrap_or_default();
        assert!(
            !options.iter().any(|word| word == "analyze" || word == "analyse"),
            "{text:?} runs what it explains"
        );
    }
}

fn writes(verb: &str, next: &str) -> bool {
    let is_name = |word: &str| word == "\"" || word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match verb {
        "insert" => next == "into" || next == "overwrite",
        "merge" => next == "into",
        "delete" => next == "from",
        "update" => is_name(next) && !matches!(next, "as" | "from"),
        _ => false,
    }
}

/// The first verb at the outside of a WITH list, behind a bracket that closes.
fn behind_with(words: &[String]) -> &str {
    let mut depth = 0_usize;
    let mut before = "";
    for word in words {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "select" | "values" | "table" | "insert" | "update" | "delete" | "merge"
                if depth == 0 && before == ")" =>
            {
                return word;
            }
            _ => {}
        }
        before = word;
    }
    ""
}

/// Whether a record without governance of its own lets all of it pass.
fn passes(kind: ConnectorType, route: Route, operations: &[Operation]) -> bool {
    let policy = Policy::of(kind, &Options::default());
    operations.iter().all(|operation| policy.judge(route, operation).is_ok())
}

fn blocked_is_not_there(kind: ConnectorType, words: &[String], text: &str) {
    let head = words.first().map(String::as_str).unwrap_or_default();
    for verb in kind.default_blocked() {
        assert!(!verb.eq_ignore_ascii_case(head), "{text:?} passes, and {verb} is blocked");
    }
}
