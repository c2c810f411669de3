//! `session create`

use clap::{Args, ValueEnum};
use model::{
    ids::TenantId,
    session::{ABSOLUTE_SECONDS, COOKIE, IDLE_SECONDS, Role, Session, SessionToken},
};
use store::SessionWriter;

use super::{prefix, role_word};
use crate::{
    context::{Context, SessionsTable, TableName},
    failure::Failure,
    output,
};

/// The longest name of a user, in bytes: it is in every audit entry of the session.
const LONGEST_USER: usize = 255;

const AFTER: &str = "\
Examples:
    connectorctl session create --tenant acme --user ann@acme.example --role editor > token
    connectorctl session create --tenant acme --user dashboard --role viewer --cookie

A session ends after 8 idle hours, and after 24 hours in any case. The token is printed once and stored nowhere;
whoever has it is signed in as that user.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Tenant whose connectors the session sees
    #[arg(long, value_parser = TenantId::parse)]
    tenant: TenantId,
    /// Who signs in, 1 to 255 bytes; the audit names it
    #[arg(long, value_parser = user)]
    user: String,
    /// What the session may do: read, or also write and test
    #[arg(long, value_enum)]
    role: RoleWord,
    /// Print the whole header, `Cookie: axonflow_session=...`, in place of the token
    #[arg(long)]
    cookie: bool,
    #[command(flatten)]
    table: SessionsTable,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Reads
    Viewer,
    /// Reads, writes and tests
    Editor,
}

fn user(text: &str) -> Result<String, String> {
    let printable = !text.chars().any(char::is_control) && !text.trim().is_empty();
    if printable && text.len() <= LONGEST_USER {
        Ok(text.to_owned())
    } else {
        Err(format!("use 1 to {LONGEST_USER} bytes on one line"))
    }
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let now = context.clock.now().epoch_seconds();
    let token = SessionToken::generate(context.entropy.as_ref());
    let session = Session {
        token_hash: token.hash(),
        tenant_id: arguments.tenant.clone(),
        user: arguments.user.clone(),
        role: match arguments.role {
            RoleWord::Viewer => Role::Viewer,
            RoleWord::Editor => Role::Editor,
        },
        created_at: now,
        last_seen_at: now,
    };
    let store = context.dynamo(&arguments.table).await?;
    let stored = store.put(&session, context.soon()).await;
    stored.map_err(|error| Failure::store(arguments.table.name(), &error))?;
    output::tell(&format!(
        "session {}: {} is {} of {}, for {} h, {} h without a request",
        prefix(&session.token_hash),
        session.user,
        role_word(session.role),
        session.tenant_id,
        ABSOLUTE_SECONDS / 3600,
        IDLE_SECONDS / 3600,
    ));
    if arguments.cookie {
        output::print(&format!("Cookie: {COOKIE}={}", token.expose()))
    } else {
        output::print(token.expose())
    }
}
