//! `session`: sessions of the portal. A sign-in service stores them as `session create` does; the table holds the
//! hash of a token and never the token, so that nothing here can show one again.

mod create;
mod list;
mod revoke;

use clap::Subcommand;
use model::session::{Role, Session, TokenHash};
use store::{Dynamo, SessionDirectory, SessionFilter};

use crate::{
    context::{Context, SessionsTable, TableName},
    failure::Failure,
};

/// How much of a hash a list shows, and how much of it must be given to name a session, in hex digits.
const SHOWN: usize = 12;
const LEAST: usize = 6;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Begins a session and prints its token, once
    Create(create::Arguments),
    /// Lists sessions, the latest used first
    List(list::Arguments),
    /// Ends sessions: from the next request on they are refused
    Revoke(revoke::Arguments),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(context, &arguments).await,
        Command::List(arguments) => list::run(context, &arguments).await,
        Command::Revoke(arguments) => revoke::run(context, &arguments).await,
    }
}

/// Every session that a filter admits, the latest used first.
async fn all(
    context: &Context,
    store: &Dynamo,
    table: &SessionsTable,
    filter: &SessionFilter,
) -> Result<Vec<Session>, Failure> {
    let (mut sessions, mut after): (Vec<Session>, Option<TokenHash>) = (Vec::new(), None);
    loop {
        let page = store.list(filter, after.as_ref(), context.soon()).await;
        let page = page.map_err(|error| Failure::store(table.name(), &error))?;
        sessions.extend(page.sessions);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    sessions.sort_by_key(|session| std::cmp::Reverse((session.last_seen_at, session.created_at)));
    Ok(sessions)
}

/// What a list shows of a hash.
fn prefix(hash: &TokenHash) -> &str {
    hash.as_str().get(..SHOWN).unwrap_or(hash.as_str())
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Editor => "editor",
    }
}
