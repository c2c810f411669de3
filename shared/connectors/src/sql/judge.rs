//! Every operation in a statement. Kinds of statement come from the parser's tree, an allow-list; calls of functions
//! come from the tokens, because a call is a name before a parenthesis wherever the grammar permits one.

use std::ops::ControlFlow;

use model::policy::{Operation, OperationClass, Route};
use sqlparser::{
    ast::{Query, Select, SetExpr, Statement, Visit, Visitor},
    dialect::Dialect,
    parser::{Parser, ParserError},
    tokenizer::Token as ParserToken,
};

use super::{
    cost,
    statements::{self, Judged},
    token::{Kind, Token, plain},
};

const ONE: &str = "exactly one statement is accepted";
/// The deepest nesting of a statement.
const MAX_DEPTH: usize = 50;
/// What a statement is parsed, judged and dropped on, in bytes of stack: whatever the parser recurses on without a
/// limit of its own, the longest statement does not come to the end of it. Only what is used is ever there.
const STACK: usize = 64 * 1024 * 1024;

/// What a dialect adds.
pub(crate) struct Rules {
    pub(crate) dialect: &'static dyn Dialect,
    /// What a call of a function does, by its schema, where one is written, and its name.
    pub(crate) function: fn(Option<&str>, &str) -> Effect,
    /// What a name behind a full stop does, where it is no call: a column, or what only looks like one.
    pub(crate) member: fn(&str) -> Effect,
    /// Why statements that begin with a keyword (in lower case) are refused on every route.
    pub(crate) refused: fn(&str) -> Option<&'static str>,
}

/// What a function does beside giving a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing that the statement around it could not.
    None,
    /// Changes something.
    Writes,
    /// Something that can't be governed, and why: no query, and no execute either.
    Refused(&'static str),
}

/// Refuses a statement by the keyword that it begins with.
pub(crate) fn not_refused(tokens: &[Token<'_>], rules: &Rules) -> Result<(), String> {
    let Some(first) = tokens.first() else {
        return Err("the statement is empty".into());
    };
    let word = first.name().filter(|_| first.kind == Kind::Word);
    match word.and_then(|word| (rules.refused)(&word)) {
        Some(why) => Err(format!("{} is not accepted: {why}", first.text.to_ascii_uppercase())),
        None => Ok(()),
    }
}

/// Every operation in one statement, the statement itself first; the error says what would be accepted.
pub(crate) fn judge(tokens: &[Token<'_>], rules: &Rules, route: Route) -> Result<Vec<Operation>, String> {
    not_refused(tokens, rules)?;
    // The parser would say so too; this asks nothing of it.
    let end = tokens.iter().rposition(|token| !token.is(";")).unwrap_or_default();
    if tokens.iter().take(end).any(|token| token.is(";")) {
        return Err(ONE.into());
    }
    let mut found = stacker::grow(STACK, || operations(tokens, rules.dialect))?;
    found.add_functions(tokens, rules, route)?;
    Ok(found.0)
}

/// What the statement itself does, by the parser's tree.
fn operations(tokens: &[Token<'_>], dialect: &dyn Dialect) -> Result<Operations, String> {
    let mut found = Operations::default();
    match parse(tokens, dialect)? {
        Statement::Explain { statement, analyze: false, .. } if !statements::explain_runs(tokens) => {
            found.add("EXPLAIN", OperationClass::Read);
            // The planner runs nothing of it, but it must be something that can be explained.
            if let Judged::Refused(why) = statements::judged(&statement) {
                return Err(why);
            }
        }
        statement => {
            if let ControlFlow::Break(why) = statement.visit(&mut found) {
                return Err(*why);
            }
            if found.0.is_empty() {
                found.add("VALUES", OperationClass::Read);
            }
        }
    }
    Ok(found)
}

fn parse(tokens: &[Token<'_>], dialect: &dyn Dialect) -> Result<Statement, String> {
    if let Some(why) = cost::refusal(tokens) {
        return Err(why);
    }
    let text = plain(tokens);
    let parser = Parser::new(dialect).with_recursion_limit(MAX_DEPTH).try_with_sql(&text);
    let parsed = parser.and_then(|mut parser| {
        let parsed = parser.parse_statements()?;
        // It stops before an END as well, which to the server is a name for a column, with more behind it.
        if parser.peek_token_ref().token == ParserToken::EOF {
            Ok(parsed)
        } else {
            Err(ParserError::ParserError("END is no name here; write AS \"end\"".into()))
        }
    });
    let mut parsed = parsed.map_err(|error| {
        format!("the statement can't be judged, and is refused for that: {}", statements::reason(&error))
    })?;
    match (parsed.pop(), parsed.is_empty()) {
        (Some(statement), true) if statement.visit(&mut Unread).is_break() => {
            Err("TABLE without a schema is not accepted; write SELECT * FROM, or TABLE schema.name".into())
        }
        (Some(statement), true) => Ok(statement),
        _ => Err(ONE.into()),
    }
}

/// Looks for `TABLE name` as a query: the parser passes over two tokens behind the name without a look at them, a
/// semicolon and what follows it, or a lock.
struct Unread;

impl Visitor for Unread {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        fn any(body: &SetExpr) -> bool {
            match body {
                SetExpr::Table(table) => table.schema_name.is_none(),
                SetExpr::SetOperation { left, right, .. } => any(left) || any(right),
                _ => false,
            }
        }
        if any(&query.body) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[derive(Default)]
struct Operations(Vec<Operation>);

impl Operations {
    fn add(&mut self, verb: &'static str, class: OperationClass) {
        self.push(Operation { name: verb.into(), verb, class });
    }

    fn push(&mut self, operation: Operation) {
        if !self.0.contains(&operation) {
            self.0.push(operation);
        }
    }

    fn add_functions(&mut self, tokens: &[Token<'_>], rules: &Rules, route: Route) -> Result<(), String> {
        for (at, token) in tokens.iter().enumerate() {
            let Some(name) = token.name() else { continue };
            let dotted = at.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|before| before.is("."));
            let schema = at.checked_sub(2).filter(|_| dotted).and_then(|at| tokens.get(at)?.name());
            let effect = if tokens.get(at + 1).is_some_and(|next| next.is("(")) {
                (rules.function)(schema.as_deref(), &name)
            } else if dotted {
                (rules.member)(&name)
            } else {
                Effect::None
            };
            match effect {
                Effect::None => {}
                Effect::Refused(why) if route == Route::Execute => {
                    return Err(format!("the function {name} is not accepted: {why}"));
                }
                Effect::Writes | Effect::Refused(_) => self.push(Operation {
                    name: name.into_owned().into(),
                    verb: "CALL",
                    class: OperationClass::Write,
                }),
            }
        }
        Ok(())
    }
}

impl Visitor for Operations {
    type Break = Box<String>;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<Self::Break> {
        match statements::judged(statement) {
            // What a query is shows in its body.
            Judged::Query => {}
            Judged::Read(verb) => self.add(verb, OperationClass::Read),
            Judged::Write(verbs) => verbs.iter().for_each(|verb| self.add(verb, OperationClass::Write)),
            Judged::Refused(why) => return ControlFlow::Break(Box::new(why)),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        if reads(&query.body) {
            self.add("SELECT", OperationClass::Read);
        }
        if !query.locks.is_empty() {
            self.push(Operation { name: "FOR UPDATE".into(), verb: "LOCK", class: OperationClass::Write });
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        if select.into.is_some() {
            self.push(Operation { name: "SELECT INTO".into(), verb: "CREATE", class: OperationClass::Write });
        }
        ControlFlow::Continue(())
    }
}

/// Whether a query's own body selects; lists of values and nested statements do not.
fn reads(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(_) | SetExpr::Table(_) => true,
        SetExpr::SetOperation { left, right, .. } => reads(left) || reads(right),
        // A nested query is visited by itself.
        SetExpr::Query(_)
        | SetExpr::Values(_)
        | SetExpr::Insert(_)
        | SetExpr::Update(_)
        | SetExpr::Delete(_)
        | SetExpr::Merge(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use model::{connector_type::ConnectorType, policy::Route};

    use crate::{Request, classify};

    fn accepted(text: &str) -> bool {
        let asked = Request { statement: Some(text), ..Request::NOTHING };
        classify(ConnectorType::Postgres, Route::Execute, asked).is_ok()
    }

    #[test]
    fn nothing_hides_behind_a_table_that_is_queried() {
        for text in [
            "TABLE t; VACUUM",
            "TABLE t FOR UPDATE",
            "EXPLAIN TABLE t; COMMIT",
            "WITH x AS (TABLE t;'') SELECT * FROM x",
            "SELECT 1 UNION TABLE t; VACUUM",
            "SELECT * FROM (TABLE t) q",
            "INSERT INTO u TABLE t",
        ] {
            assert!(!accepted(text), "{text}");
        }
        for text in ["SELECT * FROM (TABLE s.t) q", "SELECT 1 UNION TABLE s.t ORDER BY 1;;"] {
            assert!(accepted(text), "{text}");
        }
    }
}
