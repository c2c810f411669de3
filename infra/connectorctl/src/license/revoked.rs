//! `license revoked`

use clap::Args;
use jiff::Timestamp;
use store::{Revocation, RevocationReader};

use crate::{
    context::{Context, LicensesTable, TableName},
    failure::Failure,
    output::OutputFormat,
};

const AFTER: &str = "\
Examples:
    connectorctl license revoked
    connectorctl license revoked --output json | jq -r '.[].jti'

ENDS is when the license ends by itself, where that is known: its item can then be deleted.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    #[command(flatten)]
    table: LicensesTable,
    #[command(flatten)]
    output: OutputFormat,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let store = context.dynamo(&arguments.table).await?;
    let mut revocations: Vec<Revocation> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.revocations(after.as_deref(), context.soon()).await;
        let page = page.map_err(|error| Failure::store(arguments.table.name(), &error))?;
        revocations.extend(page.revocations);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    revocations.sort_by(|a, b| (b.revoked_at, &a.jti).cmp(&(a.revoked_at, &b.jti)));
    let at = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.to_string());
    let word = |word: &Option<String>| word.clone().unwrap_or("-".to_owned());
    let row = |one: &Revocation| {
        [one.jti.clone(), at(one.revoked_at), word(&one.by), at(one.until), word(&one.reason)]
    };
    arguments.output.list(
        &revocations,
        ["ID", "REVOKED", "BY", "ENDS", "REASON"],
        row,
        "no license is revoked",
    )
}
