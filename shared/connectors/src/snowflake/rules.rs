//! What governance must know of Snowflake.

use model::policy::{Operation, Route};
use sqlparser::dialect::SnowflakeDialect;

use super::{functions, kinds, lexer, names};
use crate::{
    ConnectorError, Request,
    sql::{self, Kind, Rules, Token},
};

const RULES: Rules = Rules {
    dialect: &SnowflakeDialect {},
    function: functions::effect,
    member: functions::member,
    refused: kinds::refused,
};

/// Every operation in a statement.
pub(crate) fn classify(route: Route, asked: Request<'_>) -> Result<Vec<Operation>, ConnectorError> {
    let statement = asked.statement.unwrap_or_default();
    lexer::lex(statement).and_then(|tokens| judge(tokens, route)).map_err(ConnectorError::Invalid)
}

fn judge(mut tokens: Vec<Token<'_>>, route: Route) -> Result<Vec<Operation>, String> {
    while tokens.last().is_some_and(|token| token.is(";")) {
        tokens.pop();
    }
    sql::not_refused(&tokens, &RULES)?;
    if tokens.iter().any(|token| token.is(";")) {
        return Err("exactly one statement is accepted".into());
    }
    names::check(&tokens)?;
    if let Some(found) = kinds::by_keyword(&tokens)? {
        return Ok(found);
    }
    let beside = kinds::beside(&tokens)?;
    without_using(&mut tokens);
    names::without_tables(&mut tokens);
    let mut found = sql::judge(&tokens, &RULES, route)?;
    found.extend(beside);
    Ok(found)
}

/// Leaves out the form in which a plan is shown (`EXPLAIN USING JSON …`), which the parser does not know.
fn without_using(tokens: &mut Vec<Token<'_>>) {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token: &Token<'_>| token.is_word(word));
    if is(0, "explain") && is(1, "using") && tokens.get(2).is_some_and(|token| token.kind == Kind::Word) {
        tokens.drain(1..3);
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
