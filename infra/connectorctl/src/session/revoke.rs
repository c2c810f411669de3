//! `session revoke`

use clap::{ArgGroup, Args};
use model::{ids::TenantId, session::Session};
use store::{SessionDirectory, SessionFilter};

use super::{LEAST, all, prefix};
use crate::{
    context::{Context, SessionsTable, TableName},
    failure::Failure,
    output::{plain, tell},
};

const AFTER: &str = "\
Examples:
    connectorctl session revoke 3f9c2a71b0d4
    connectorctl session revoke --user ann@acme.example --all
    connectorctl session revoke --tenant acme --all

The next request with such a session is 401. Sessions of the same user that begin meanwhile are not ended.";

#[derive(Args)]
#[command(after_help = AFTER, group = ArgGroup::new("which").required(true).multiple(true).args(["hash", "user", "tenant"]))]
pub(crate) struct Arguments {
    /// Beginning of the session's hash, at least 6 hex digits, as `session list` shows it
    #[arg(value_name = "HASHPREFIX", value_parser = hash, conflicts_with_all = ["user", "tenant", "all"])]
    hash: Option<String>,
    /// The sessions of this user
    #[arg(long)]
    user: Option<String>,
    /// The sessions of this tenant; with --user those of this user there
    #[arg(long, value_parser = TenantId::parse)]
    tenant: Option<TenantId>,
    /// End them all where --user and --tenant mean more than one
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    table: SessionsTable,
}

fn hash(text: &str) -> Result<String, String> {
    if (LEAST..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        // The text is not repeated: somebody may have given a token.
        Err(format!("use {LEAST} to 64 hex digits, as `session list` shows them"))
    }
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let filter = SessionFilter { tenant: arguments.tenant.clone(), user: arguments.user.clone() };
    let store = context.dynamo(&arguments.table).await?;
    let mut sessions = all(context, &store, &arguments.table, &filter).await?;
    if let Some(hash) = &arguments.hash {
        sessions.retain(|session| session.token_hash.as_str().starts_with(hash));
    }
    may_end(arguments, &sessions)?;
    for session in &sessions {
        let deleted = store.delete(&session.token_hash, context.soon()).await;
        let deleted = deleted.map_err(|error| Failure::store(arguments.table.name(), &error))?;
        let ended = if deleted { "ended" } else { "was over already" };
        let (hash, user) = (prefix(&session.token_hash), plain(&session.user));
        tell(&format!("session {hash} of {user} at {}: {ended}", session.tenant_id));
    }
    Ok(())
}

/// One session may be ended unasked; several only where that was said.
fn may_end(arguments: &Arguments, sessions: &[Session]) -> Result<(), Failure> {
    match sessions.len() {
        0 => Err(Failure::failed("no session is meant; `connectorctl session list` shows them")),
        1 => Ok(()),
        several if arguments.hash.is_some() => {
            Err(Failure::failed(format!("{several} sessions begin like that; give more digits")))
        }
        several if !arguments.all => {
            Err(Failure::failed(format!("{several} sessions are meant; add --all to end them all")))
        }
        _ => Ok(()),
    }
}
