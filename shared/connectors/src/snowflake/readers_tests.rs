//! Our reading of thousands of texts against another reader's, which knows nothing of ours: whatever we accept, both
//! must find the same strings and quoted names, and the same comments between them.

use serde_json::Value;

use super::*;

/// What a lexer can stumble over.
const PIECES: &[&str] = &[
    "'",
    "''",
    "\\'",
    "\\",
    "'a\\'b'",
    "'a\\\\'",
    "'it''s'",
    "\"",
    "\"\"",
    "\"a\"\"b\"",
    "$$",
    "$$a'b$$",
    "$a",
    "$1",
    "a$b",
    "x'ff'",
    "--",
    "-- x\n",
    "//",
    "// y\n",
    "/*",
    "*/",
    "/* x */",
    "/*/",
    "\n",
    "\r\n",
    "\t",
    " ",
    "+",
    "-",
    "/",
    "*",
    "||",
    "::text",
    ":",
    ":b",
    "?",
    "1",
    "1.",
    ".5",
    "1e5",
    "a",
    "AS b",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=>",
    "->",
    "<>",
    "!=",
    "@s",
    "@~/p",
    "é",
    "'é'",
    "\"é\"",
    "; DELETE FROM t",
    ", s.nextval",
    "'; DELETE FROM t --",
];

/// A sequence of pieces for a number; xorshift, because the same texts must come every time.
fn text(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut text = String::from("SELECT 'a'");
    for _ in 0..=next(9) {
        text.push_str(PIECES[next(PIECES.len())]);
    }
    text
}

#[test]
fn another_reader_finds_strings_names_and_comments_where_we_do() {
    let texts: Vec<String> = (1..30_000).map(text).filter(|text| lex(text).is_ok()).collect();
    assert!(texts.len() > 2_000, "{}", texts.len());
    let Some(read) = test_servers::sqlglot::tokens("snowflake", &texts) else { return };
    let mut compared = 0;
    for (text, theirs) in texts.iter().zip(&read) {
        let Some(theirs) = theirs.as_array() else { continue };
        compared += 1;
        // It counts characters, we count bytes.
        let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = |token: &Value, side: usize| usize::try_from(token[side].as_u64().unwrap()).unwrap();
        let spans: Vec<(usize, usize, bool)> = theirs
            .iter()
            .map(|token| {
                let kind = token[2].as_str().unwrap();
                let opaque = kind.ends_with("STRING") || kind == "IDENTIFIER";
                (bytes[at(token, 0)], bytes[at(token, 1) + 1], opaque)
            })
            .collect();
        let ours = lex(text).unwrap();
        let opaque = |token: &&Token<'_>| matches!(token.kind, Kind::Text | Kind::Quoted);
        let our_texts: Vec<_> = ours.iter().filter(opaque).map(|token| (token.start, token.end)).collect();
        let their_texts: Vec<_> = spans.iter().filter(|span| span.2).map(|span| (span.0, span.1)).collect();
        assert_eq!(our_texts, their_texts, "{text:?}");
        // Neither sees a token where the other sees a comment.
        let within = |start: usize, end: usize, all: &[(usize, usize)]| {
            all.iter().any(|(from, to)| *from < end && start < *to)
        };
        let our_spans: Vec<_> = ours.iter().map(|token| (token.start, token.end)).collect();
        let their_spans: Vec<_> = spans.iter().map(|span| (span.0, span.1)).collect();
        for (start, end) in &our_spans {
            assert!(within(*start, *end, &their_spans), "only we see {:?} in {text:?}", &text[*start..*end]);
        }
        for (start, end) in &their_spans {
            assert!(within(*start, *end, &our_spans), "only they see {:?} in {text:?}", &text[*start..*end]);
        }
    }
    assert!(compared > 2_000, "{compared}");
}
