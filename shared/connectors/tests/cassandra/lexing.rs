//! Our reading of a statement against the server's own, over thousands of texts made of what a lexer can stumble
//! over: what the server would do must be seen by the judgement, wherever strings, comments and constants end.

use connectors::Request;
use model::{
    connector_type::ConnectorType,
    policy::{Operation, OperationClass, Route},
};
use test_servers::cassandra::{Cassandra, Cql};

/// What the server's answers begin with.
const VOID: [u8; 4] = [0, 0, 0, 1];
const ROWS: [u8; 4] = [0, 0, 0, 2];

/// What a lexer can stumble over.
const PIECES: &[&str] = &[
    "'",
    "''",
    "\\'",
    "\\",
    "\"",
    "\"\"",
    "$",
    "$$",
    "$$$",
    "$a$",
    "--",
    "-- x\n",
    "--\r",
    "//",
    "// y\n",
    "/",
    "/*",
    "*/",
    "/* x */",
    "/*/",
    "/**/",
    "\n",
    "\r",
    "\t",
    " ",
    "+",
    "-",
    "*",
    "%",
    "=",
    ":",
    ":a",
    "?",
    "1",
    "1.",
    "..",
    "1e5",
    "-1",
    "1h",
    "P1Y",
    "0x1f",
    "a",
    "abcdefab-",
    "123e4567-e89b-12d3-a456-426614174000",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    "é",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "\u{b}",
    "\u{c}",
    "\u{2028}",
    "\u{1F600}",
    "_",
    "@",
    "µs",
    "nan",
    "-nan",
    "-infinity",
    "'x'",
    "$$y$$",
    "AND a = 'x'",
    "ALLOW FILTERING",
    "LIMIT 1",
    "LIMIT 1--\n",
];

/// What can begin to hide what stands behind it, and what can end that.
const HIDING: [&str; 14] =
    ["", "--", "--\n", "--\r", "//\r", "/*", "*/", "/*\n", "/*\r", "/**/", "\n", "'", "$$", "\""];
const ENDS: [&str; 6] = ["", "\n", "*/", "'", "$$", "\""];

/// Numbers by which the same texts come every time; xorshift.
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn junk(&mut self, most: usize) -> String {
        (0..self.below(most + 1)).map(|_| self.one(PIECES)).collect()
    }

    /// What may stand between two words, if the server agrees.
    fn gap(&mut self) -> String {
        let junk = self.junk(3);
        match self.below(10) {
            0 => format!("/*{junk}*/"),
            1 => format!("--{junk}\n"),
            2 => format!("//{junk}\r\n"),
            3 => format!("--{junk}\r"),
            4 => junk,
            _ => String::new(),
        }
    }

    /// A value for a text, if the server agrees.
    fn value(&mut self) -> String {
        let junk = self.junk(3);
        match self.below(4) {
            0 => format!("'{}'", junk.replace('\'', "''")),
            1 => format!("$${}$$", junk.replace('$', "")),
            2 => format!("$${junk}$$"),
            _ => format!("'{junk}'"),
        }
    }

    fn select(&mut self) -> String {
        let (a, b, c, value) = (self.gap(), self.gap(), self.gap(), self.value());
        format!("SELECT{a} a FROM {b}ks.t WHERE a ={c}{value} ALLOW FILTERING")
    }

    /// A write, and its verb. What it ends in runs into what follows.
    fn write(&mut self) -> (String, &'static str) {
        let (a, b, c, value) = (self.gap(), self.gap(), self.gap(), self.value());
        let number = self.one(&["1", "2.", "1e2", "1 ", "nan ", "-infinity", "-nan", "-Infinity/**/"]);
        let bytes = self.one(&["0x03", "0xab", "0x "]);
        match self.below(6) {
            0 => (format!("INSERT{a} INTO ks.t{b}(k, a) VALUES{c}(1, {value})"), "INSERT"),
            1 => (format!("insert{a} into{b} ks.t json{c} '{{\"k\": 1}}'"), "INSERT"),
            2 => (format!("UPDATE{a} ks.t SET a = {value}{b} WHERE{c} k = 1"), "UPDATE"),
            3 => (format!("DELETE{a} FROM{b} ks.t WHERE{c} k = 1"), "DELETE"),
            4 => (format!("UPDATE{a} ks.d SET a = {value}{b} WHERE k ={c}{number}"), "UPDATE"),
            _ => (format!("DELETE{a} FROM{b} ks.b WHERE k ={c}{bytes}"), "DELETE"),
        }
    }
}

fn session() -> Option<Cql> {
    let mut admin = Cassandra::shared()?.admin();
    admin.run("CREATE KEYSPACE IF NOT EXISTS ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    admin.run("CREATE TABLE IF NOT EXISTS ks.t (k int PRIMARY KEY, a text)");
    admin.run("CREATE TABLE IF NOT EXISTS ks.b (k blob PRIMARY KEY, a text)");
    admin.run("CREATE TABLE IF NOT EXISTS ks.d (k double PRIMARY KEY, a text)");
    Some(admin)
}

fn judged(text: &str) -> Option<Vec<Operation>> {
    let request = Request { statement: Some(text), ..Request::NOTHING };
    connectors::classify(ConnectorType::Cassandra, Route::Query, request).ok()
}

pub(crate) fn passes(text: &str) -> bool {
    judged(text)
        .is_some_and(|operations| operations.iter().all(|operation| operation.class == OperationClass::Read))
}

#[test]
fn what_the_server_takes_for_a_write_is_never_taken_for_a_read() {
    let Some(mut server) = session() else { return };
    let (mut written, mut read, mut passed) = (0, 0, 0);
    for seed in 1..6_000 {
        let mut numbers = Numbers::new(seed);
        let first = if numbers.below(2) == 0 { numbers.select() } else { numbers.write().0 };
        let (gap, end) = (numbers.gap(), numbers.gap());
        let behind = match numbers.below(3) {
            0 => format!("{}{}", numbers.one(&[";", ";;", ""]), numbers.write().0),
            1 => ";".into(),
            _ => numbers.junk(3),
        };
        let text = format!("{gap}{first}{behind}{end}");
        match server.answer(&text) {
            Ok(answer) if answer.starts_with(&ROWS) => {
                read += 1;
                passed += usize::from(passes(&text));
            }
            Ok(answer) => {
                assert!(answer.starts_with(&VOID), "{text:?}: {answer:?}");
                assert!(!passes(&text), "{text:?}");
                written += 1;
            }
            Err(_) => {}
        }
    }
    // All must have come up, or nothing was shown.
    assert!(written > 300 && read > 300 && passed > 200, "{written} {read} {passed}");
}

/// Which of the three the server sees is a matter of what hides what: all combinations are tried.
#[test]
fn no_comment_or_quote_hides_a_write_between_what_would_be_reads() {
    let Some(mut server) = session() else { return };
    let (read, write) = ("SELECT a FROM ks.t", "DELETE FROM ks.t WHERE k = 1");
    let (mut written, mut passed) = (0, 0);
    for number in 0..HIDING.len().pow(3) * ENDS.len() {
        let hiding = |place: u32| HIDING[number / ENDS.len() / HIDING.len().pow(place) % HIDING.len()];
        let end = ENDS[number % ENDS.len()];
        let text = format!("{}{read} {}{write}{}{read}{end}", hiding(0), hiding(1), hiding(2));
        let Ok(answer) = server.answer(&text) else { continue };
        if answer.starts_with(&ROWS) {
            passed += usize::from(passes(&text));
        } else {
            assert!(!passes(&text), "{text:?}");
            written += 1;
        }
    }
    assert!(written > 20 && passed > 20, "{written} {passed}");
}

#[test]
fn no_write_in_a_batch_is_overlooked_however_it_is_joined_to_the_others() {
    let Some(mut server) = session() else { return };
    let (mut accepted, mut seen) = (0, 0);
    for seed in 1..6_000 {
        let mut numbers = Numbers::new(seed);
        let mut text = format!("{}BEGIN {}BATCH ", numbers.gap(), numbers.one(&["", "UNLOGGED "]));
        let mut verbs = vec!["BATCH"];
        for _ in 0..=numbers.below(3) {
            let (write, verb) = numbers.write();
            text.push_str(&write);
            text.push_str(numbers.one(&["", "", ";", " ", "--\n"]));
            verbs.push(verb);
        }
        text.push_str("APPLY");
        text.push_str(&numbers.gap());
        text.push_str(" BATCH");
        text.push_str(numbers.one(&["", ";"]));
        if server.attempt(&text).is_ok() {
            accepted += 1;
            if let Some(found) = judged(&text) {
                seen += 1;
                // Strings hold no verbs here, so none can hide one that was meant as a statement.
                for verb in &verbs {
                    assert!(found.iter().any(|operation| operation.verb == *verb), "{verb}: {text:?}");
                }
            }
        }
    }
    assert!(accepted > 200 && seen > 100, "{accepted} {seen}");
}
