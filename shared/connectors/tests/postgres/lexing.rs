//! Our reading of a statement against the server's own, over thousands of texts made of what a lexer can stumble
//! over: what the server would do must be seen by the judgement, wherever strings and comments begin and end.

use connectors::ConnectorError;
use model::{
    connector_type::ConnectorType,
    parameters::Parameters,
    policy::{OperationClass, Route},
};
use tokio_postgres::SimpleQueryMessage;

use crate::setup::{Stopped, asked, value, world};

/// What a lexer can stumble over.
const PIECES: &[&str] = &[
    "'",
    "''",
    "\\'",
    "\\",
    "\"",
    "\"\"",
    "E'",
    "e'a\\'b'",
    "'a\\'",
    "N'x'",
    "B'1'",
    "X'f'",
    "x'1''",
    "$$",
    "$a$",
    "$A$",
    "a$b$",
    "$1",
    "--",
    "-- x\n",
    "--\r",
    "/*",
    "*/",
    "/* x */",
    "/*/",
    "\n",
    "\r",
    "\t",
    "\u{c}",
    " ",
    "+",
    "-",
    "*",
    "||",
    "::text",
    ":",
    "1",
    "1.",
    ".5",
    "1e5",
    "a",
    "AS b",
    ",",
    "(",
    ")",
    "'x'\n'y'",
    "'x' --\n 'y'",
    "E'\\\\'\n'\\''",
    "é",
    "\u{a0}",
    "$é$",
    "_1",
    "0x1f",
    "&",
    "U&",
    "?",
];

/// What must not be overlooked.
const WRITES: &[&str] = &[
    ", nextval('s')",
    "; DELETE FROM t",
    "; DELETE FROM t --",
    ",nextval/**/('s') /*",
    ", \"nextval\"('s')--",
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
    let pieces = 1 + next(8);
    let write = next(pieces + 1);
    for at in 0..pieces {
        if at == write {
            text.push_str(WRITES[next(WRITES.len())]);
        }
        text.push_str(PIECES[next(PIECES.len())]);
    }
    text
}

/// Whether any query may be sent that this text is.
fn passes(text: &str) -> bool {
    let none = Parameters::default();
    let operations = connectors::classify(ConnectorType::Postgres, Route::Query, asked(text, &none, None));
    operations
        .is_ok_and(|operations| operations.iter().all(|operation| operation.class == OperationClass::Read))
}

#[tokio::test]
async fn what_the_server_would_do_is_seen_wherever_it_hides() {
    let (_, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1); CREATE SEQUENCE s").await.unwrap();
    let state =
        "SELECT concat((SELECT count(*) FROM t), ' ', (SELECT last_value || ' ' || is_called FROM s))";
    let mut before = value(&admin, state).await;
    let (mut done, mut passed) = (0, 0);
    for seed in 1..8_000 {
        let text = text(seed);
        let answered = admin.simple_query(&text).await.is_ok();
        let after = value(&admin, state).await;
        if after != before {
            assert!(!passes(&text), "{text:?}");
            done += 1;
            admin.batch_execute("INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT FROM t)").await.unwrap();
            before = value(&admin, state).await;
        } else if answered {
            passed += usize::from(passes(&text));
        }
    }
    // Both must have come up, or nothing was shown: writes that hide well, and texts that only look like writes.
    assert!(done > 200 && passed > 100, "{done} {passed}");
}

#[tokio::test]
async fn what_passes_means_the_same_inside_our_statement() {
    let (db, admin) = world(crate::server!()).await;
    let mut compared = 0;
    for seed in 8_000..14_000 {
        let text = text(seed);
        let Ok(messages) = admin.simple_query(&text).await else { continue };
        if !passes(&text) || text.contains('?') {
            continue;
        }
        let expected = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0).map(ToOwned::to_owned)),
            _ => None,
        });
        match db.query(&text).await {
            Ok(rows) => {
                let row: serde_json::Value = serde_json::from_str(rows.items()[0].get()).unwrap();
                let first = row.as_object().unwrap().values().next().unwrap();
                let first = first.as_str().map_or_else(|| first.to_string(), ToOwned::to_owned);
                assert_eq!(first, expected.flatten().unwrap_or("null".into()), "{text:?}");
                compared += 1;
            }
            // What looks like a parameter lacks its value.
            Err(Stopped::Failed(ConnectorError::Invalid(_))) => {}
            other => panic!("{text:?}: {other:?}"),
        }
    }
    assert!(compared > 50, "{compared}");
}
