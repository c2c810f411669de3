//! sqlglot, a reader of SQL that nobody of this project wrote: it tells where the tokens of a statement are.

use std::{
    io::Write,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use crate::snowduck;

/// Reads a JSON array of statements; gives for each where its tokens are (first and last character, and what it takes
/// them for), or null where it reads none.
const PROGRAM: &str = r"
import json, sys
import sqlglot
def tokens(statement):
    try:
        found = sqlglot.tokenize(statement, read=sys.argv[1])
    except Exception:
        return None
    return [[token.start, token.end, token.token_type.name] for token in found]
json.dump([tokens(statement) for statement in json.load(sys.stdin)], sys.stdout)
";

/// Where the tokens of each statement are in a dialect: null where it reads none, otherwise an array of the first
/// and last character of each and the kind. `None` where the program is not installed.
pub fn tokens(dialect: &str, statements: &[String]) -> Option<Vec<Value>> {
    // snowduck brings it.
    let python = snowduck::programs()?.join("python");
    let mut reader = Command::new(python)
        .args(["-c", PROGRAM, dialect])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut input = reader.stdin.take().expect("its input");
    let asked = serde_json::to_vec(statements).expect("statements are JSON");
    // Beside reading what it says: neither may wait for the other.
    let writing = thread::spawn(move || input.write_all(&asked));
    let said = reader.wait_with_output().expect("it answers");
    writing.join().expect("a writer").expect("it reads");
    assert!(said.status.success(), "sqlglot failed");
    Some(serde_json::from_slice(&said.stdout).expect("it says JSON"))
}
