//! SOQL and SOSL before they are sent: values go in as literals that can't end early, and clauses by which a read
//! would change something are refused. Salesforce parses the rest.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write,
};

use futures_util::future::BoxFuture;
use serde_json::{Value, value::RawValue};

use crate::{
    ConnectorError, Executed,
    parameter::Place,
    vendor::{api::Running, args::Args, draft::Draft, op::Op},
};

/// The sizes of a page that can be asked for.
const LEAST_ROWS: usize = 200;
const MOST_ROWS: usize = 2_000;

/// Clauses that lock records, mark them as seen, or count views. They stand at the end of a statement.
const SIDE_EFFECTS: [(&str, &[&str]); 2] =
    [("FOR", &["UPDATE", "VIEW", "REFERENCE"]), ("UPDATE", &["TRACKING", "VIEWSTAT"])];

/// Values by their names, each as its JSON text: a number keeps every digit.
type Values<'a> = BTreeMap<String, &'a RawValue>;

/// A piece of a statement.
enum Piece<'s> {
    /// A name, a keyword, a number.
    Word(&'s str),
    /// `:name`, which takes a value.
    Place(&'s str),
    /// A quoted text, blanks, signs.
    Other(&'s str),
}

/// A search begins with FIND, a query with SELECT.
pub(super) fn language(statement: &str) -> &'static str {
    let first = statement.split(|c: char| c.is_whitespace() || c == '{').find(|word| !word.is_empty());
    if first.is_some_and(|word| word.eq_ignore_ascii_case("FIND")) { "search" } else { "query" }
}

pub(super) fn shape_query(
    args: &Args<'_>,
    draft: &mut Draft,
    limit: Option<usize>,
) -> Result<(), ConnectorError> {
    let values = serde_json::from_str(args.raw("values").unwrap_or("{}"));
    let values: Values<'_> =
        values.map_err(|_| ConnectorError::Invalid("the parameter values must be an object".into()))?;
    send(draft, &args.text("soql").unwrap_or_default(), &values)?;
    // The vendor's own size unless fewer rows are wanted: smaller pages are more requests.
    if let Some(limit) = limit.filter(|limit| *limit < MOST_ROWS) {
        let options = format!("batchSize={}", limit.max(LEAST_ROWS));
        draft.set(Place::Header("sforce-query-options"), "limit", &Value::from(options).to_string())?;
    }
    Ok(())
}

pub(super) fn shape_search(
    args: &Args<'_>,
    draft: &mut Draft,
    _: Option<usize>,
) -> Result<(), ConnectorError> {
    let sosl = args.text("sosl").unwrap_or_default();
    check_reads(&sosl).map_err(ConnectorError::Invalid)?;
    draft.set(Place::Query("q"), "sosl", &Value::from(sosl).to_string())
}

fn send(draft: &mut Draft, soql: &str, values: &Values<'_>) -> Result<(), ConnectorError> {
    let bound = check_reads(soql).and_then(|()| bound(soql, values)).map_err(ConnectorError::Invalid)?;
    draft.set(Place::Query("q"), "soql", &Value::from(bound).to_string())
}

/// `SELECT COUNT()` is answered with a number and without records: the answer itself is the row.
pub(super) fn run_query(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let soql = running.args.text("soql").unwrap_or_default();
        let begins: String =
            soql.chars().filter(|c| !c.is_whitespace()).take("SELECTCOUNT()".len()).collect();
        if !begins.eq_ignore_ascii_case("SELECTCOUNT()") {
            return running.read(running.draft()?).await;
        }
        let counted = Op { rows: "", ..*running.op };
        let running = Running { op: &counted, ..running };
        running.read(running.draft()?).await
    })
}

/// The statement with each `:name` replaced by the value of that name. Every value must have its place, and every
/// place its value.
pub(super) fn bound(statement: &str, values: &Values<'_>) -> Result<String, String> {
    let (mut text, mut used) = (String::new(), HashSet::new());
    for piece in pieces(statement)? {
        match piece {
            Piece::Word(same) | Piece::Other(same) => text.push_str(same),
            Piece::Place(name) => {
                let value = values
                    .get(name)
                    .ok_or_else(|| format!("values has no {name}, which the statement takes"))?;
                text.push_str(&literal(name, value.get())?);
                used.insert(name);
            }
        }
    }
    match values.keys().find(|name| !used.contains(&name.as_str())) {
        Some(name) => Err(format!("the statement has no place :{name} for the value of that name")),
        None => Ok(text),
    }
}

/// Refuses a statement by which reading would change something.
pub(super) fn check_reads(statement: &str) -> Result<(), String> {
    if statement.trim().is_empty() {
        return Err("the statement is empty".to_owned());
    }
    let words = pieces(statement)?.into_iter().filter_map(|piece| match piece {
        Piece::Word(word) => Some(word.to_ascii_uppercase()),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    for pair in words.windows(2) {
        let [first, second] = pair else { continue };
        if SIDE_EFFECTS.iter().any(|(head, tails)| head == first && tails.contains(&second.as_str())) {
            return Err(format!("{first} {second} changes what it reads; leave the clause out"));
        }
    }
    Ok(())
}

fn literal(name: &str, json: &str) -> Result<String, String> {
    let refused =
        || format!("the value of {name} must be a text, a number, a boolean, null, or a list of them");
    if json.starts_with('[') {
        let all: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| refused())?;
        if all.is_empty() || all.iter().any(|value| value.get().starts_with('[')) {
            return Err(refused());
        }
        let all: Vec<String> =
            all.iter().map(|value| literal(name, value.get())).collect::<Result<_, _>>()?;
        return Ok(format!("({})", all.join(",")));
    }
    if json.starts_with('"') {
        return serde_json::from_str::<String>(json).map(|text| quoted(&text)).map_err(|_| refused());
    }
    // Null, booleans and numbers are written alike in both languages.
    if json.starts_with('{') { Err(refused()) } else { Ok(json.to_owned()) }
}

/// A text literal. What could end it early or is no printable character is escaped as the language says.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => drop(write!(quoted, "\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

fn pieces(statement: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut all = Vec::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '{' => quote_length(rest, if first == '{' { '}' } else { first })
                .ok_or_else(|| format!("a {first} is opened and not closed"))?,
            ':' => 1 + word_length(rest.get(1..).unwrap_or_default()),
            c if is_word(c) => word_length(rest),
            c => c.len_utf8(),
        };
        let (piece, tail) = rest.split_at(length);
        let named = piece.get(1..).unwrap_or_default();
        all.push(match first {
            // A colon before a digit belongs to a time or to a date literal such as LAST_N_DAYS:30.
            ':' if named.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => Piece::Place(named),
            c if is_word(c) => Piece::Word(piece),
            _ => Piece::Other(piece),
        });
        rest = tail;
    }
    Ok(all)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// How long the quoted text is at whose opening sign this begins.
fn quote_length(text: &str, close: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = !escaped && *c == close;
        escaped = !escaped && *c == '\\';
        ends
    });
    end.map(|(at, c)| at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bound_with(statement: &str, values: &Value) -> Result<String, String> {
        bound(statement, &serde_json::from_str(&values.to_string()).unwrap())
    }

    #[test]
    fn values_take_their_places_and_can_not_leave_them() {
        let soql =
            "SELECT Id FROM Account WHERE Name = :name AND Total__c > :min AND Id IN :ids AND A__c = :none";
        let values = json!({"name": "x' OR Name != '\\", "min": 1.5, "ids": ["a", "b'"], "none": null});
        assert_eq!(
            bound_with(soql, &values).unwrap(),
            r"SELECT Id FROM Account WHERE Name = 'x\' OR Name != \'\\' AND Total__c > 1.5 AND Id IN ('a','b\'') AND A__c = null"
        );
        let control = bound_with(":v", &json!({"v": "a\r\nb\u{1}"})).unwrap();
        assert_eq!(control, r"'a\r\nb\u0001'");
    }

    #[test]
    fn numbers_keep_every_digit() {
        let values = r#"{"n":12345678901234567890123.10,"all":[1.10,true]}"#;
        let text = bound("a = :n AND b IN :all", &serde_json::from_str(values).unwrap()).unwrap();
        assert_eq!(text, "a = 12345678901234567890123.10 AND b IN (1.10,true)");
    }

    #[test]
    fn times_date_literals_and_texts_hold_no_places() {
        let soql =
            r"SELECT Id FROM A WHERE B > 2026-01-01T10:20:30Z AND C = LAST_N_DAYS:30 AND D = ':e \':f'";
        assert_eq!(bound_with(soql, &json!({})).unwrap(), soql);
    }

    #[test]
    fn values_and_places_must_match() {
        assert!(bound_with("a = :b", &json!({})).unwrap_err().contains("no b"));
        assert!(bound_with("a = 1", &json!({"b": 1})).unwrap_err().contains(":b"));
        assert!(bound_with("a = :b", &json!({"b": {}})).is_err());
        assert!(bound_with("a = :b", &json!({"b": []})).is_err());
        assert!(bound_with("a = :b", &json!({"b": [[1]]})).is_err());
        assert!(bound_with("a = 'b", &json!({})).is_err());
    }

    #[test]
    fn a_read_that_changes_something_is_refused() {
        for statement in [
            "SELECT Id FROM Account FOR VIEW",
            "select id from account for\n reference",
            "SELECT Id FROM Account FOR UPDATE",
            "SELECT Title FROM FAQ__kav WHERE Keyword='x' UPDATE VIEWSTAT",
            "FIND {x} RETURNING FAQ__kav UPDATE TRACKING",
        ] {
            assert!(check_reads(statement).is_err(), "{statement}");
        }
        for statement in [
            "SELECT Id FROM Account WHERE Name = 'FOR VIEW'",
            "FIND {for update} RETURNING Account",
            "SELECT Id FROM Update",
        ] {
            assert_eq!(check_reads(statement), Ok(()), "{statement}");
        }
    }
}
