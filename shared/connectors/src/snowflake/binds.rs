//! Where a statement takes values, so that names can become the question marks that the server binds.

use std::ops::Range;

use super::lexer;
use crate::sql::{Kind, Token};

/// One place for a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bind {
    /// The key of the parameter that goes there; for question marks their number, from 1.
    pub(super) name: String,
    /// Where it stands in the statement, in bytes.
    pub(super) range: Range<usize>,
}

/// The places for values, as they come up: `?`, `:1` and `:name`. To the server `$1` is a column by its position; it
/// takes a value only where a parameter of that name is given, and nothing else in the statement takes one.
pub(super) fn binds(statement: &str, given: impl Fn(&str) -> bool) -> Result<Vec<Bind>, String> {
    let tokens = lexer::lex(statement)?;
    let prefix = |token: &Token<'_>| statement.as_bytes().get(token.start).copied();
    let (mut numbered, mut named, mut dollars) = (Vec::new(), Vec::new(), Vec::new());
    for token in tokens.iter().filter(|token| token.kind == Kind::Parameter) {
        let range = token.start..token.end;
        let name = token.text.to_owned();
        match prefix(token) {
            Some(b'?') => numbered.push(Bind { name: (numbered.len() + 1).to_string(), range }),
            Some(b'$') if given(&name) => dollars.push(Bind { name, range }),
            Some(b'$') => {}
            _ => named.push(Bind { name, range }),
        }
    }
    match (numbered.is_empty(), named.is_empty()) {
        (false, false) => Err("the statement has both ? and :name for parameters; use one of them".into()),
        (false, true) => Ok(numbered),
        (true, false) => Ok(named),
        (true, true) => Ok(dollars),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(statement: &str, given: &[&str]) -> Vec<(String, String)> {
        let binds = binds(statement, |name| given.contains(&name)).unwrap();
        binds.into_iter().map(|bind| (bind.name, statement[bind.range].to_owned())).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn places_for_values_are_told_from_paths_casts_and_text() {
        for (statement, expected) in [
            ("select ?, ? -- ?\n, '?', \"?\", $$?$$", &[("1", "?"), ("2", "?")][..]),
            ("select :b, :a, :b::int", &[("b", ":b"), ("a", ":a"), ("b", ":b")]),
            ("select :2, :1", &[("2", ":2"), ("1", ":1")]),
            ("select src:a.b, src:c::int, f(x):y, a[0]:z, \"q\":r, :v:w", &[("v", ":v")]),
            ("select {'a': :x, 'b':y}, $1:c", &[("x", ":x")]),
            ("select a where b = :é", &[]),
        ] {
            if statement.is_ascii() {
                assert_eq!(found(statement, &[]), pairs(expected), "{statement}");
            } else {
                assert!(binds(statement, |_| false).is_err(), "{statement}");
            }
        }
    }

    #[test]
    fn a_dollar_number_is_a_column_unless_its_parameter_is_given_and_nothing_else_takes_values() {
        assert_eq!(found("select $1, $2 from t", &[]), []);
        assert_eq!(found("select $1, $2 from t", &["1"]), pairs(&[("1", "$1")]));
        assert_eq!(found("select $1 from t where a = ?", &["1"]), pairs(&[("1", "?")]));
        assert_eq!(found("select $1 from t where a = :1", &["1"]), pairs(&[("1", ":1")]));
        assert!(binds("select ?, :a", |_| true).is_err());
    }
}
