//! What governance must know of PostgreSQL.

use model::policy::{Operation, Route};
use sqlparser::dialect::PostgreSqlDialect;

use super::{functions, lexer};
use crate::{
    ConnectorError, Request,
    sql::{self, Effect, Rules},
};

const RULES: Rules = Rules {
    dialect: &PostgreSqlDialect {},
    function: functions::effect,
    // What a sequence gives, it gives to calls.
    member: |_| Effect::None,
    refused,
};

/// Every operation in a statement.
pub(crate) fn classify(route: Route, asked: Request<'_>) -> Result<Vec<Operation>, ConnectorError> {
    let statement = asked.statement.unwrap_or_default();
    lexer::lex(statement)
        .and_then(|tokens| sql::judge(&tokens, &RULES, route))
        .map_err(ConnectorError::Invalid)
}

/// Statements that no route takes, by the keyword that they begin with; to the server it alone says what they are.
fn refused(word: &str) -> Option<&'static str> {
    Some(match word {
        "begin" | "start" | "commit" | "end" | "abort" | "rollback" | "savepoint" | "release" => {
            "every call is one transaction, which ends with it"
        }
        "set" | "reset" | "discard" | "listen" | "unlisten" | "notify" | "lock" | "prepare" | "execute"
        | "deallocate" | "declare" | "fetch" | "move" | "close" | "load" => {
            "later calls share the session, which must stay as it is; send one complete statement"
        }
        "do" => "its code can't be judged; send its statements one by one",
        "copy" => "files, programs and streams are not reached by this connector; use SELECT or INSERT",
        "vacuum" | "cluster" | "reindex" | "checkpoint" | "reassign" | "import" | "security" | "refresh" => {
            "maintenance belongs to the database's own tools"
        }
        _ => return None,
    })
}
