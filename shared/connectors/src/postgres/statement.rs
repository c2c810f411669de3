//! From the caller's statement to the one that the server gets: parameters by name become parameters by number, and
//! a final semicolon goes. Everything else stays as it was written.

use std::fmt::Write;

use model::parameters::Parameters;

use super::lexer;
use crate::{
    ConnectorError,
    sql::{Kind, Token, parameters},
};

/// A statement as the server gets it, and its parameters in order.
#[derive(Debug)]
pub(super) struct Statement<'p> {
    pub(super) text: String,
    /// Names and JSON texts.
    pub(super) values: Vec<(String, &'p str)>,
    /// Its keyword, in upper case; behind a WITH list, that of the statement that uses the list.
    pub(super) verb: String,
    /// Where that keyword stands in `text`, if a WITH list is before it.
    pub(super) behind_with: Option<usize>,
}

impl<'p> Statement<'p> {
    /// Puts a statement and its parameters together; the error names every parameter that lacks or is too many.
    pub(super) fn new(statement: &str, given: &'p Parameters) -> Result<Self, ConnectorError> {
        let mut tokens = lexer::lex(statement).map_err(ConnectorError::Invalid)?;
        while tokens.last().is_some_and(|token| token.is(";")) {
            tokens.pop();
        }
        let names = names(&tokens);
        parameters::check(&names, given)?;
        let values = names.iter().filter_map(|name| Some(((*name).to_owned(), given.raw(name)?))).collect();
        let main = main_statement(&tokens)?;
        let verb = tokens.get(main).map_or_else(String::new, |token| token.text.to_ascii_uppercase());
        let (mut text, mut copied, mut behind_with) = (String::new(), 0, None);
        for (at, token) in tokens.iter().enumerate() {
            if token.kind == Kind::Parameter {
                text.push_str(statement.get(copied..token.start).unwrap_or_default());
                let number = names.iter().position(|name| *name == token.text).map_or(0, |at| at + 1);
                // A name takes `$1` in as a part of itself, and with it the quotes of a `$$…$$` behind: the server
                // would read as SQL what was judged as text.
                if text.bytes().next_back().is_some_and(lexer::continues_name) {
                    text.push(' ');
                }
                // Writing into a string can't fail.
                let _ = write!(text, "${number}");
                copied = token.end;
                if statement.as_bytes().get(copied).copied().is_some_and(lexer::continues_name) {
                    text.push(' ');
                }
            } else if at == main && main > 0 {
                text.push_str(statement.get(copied..token.start).unwrap_or_default());
                behind_with = Some(text.len());
                copied = token.start;
            }
        }
        let end = tokens.last().map_or(0, |token| token.end);
        text.push_str(statement.get(copied..end).unwrap_or_default());
        Ok(Self { text, values, verb, behind_with })
    }
}

/// The names of the parameters, each once, as they come up.
fn names<'s>(tokens: &[Token<'s>]) -> Vec<&'s str> {
    let mut names = Vec::new();
    for token in tokens.iter().filter(|token| token.kind == Kind::Parameter) {
        if !names.contains(&token.text) {
            names.push(token.text);
        }
    }
    names
}

/// Where the statement stands that a WITH list is for; 0 without such a list.
fn main_statement(tokens: &[Token<'_>]) -> Result<usize, ConnectorError> {
    let unusual = || {
        ConnectorError::Invalid(
            "the statement's WITH list is not understood; SEARCH and CYCLE are not accepted".into(),
        )
    };
    if !tokens.first().is_some_and(|token| token.is_word("with")) {
        return Ok(0);
    }
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(word));
    let mut at = 1 + usize::from(is(1, "recursive") && !is(2, "as"));
    loop {
        at += 1;
        if tokens.get(at).is_some_and(|token| token.is("(")) {
            at = closing(tokens, at).ok_or_else(unusual)? + 1;
        }
        if !is(at, "as") {
            return Err(unusual());
        }
        at += 1 + usize::from(is(at + 1, "not"));
        at += usize::from(is(at, "materialized"));
        at = closing(tokens, at).ok_or_else(unusual)? + 1;
        if tokens.get(at).is_some_and(|token| token.is(",")) {
            at += 1;
        } else if is(at, "search") || is(at, "cycle") {
            return Err(unusual());
        } else {
            return Ok(at);
        }
    }
}

/// The parenthesis that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth = depth.checked_sub(1)?;
        }
        if depth == 0 {
            return token.is(")").then_some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(json: &str) -> Parameters {
        Parameters::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn names_and_numbers_become_numbers_in_order() {
        let given = parameters(r#"{"1": "a", "2": 2.50, "name": null}"#);
        let statement = Statement::new("select :name, $2, ':no', $1::text, :name -- $9\n;", &given).unwrap();
        assert_eq!(statement.text, "select $1, $2, ':no', $3::text, $1");
        let values: Vec<_> = statement.values.iter().map(|(name, json)| (name.as_str(), *json)).collect();
        assert_eq!(values, [("name", "null"), ("2", "2.50"), ("1", "\"a\"")]);
    }

    #[test]
    fn a_parameter_behind_a_word_stays_a_token_of_its_own() {
        let given = parameters(r#"{"a": 1}"#);
        for (text, sent) in [
            ("select distinct:a$$, 2 --$$", "select distinct $1 $$, 2 --$$"),
            ("select é:a", "select é $1"),
            ("select x$:a", "select x$ $1"),
            ("select 1 limit:a", "select 1 limit $1"),
            ("select 'x'::text,:a", "select 'x'::text,$1"),
        ] {
            assert_eq!(Statement::new(text, &given).unwrap().text, sent);
            let tokens = |text| lexer::lex(text).unwrap().iter().map(|token| token.kind).collect::<Vec<_>>();
            assert_eq!(tokens(text), tokens(sent), "{text}");
        }
    }

    #[test]
    fn every_parameter_that_lacks_or_is_too_many_is_named() {
        let given = parameters(r#"{"b": 1, "c": 2, "2": 3}"#);
        let error = Statement::new("select $1, :a, :b", &given).unwrap_err().to_string();
        for part in ["not given: \"1\", \"a\"", "does not have: \"2\", \"c\""] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_statement_behind_a_with_list_is_found() {
        let none = Parameters::default();
        for (text, main) in [
            ("with a as (select 1) insert into t select * from a", "insert into t select * from a"),
            (
                "with recursive a(x) as not materialized (select (1)), insert as (select 2) values (1)",
                "values (1)",
            ),
            ("with recursive as (select 1) select 2", "select 2"),
        ] {
            let statement = Statement::new(text, &none).unwrap();
            assert_eq!(&statement.text[statement.behind_with.unwrap()..], main);
        }
        assert_eq!(Statement::new("select 1", &none).unwrap().behind_with, None);
        assert!(Statement::new("with a as (select 1) cycle x set y using z select 1", &none).is_err());
        assert!(Statement::new("with a", &none).is_err());
    }
}
