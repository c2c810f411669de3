//! Every operation in a statement. The kinds are an allow-list: a kind that nobody thought of must not pass as
//! harmless.

use model::policy::{Operation, OperationClass};

use super::lexer;
use crate::sql::{Kind, Token};

/// The keyspace of roles, rights and the hashes of passwords. Whoever may write there gives rights as GRANT does,
/// without a GRANT that governance could see; nobody asks a connector for what is to be read there.
const PROTECTED_KEYSPACE: &str = "system_auth";

/// What a batch holds. None of it can be a name.
const IN_A_BATCH: [&str; 3] = ["INSERT", "UPDATE", "DELETE"];
/// What begins other statements, and can't be a name either.
const BEGINNINGS: [&str; 9] =
    ["SELECT", "BEGIN", "TRUNCATE", "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "USE"];

const ONE: &str = "exactly one statement is accepted; a BATCH can hold several writes";
const ROLES: &str = "roles, users and identities give rights, and statements with passwords in them would be kept \
                     where statements are audited; manage them with a tool of your own";

/// Every operation in one statement, the statement itself first; the error says what would be accepted.
pub(crate) fn judge(statement: &str) -> Result<Vec<Operation>, String> {
    let tokens = lexer::lex(statement)?;
    let statement = without_end(&tokens);
    let Some(first) = statement.first() else {
        return Err("the statement is empty".into());
    };
    if names_protected(statement) {
        return Err(format!(
            "{PROTECTED_KEYSPACE} holds roles, rights and the hashes of passwords, and is not reached through this \
             connector; statements on every other keyspace are accepted"
        ));
    }
    if first.is_word("begin") {
        return batch(statement);
    }
    if statement.iter().any(|token| token.is(";")) {
        return Err(ONE.into());
    }
    let operation = operation(first, statement)?;
    // The others may hold such words: LIST ALTER PERMISSION, GRANT SELECT.
    let plain = operation.verb == "SELECT" || IN_A_BATCH.contains(&operation.verb);
    let begins = |token: &Token<'_>| IN_A_BATCH.into_iter().chain(BEGINNINGS).any(|word| token.is_word(word));
    if plain && statement.iter().skip(1).any(begins) {
        return Err(ONE.into());
    }
    Ok(vec![operation])
}

/// Whether sending a statement twice does no more than sending it once. So it is for reads; no write is said to be:
/// counters, lists, conditions and `now()` apart, a write that is sent again gets a later timestamp, and wins over
/// what another client wrote between the two.
pub(crate) fn is_idempotent(operations: &[Operation]) -> bool {
    operations.iter().all(|operation| operation.class == OperationClass::Read)
}

/// The statement without the semicolons that end it.
fn without_end<'t, 's>(tokens: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let end = tokens.iter().rposition(|token| !token.is(";")).map_or(0, |last| last + 1);
    tokens.get(..end).unwrap_or_default()
}

/// Whether anything of the protected keyspace is named.
fn names_protected(tokens: &[Token<'_>]) -> bool {
    tokens
        .iter()
        .zip(tokens.iter().skip(1))
        .any(|(token, next)| next.is(".") && token.name().is_some_and(|name| name == PROTECTED_KEYSPACE))
}

fn operation(first: &Token<'_>, statement: &[Token<'_>]) -> Result<Operation, String> {
    let keyword = |token: &Token<'_>| match token.kind {
        Kind::Word => token.text.to_ascii_uppercase(),
        _ => String::new(),
    };
    let second = statement.get(1).map(keyword).unwrap_or_default();
    match keyword(first).as_str() {
        "SELECT" => Ok(reads("SELECT")),
        "LIST" => Ok(reads("LIST")),
        "DESCRIBE" | "DESC" => Ok(reads("DESCRIBE")),
        "INSERT" => Ok(writes("INSERT")),
        "UPDATE" => Ok(writes("UPDATE")),
        "DELETE" => Ok(writes("DELETE")),
        "TRUNCATE" => Ok(writes("TRUNCATE")),
        "GRANT" => Ok(writes("GRANT")),
        "REVOKE" => Ok(writes("REVOKE")),
        // Whatever it is that goes.
        "DROP" => Ok(writes("DROP")),
        verb @ ("CREATE" | "ALTER") => match (verb, second.as_str()) {
            (_, "ROLE" | "USER") => Err(format!("{verb} {second} is not accepted: {ROLES}")),
            ("CREATE", "OR" | "FUNCTION" | "AGGREGATE" | "TRIGGER") => Err(
                "code that would run later can't be judged now; create functions, aggregates and triggers with a \
                 tool of your own"
                    .into(),
            ),
            ("CREATE", "INDEX" | "CUSTOM") => Ok(writes("CREATE")),
            (_, "KEYSPACE" | "SCHEMA" | "TABLE" | "COLUMNFAMILY" | "TYPE" | "MATERIALIZED") => {
                Ok(writes(if verb == "CREATE" { "CREATE" } else { "ALTER" }))
            }
            _ => Err(format!(
                "{verb} of this kind is not accepted; KEYSPACE, TABLE, TYPE and MATERIALIZED VIEW are, and CREATE INDEX"
            )),
        },
        "ADD" => Err(format!("ADD IDENTITY is not accepted: {ROLES}")),
        "USE" => Err("USE is not accepted: later calls share the session, which must stay as it is; write \
                      keyspace.table, or name the keyspace in the connector's connection_url"
            .into()),
        _ => Err("statements of this kind are not accepted; SELECT, LIST, DESCRIBE, INSERT, UPDATE, DELETE, BATCH \
                  and CREATE are"
            .into()),
    }
}

/// `BEGIN [UNLOGGED | COUNTER] BATCH … APPLY BATCH`. What it holds begins with keywords that can't be names, with or
/// without semicolons between, so each of them is a statement.
fn batch(statement: &[Token<'_>]) -> Result<Vec<Operation>, String> {
    let is = |at: usize, word: &str| statement.get(at).is_some_and(|token| token.is_word(word));
    let kind = usize::from(is(1, "unlogged") || is(1, "counter"));
    let apply = statement.iter().position(|token| token.is_word("apply"));
    let whole = apply.is_some_and(|at| at + 2 == statement.len() && is(at + 1, "batch"));
    if !is(1 + kind, "batch") || !whole {
        return Err("a batch is accepted as BEGIN BATCH … APPLY BATCH, with nothing behind it".into());
    }
    let mut found = vec![writes("BATCH")];
    for token in statement.iter().skip(1) {
        if let Some(verb) = IN_A_BATCH.into_iter().find(|verb| token.is_word(verb))
            && !found.iter().any(|known| known.verb == verb)
        {
            found.push(writes(verb));
        }
        if BEGINNINGS.iter().any(|word| token.is_word(word)) {
            return Err("a batch holds INSERT, UPDATE and DELETE statements, and nothing else".into());
        }
    }
    Ok(found)
}

fn reads(verb: &'static str) -> Operation {
    Operation { name: verb.into(), verb, class: OperationClass::Read }
}

fn writes(verb: &'static str) -> Operation {
    Operation { name: verb.into(), verb, class: OperationClass::Write }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
