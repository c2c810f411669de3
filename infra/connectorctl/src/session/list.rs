//! `session list`

use clap::Args;
use jiff::Timestamp;
use model::{
    ids::TenantId,
    session::{Role, Session},
};
use serde::Serialize;
use store::SessionFilter;

use super::{all, prefix, role_word};
use crate::{
    context::{Context, SessionsTable},
    failure::Failure,
    output::OutputFormat,
    when::shown,
};

const AFTER: &str = "\
Examples:
    connectorctl session list --tenant acme
    connectorctl session list --ended --output json

HASH is the beginning of the token's SHA-256: `session revoke` takes it, and it is no token. USED is exact to about
a minute.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Only sessions of this tenant
    #[arg(long, value_parser = TenantId::parse)]
    tenant: Option<TenantId>,
    /// Only sessions of this user
    #[arg(long)]
    user: Option<String>,
    /// Also sessions that have ended and that the table still holds
    #[arg(long)]
    ended: bool,
    #[command(flatten)]
    table: SessionsTable,
    #[command(flatten)]
    output: OutputFormat,
}

/// A session as programs read it.
#[derive(Serialize)]
struct Row {
    hash_prefix: String,
    tenant_id: TenantId,
    user: String,
    role: Role,
    created_at: Option<Timestamp>,
    last_seen_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let filter = SessionFilter { tenant: arguments.tenant.clone(), user: arguments.user.clone() };
    let store = context.dynamo(&arguments.table).await?;
    let mut sessions = all(context, &store, &arguments.table, &filter).await?;
    let now = context.now();
    sessions.retain(|session| arguments.ended || session.is_live(now));
    let at = |seconds| Timestamp::from_second(seconds).ok();
    let row = |session: &Session| Row {
        hash_prefix: prefix(&session.token_hash).to_owned(),
        tenant_id: session.tenant_id.clone(),
        user: session.user.clone(),
        role: session.role,
        created_at: at(session.created_at),
        last_seen_at: at(session.last_seen_at),
        ends_at: at(session.ends_at()),
    };
    let rows: Vec<Row> = sessions.iter().map(row).collect();
    let moment = |at: Option<Timestamp>| shown(at.map_or(0, Timestamp::as_second));
    let line = |row: &Row| {
        [
            row.hash_prefix.clone(),
            row.tenant_id.to_string(),
            row.user.clone(),
            role_word(row.role).to_owned(),
            moment(row.created_at),
            moment(row.last_seen_at),
            moment(row.ends_at),
        ]
    };
    let header = ["HASH", "TENANT", "USER", "ROLE", "BEGAN", "USED", "ENDS"];
    arguments.output.list(&rows, header, line, "no sessions")
}
