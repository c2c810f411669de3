//! The kinds of statement that are known, and what each amounts to. What is not listed is refused: a kind that
//! nobody thought of must not pass as harmless.

use model::fault::shortened;
use sqlparser::{
    ast::{CopyIntoSnowflakeKind, MergeAction, OnConflictAction, OnInsert, Statement},
    parser::ParserError,
};

use super::token::Token;
use crate::message::printable;

/// What stands before the caller's own words in the parser's.
const FOUND: &str = "found: ";

/// What one statement amounts to, without what is nested in it.
pub(super) enum Judged {
    /// Whatever its body is.
    Query,
    /// Reads, under this verb.
    Read(&'static str),
    /// Writes, under these verbs.
    Write(Vec<&'static str>),
    /// Refused on every route, and why.
    Refused(String),
}

/// Judges one statement.
pub(super) fn judged(statement: &Statement) -> Judged {
    let write = |verb: &'static str| Judged::Write(vec![verb]);
    match statement {
        Statement::Query(_) => Judged::Query,
        Statement::ShowVariable { .. } | Statement::ShowVariables { .. } => Judged::Read("SHOW"),
        // One that runs nothing is told apart before.
        Statement::Explain { .. } => write("EXPLAIN ANALYZE"),
        // What was in the table is gone.
        Statement::Insert(insert) if insert.overwrite => Judged::Write(vec!["INSERT", "TRUNCATE"]),
        Statement::Insert(insert) => match &insert.on {
            Some(OnInsert::OnConflict(conflict))
                if matches!(conflict.action, OnConflictAction::DoUpdate(_)) =>
            {
                Judged::Write(vec!["INSERT", "UPDATE"])
            }
            _ => write("INSERT"),
        },
        Statement::Update(_) => write("UPDATE"),
        Statement::Delete(_) => write("DELETE"),
        Statement::Merge(merge) => {
            let verbs = merge.clauses.iter().filter_map(|clause| match clause.action {
                MergeAction::Insert(_) => Some("INSERT"),
                MergeAction::Update(_) => Some("UPDATE"),
                MergeAction::Delete { .. } => Some("DELETE"),
                MergeAction::DoNothing { .. } => None,
            });
            Judged::Write(std::iter::once("MERGE").chain(verbs).collect())
        }
        Statement::CopyIntoSnowflake { kind: CopyIntoSnowflakeKind::Table, .. } => write("COPY"),
        Statement::Truncate(_) => write("TRUNCATE"),
        Statement::Grant(_) => write("GRANT"),
        Statement::Revoke(_) => write("REVOKE"),
        Statement::Call(_) => write("CALL"),
        Statement::Comment { .. } => write("COMMENT"),
        Statement::Analyze(_) => write("ANALYZE"),
        Statement::CreateTable(_)
        | Statement::CreateView(_)
        | Statement::CreateIndex(_)
        | Statement::CreateSchema { .. }
        | Statement::CreateSequence { .. }
        | Statement::CreateType { .. }
        | Statement::CreateDomain(_) => write("CREATE"),
        Statement::CreateFunction(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateTrigger(_)
        | Statement::CreateExtension(_) => Judged::Refused(
            "code that would run later can't be judged now; create functions, procedures, triggers and \
             extensions with a tool of your own"
                .into(),
        ),
        // Both can give rights away, which is what GRANT is blocked for.
        Statement::CreateRole(_) | Statement::CreateUser(_) | Statement::CreatePolicy(_) => Judged::Refused(
            "roles and policies give rights, as GRANT does; manage them with a tool of your own".into(),
        ),
        Statement::AlterTable(_)
        | Statement::AlterSchema(_)
        | Statement::AlterIndex { .. }
        | Statement::AlterView { .. }
        | Statement::AlterFunction(_)
        | Statement::AlterType(_)
        | Statement::AlterRole { .. }
        | Statement::AlterPolicy(_)
        | Statement::AlterUser(_)
        | Statement::AlterCollation(_)
        | Statement::AlterOperator(_)
        | Statement::AlterOperatorClass(_)
        | Statement::AlterOperatorFamily(_)
        | Statement::AlterTextSearch(_) => write("ALTER"),
        Statement::Drop { .. }
        | Statement::DropFunction(_)
        | Statement::DropProcedure { .. }
        | Statement::DropDomain(_)
        | Statement::DropPolicy(_)
        | Statement::DropExtension(_)
        | Statement::DropOperator(_)
        | Statement::DropOperatorClass(_)
        | Statement::DropOperatorFamily(_)
        | Statement::DropTrigger(_) => write("DROP"),
        _ => Judged::Refused(
            "statements of this kind are not accepted; SELECT, INSERT, UPDATE, MERGE, CREATE and CALL are"
                .into(),
        ),
    }
}

/// Whether an EXPLAIN runs what it explains, in any of the spellings: among its options in parentheses, or as a word
/// before the statement.
pub(super) fn explain_runs(tokens: &[Token<'_>]) -> bool {
    const STATEMENTS: [&str; 7] = ["select", "insert", "update", "delete", "merge", "values", "with"];
    let runs = |token: &Token<'_>| {
        let name = token.name().unwrap_or_default();
        name.eq_ignore_ascii_case("analyze") || name.eq_ignore_ascii_case("analyse")
    };
    let listed = tokens.get(1).is_some_and(|token| token.is("("));
    let ends = |token: &Token<'_>| {
        if listed { token.is(")") } else { STATEMENTS.iter().any(|word| token.is_word(word)) }
    };
    tokens.iter().skip(1).take_while(|token| !ends(token)).any(runs)
}

/// The parser's own word on a text that has no contents any more, but for its names: one may be as long as the text.
pub(super) fn reason(error: &ParserError) -> String {
    match error {
        ParserError::TokenizerError(why) | ParserError::ParserError(why) => {
            // Lines and columns are those of the rendered text.
            let why = why.split(" at Line:").next().unwrap_or_default();
            match why.split_once(FOUND) {
                Some((expected, found)) => printable(&format!("{expected}{FOUND}{}", shortened(found))),
                None => printable(why),
            }
        }
        ParserError::RecursionLimitExceeded => "it is nested too deep".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_refusal_is_cut_and_plain() {
        let told = |why: &str| reason(&ParserError::ParserError(why.into()));
        let long = format!("Expected: AS, found: \"{}\" at Line: 1, Column: 2", "n".repeat(100));
        assert_eq!(told(&long), format!("Expected: AS, found: \"{}…", "n".repeat(63)));
        assert_eq!(told("Expected: AS, found: \"\u{1f}\n\""), "Expected: AS, found: \"\"");
        assert_eq!(told("No such thing"), "No such thing");
    }
}
