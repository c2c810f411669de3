//! Kinds of statement that their keywords decide, whatever follows: to the server nothing else can. The parser knows
//! but a part of what follows some of them. The rest is left to it, within what is said here.

use model::policy::{Operation, OperationClass};

use crate::sql::{Kind, Token};

/// Statements that no route takes, by the keyword that they begin with.
pub(super) fn refused(word: &str) -> Option<&'static str> {
    Some(match word {
        "start" | "commit" | "rollback" | "savepoint" => {
            "every call is one statement, which commits by itself"
        }
        "begin" | "declare" | "let" | "for" | "while" | "loop" | "repeat" | "if" | "case" | "return"
        | "raise" | "open" | "fetch" | "close" | "await" | "cancel" | "async" | "null" | "end" | "do" => {
            "scripts and transactions can't be judged; send their statements one by one"
        }
        "execute" => "what it runs stands elsewhere, or is text; send that statement itself",
        "use" | "set" | "unset" => {
            "every call is a session of its own; warehouse, database, schema and role are options of the connector"
        }
        "put" | "get" | "remove" | "rm" => "files are not reached by this connector; use a tool of your own",
        _ => return None,
    })
}

/// The operations of a statement that its keyword alone decides.
pub(super) fn by_keyword(tokens: &[Token<'_>]) -> Result<Option<Vec<Operation>>, String> {
    let Some(first) = tokens.first().filter(|token| token.kind == Kind::Word) else { return Ok(None) };
    let write = |name: &'static str, verb| Ok(Some(vec![write(name, verb)]));
    match first.text.to_ascii_uppercase().as_str() {
        "SHOW" => listing("SHOW", tokens),
        "DESCRIBE" | "DESC" => listing("DESCRIBE", tokens),
        "LIST" | "LS" => listing("LIST", tokens),
        "ALTER" => write("ALTER", "ALTER"),
        "DROP" => write("DROP", "DROP"),
        "UNDROP" => write("UNDROP", "CREATE"),
        "TRUNCATE" => write("TRUNCATE", "TRUNCATE"),
        "GRANT" => write("GRANT", "GRANT"),
        "REVOKE" => write("REVOKE", "REVOKE"),
        // The parser knows the spellings of other servers only.
        "CREATE" if tokens.iter().take(5).any(|token| token.is_word("sequence")) => {
            listing("CREATE SEQUENCE", tokens)?;
            let mut found = vec![self::write("CREATE", "CREATE")];
            found.extend(created(tokens)?);
            Ok(Some(found))
        }
        _ => Ok(None),
    }
}

/// A statement that lists or describes: names, patterns and a few words.
fn listing(verb: &'static str, tokens: &[Token<'_>]) -> Result<Option<Vec<Operation>>, String> {
    let known = |token: &Token<'_>| match token.kind {
        Kind::Mark => [".", "(", ")", ",", "[", "]"].contains(&token.text),
        Kind::Operator => token.text == "=",
        _ => true,
    };
    match tokens.iter().find(|token| !known(token)) {
        Some(token) => Err(format!("{:?} does not belong into {verb}", token.text)),
        None if tokens.len() < 2 => Err(format!("{verb} lacks what it is about")),
        None => Ok(Some(vec![Operation { name: verb.into(), verb, class: OperationClass::Read }])),
    }
}

/// What a statement does beside what the parser sees; the error says why it is refused.
pub(super) fn beside(tokens: &[Token<'_>]) -> Result<Vec<Operation>, String> {
    if is(tokens, 0, "create") {
        created(tokens)
    } else if is(tokens, 0, "copy") {
        copied(tokens)
    } else {
        Ok(Vec::new())
    }
}

fn is(tokens: &[Token<'_>], at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is_word(word))
}

fn write(name: &'static str, verb: &'static str) -> Operation {
    Operation { name: name.into(), verb, class: OperationClass::Write }
}

fn created(tokens: &[Token<'_>]) -> Result<Vec<Operation>, String> {
    let (mut at, mut found) = (1, Vec::new());
    if is(tokens, 1, "or") {
        at = 3;
        // What was there before is gone, or changed.
        found.push(if is(tokens, 2, "alter") {
            write("CREATE OR ALTER", "ALTER")
        } else {
            write("CREATE OR REPLACE", "DROP")
        });
    }
    while is(tokens, at, "transient") || is(tokens, at, "secure") || is(tokens, at, "recursive") {
        at += 1;
    }
    let what = tokens.get(at).and_then(Token::name).unwrap_or_default();
    match what.as_ref() {
        "table" | "view" | "materialized" | "schema" | "sequence" => {}
        "local" | "global" | "temp" | "temporary" | "volatile" => {
            return Err("a temporary table would be gone when its call ends; create one that stays".into());
        }
        "function" | "procedure" | "task" | "alert" | "dynamic" | "pipe" | "service" | "streamlit"
        | "notebook" | "application" | "model" | "aggregate" | "agent" => {
            return Err(
                "code that would run later can't be judged now; create it with a tool of your own".into()
            );
        }
        "external" | "stage" | "storage" | "integration" | "api" | "notification" | "security"
        | "catalog" | "share" | "listing" | "secret" | "network" | "iceberg" | "connection"
        | "replication" | "failover" | "git" | "image" | "organization" | "managed" => {
            return Err(
                "such objects are a way out of the account, or a key to one; create them with a tool of \
                 your own"
                    .into(),
            );
        }
        "user" | "role" | "database" | "account" | "masking" | "row" | "aggregation" | "projection"
        | "join" | "password" | "session" | "authentication" | "packages" | "tag" | "warehouse"
        | "resource" | "compute" => {
            return Err("such objects are for who administers the account; create them with a tool of \
                 your own (tables, views, schemas and sequences are accepted)"
                .into());
        }
        _ => return Err("only tables, views, schemas and sequences are created here".into()),
    }
    if tokens.windows(2).any(|pair| is(pair, 0, "copy") && is(pair, 1, "grants")) {
        found.push(write("COPY GRANTS", "GRANT"));
    }
    Ok(found)
}

fn copied(tokens: &[Token<'_>]) -> Result<Vec<Operation>, String> {
    let outside = |token: &Token<'_>| token.kind == Kind::Text && !token.text.starts_with("'@");
    let keys = ["credentials", "storage_integration", "encryption"];
    if !is(tokens, 1, "into")
        || !tokens.get(2).is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
    {
        return Err(
            "COPY that takes data out of tables, or files anywhere, is not accepted; SELECT the data".into(),
        );
    }
    if tokens.windows(2).any(|pair| is(pair, 0, "from") && pair.get(1).is_some_and(outside))
        || tokens.iter().any(|token| keys.iter().any(|key| token.is_word(key)))
    {
        return Err("COPY reads stages only, and takes no credentials; name a stage (FROM @stage)".into());
    }
    let purges = tokens.iter().any(|token| token.is_word("purge"));
    Ok(if purges { vec![write("COPY PURGE", "DELETE")] } else { Vec::new() })
}
