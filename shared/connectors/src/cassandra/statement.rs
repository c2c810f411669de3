//! The caller's statement as the server gets it, and the values for its parameters in the statement's order.

use model::{fault::shortened, parameters::Parameters};
use scylla::{frame::response::result::ColumnSpec, value::CqlValue};

use super::{bind, kinds};
use crate::{
    ConnectorError, cql,
    sql::{Kind, Token, parameters},
};

/// A statement and its parameters.
#[derive(Debug)]
pub(super) struct Statement<'p> {
    /// Without the semicolon at its end; everything else as it was written.
    pub(super) text: String,
    /// Its keyword, in upper case.
    pub(super) verb: String,
    /// Whether a part of it may be done when the server says that it is not: a lightweight transaction is agreed on
    /// before it is written, and several partitions are written one after the other.
    pub(super) in_steps: bool,
    /// Names and JSON texts, one for each place where a parameter stands.
    values: Vec<(String, &'p str)>,
}

impl<'p> Statement<'p> {
    /// Puts a statement and its parameters together; the error names every parameter that lacks or is too many.
    pub(super) fn new(statement: &str, given: &'p Parameters) -> Result<Self, ConnectorError> {
        let tokens = cql::lex(statement).map_err(ConnectorError::Invalid)?;
        let end = tokens.iter().rfind(|token| !token.is(";")).map_or(0, |token| token.end);
        Ok(Self {
            text: statement.get(..end).unwrap_or_default().to_owned(),
            verb: match tokens.first() {
                Some(first) if first.is_word("begin") => "BATCH".to_owned(),
                first => first.map_or_else(String::new, |token| token.text.to_ascii_uppercase()),
            },
            in_steps: tokens.first().is_some_and(|first| first.is_word("begin"))
                || tokens.iter().any(|token| token.is_word("if") || token.is_word("in")),
            values: values(places(&tokens), given)?,
        })
    }

    /// The values as the server takes them.
    pub(super) fn bound<'s>(
        &self,
        specs: impl ExactSizeIterator<Item = &'s ColumnSpec<'s>>,
    ) -> Result<Vec<Option<CqlValue>>, ConnectorError> {
        if specs.len() != self.values.len() {
            // Then it was judged as something else, too.
            return Err(ConnectorError::Invalid(
                "the server finds other parameters in the statement than are written there".into(),
            ));
        }
        let bind = |(spec, (name, json)): (&ColumnSpec<'_>, &(String, &str))| {
            bind::value(json, spec.typ()).map_err(|misfit| {
                let (name, kind) = (shortened(name), kinds::name(spec.typ()));
                ConnectorError::Invalid(format!("the parameter {name:?} is of the type {kind}: {misfit}"))
            })
        };
        specs.zip(&self.values).map(bind).collect()
    }
}

/// The names of the parameters, for each place where one stands: the n-th `?` is called n.
fn places(tokens: &[Token<'_>]) -> Vec<String> {
    let (mut names, mut number) = (Vec::new(), 0);
    // What each open bracket is, the innermost last.
    let mut open: Vec<&str> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        match (token.kind, token.text) {
            (Kind::Parameter, _) => {
                number += 1;
                names.push(number.to_string());
            }
            (Kind::Mark, "(" | "[" | "{") => open.push(token.text),
            (Kind::Mark, ")" | "]" | "}") => drop(open.pop()),
            // Between a key and its value, a colon begins no name.
            (Kind::Mark, ":") if open.last() == Some(&"{") && before.is_some_and(ends_term) => {}
            (Kind::Mark, ":") => names.extend(tokens.get(at + 1).and_then(written)),
            _ => {}
        }
    }
    names
}

fn ends_term(token: &Token<'_>) -> bool {
    token.kind != Kind::Mark || matches!(token.text, ")" | "]" | "}")
}

/// A name as it is written, without its quotes.
fn written(token: &Token<'_>) -> Option<String> {
    match token.kind {
        Kind::Word => Some(token.text.to_owned()),
        _ => token.name().map(Into::into),
    }
}

fn values(names: Vec<String>, given: &Parameters) -> Result<Vec<(String, &str)>, ConnectorError> {
    parameters::check(&names.iter().map(String::as_str).collect::<Vec<_>>(), given)?;
    Ok(names.into_iter().filter_map(|name| given.raw(&name).map(|json| (name, json))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(statement: &str) -> Vec<String> {
        places(&cql::lex(statement).unwrap())
    }

    #[test]
    fn every_place_of_a_parameter_is_found_and_nothing_else() {
        for (statement, names) in [
            ("select * from t where a = ? and b in (?, ?) limit ?", &["1", "2", "3", "4"][..]),
            ("select * from t where a = :a and b = :B and c = :\"C d\"", &["a", "B", "C d"]),
            ("update t set m = {'k': :v, :k2: ':no'} where a=:a", &["v", "k2", "a"]),
            ("insert into t (u) values ({street: :s, zip: now(), x: true, y: ?})", &["s", "1"]),
            ("update t set l[:i] = :v, m = {1: [:a], 2: {b: (:c)}} where k=?", &["i", "v", "a", "c", "1"]),
            ("select :a, ':b', $$:c$$, \":d\" from t -- :e\n /* :f ? */", &["a"]),
            ("select 1", &[]),
        ] {
            assert_eq!(found(statement), names, "{statement}");
        }
    }

    #[test]
    fn the_semicolon_at_the_end_goes_and_the_kind_is_known() {
        let none = Parameters::NONE;
        let statement = Statement::new(" update t set a = 1 where k = 1 If exists ; ; ", &none).unwrap();
        assert_eq!(statement.text, " update t set a = 1 where k = 1 If exists");
        assert!(statement.verb == "UPDATE" && statement.in_steps);
        for (text, in_steps) in [
            ("update t set a = 'if' where k = 1", false),
            ("delete from t where k in (1, 2)", true),
            ("begin counter batch update c set n = n + 1 where k = 1 apply batch", true),
        ] {
            assert_eq!(Statement::new(text, &none).unwrap().in_steps, in_steps, "{text}");
        }
    }

    #[test]
    fn every_parameter_that_lacks_or_is_too_many_is_named() {
        let given = Parameters::parse(br#"{"b": 1, "c": 2, "3": 3}"#).unwrap();
        let error = Statement::new("select ?, :a, :b, :a", &given).unwrap_err().to_string();
        for part in ["not given: \"1\", \"a\";", "does not have: \"3\", \"c\""] {
            assert!(error.contains(part), "{error}");
        }
    }
}
