//! `audit list`

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jiff::Timestamp;
use model::{
    audit::AuditAction,
    ids::{ConnectorName, TenantId},
};
use store::{AuditFilter, AuditPosition, AuditReader, StoredAuditEntry};

use crate::{
    context::{AuditTable, Context, TableName},
    failure::Failure,
    output::OutputFormat,
    when::{When, when},
};

/// The actions that can be asked for.
const ACTIONS: [AuditAction; 7] = [
    AuditAction::ConnectorCreate,
    AuditAction::ConnectorUpdate,
    AuditAction::ConnectorDelete,
    AuditAction::ConnectorTest,
    AuditAction::QueryRefused,
    AuditAction::Execute,
    AuditAction::ExecuteRefused,
];

const AFTER: &str = "\
Examples:
    connectorctl audit list --tenant acme --since 24h
    connectorctl audit list --tenant acme --connector crm-primary --action connector_update --output json
    connectorctl audit list --who ann@acme.example --since 2026-11-01 --until 2026-12-01 --limit 1000

With --tenant the entries are found by key. Without it the whole table is read, whatever the other flags say: that
takes long, and costs, where the table is large. An execute whose result is `unknown` was begun, and how it ended
was not stored. JSON also has the records before and after, masked, and what was asked of the upstream.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Only entries about connectors of this tenant
    #[arg(long, value_parser = TenantId::parse)]
    tenant: Option<TenantId>,
    /// Only entries about this connector
    #[arg(long, value_name = "NAME", value_parser = ConnectorName::parse)]
    connector: Option<ConnectorName>,
    /// Only entries of this action
    #[arg(long, value_parser = actions())]
    action: Option<AuditAction>,
    /// Only entries whose actor holds this text; actors read session:USER and license:SUBJECT#ID
    #[arg(long, value_name = "TEXT")]
    who: Option<String>,
    /// From when on: so long ago (24h, 7d), a date (its first moment, UTC) or a moment
    #[arg(long, value_name = "WHEN", value_parser = when)]
    since: Option<When>,
    /// Before when, in the same forms
    #[arg(long, value_name = "WHEN", value_parser = when)]
    until: Option<When>,
    /// How many entries at most, from 1; the newest are shown
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    table: AuditTable,
    #[command(flatten)]
    output: OutputFormat,
}

fn actions() -> impl TypedValueParser<Value = AuditAction> {
    PossibleValuesParser::new(ACTIONS.map(AuditAction::as_str))
        .try_map(|word| ACTIONS.into_iter().find(|action| action.as_str() == word).ok_or("no such action"))
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let filter = filter(context, arguments)?;
    let entries = newest(context, arguments, &filter).await?;
    let row = |entry: &StoredAuditEntry| {
        [
            entry.at.to_string(),
            entry.tenant_id.to_string(),
            entry.connector_name.to_string(),
            entry.action.clone(),
            entry.who.clone(),
            entry.result.clone(),
        ]
    };
    let header = ["AT", "TENANT", "CONNECTOR", "ACTION", "WHO", "RESULT"];
    arguments.output.list(&entries, header, row, "no entries")
}

fn filter(context: &Context, arguments: &Arguments) -> Result<AuditFilter, Failure> {
    let now = context.now();
    let moment = |when: Option<When>, flag: &str| {
        let at = |when: When| {
            when.ago(now).ok_or_else(|| Failure::usage(format!("{flag} lies beyond the calendar")))
        };
        when.map(at).transpose()
    };
    let (since, until) = (moment(arguments.since, "--since")?, moment(arguments.until, "--until")?);
    if since.zip(until).is_some_and(|(since, until): (Timestamp, Timestamp)| since >= until) {
        return Err(Failure::usage("--since must lie before --until"));
    }
    Ok(AuditFilter {
        tenant: arguments.tenant.clone(),
        connector: arguments.connector.clone(),
        action: arguments.action,
        // The store takes no empty text, and every actor holds it.
        who: arguments.who.clone().filter(|who| !who.is_empty()),
        since,
        until,
    })
}

/// The newest entries, up to the limit. One tenant's come in order, so that reading ends there; across tenants
/// everything is read and no more than a few pages are held.
async fn newest(
    context: &Context,
    arguments: &Arguments,
    filter: &AuditFilter,
) -> Result<Vec<StoredAuditEntry>, Failure> {
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let store = context.dynamo(&arguments.table).await?;
    let (mut entries, mut after): (Vec<StoredAuditEntry>, Option<AuditPosition>) = (Vec::new(), None);
    loop {
        let page = store.list(filter, after.as_ref(), context.soon()).await;
        let page = page.map_err(|error| Failure::store(arguments.table.name(), &error))?;
        entries.extend(page.entries);
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
        let full = entries.len() >= limit;
        entries.truncate(limit);
        after = page.next;
        if after.is_none() || (full && filter.tenant.is_some()) {
            return Ok(entries);
        }
    }
}
