//! `connector show`

use clap::Args;
use model::ids::{ConnectorName, TenantId};
use serde_json::Value;

use super::portal::{Portal, PortalArguments};
use crate::{context::Context, failure::Failure, output::OutputFormat};

const AFTER: &str = "\
Examples:
    connectorctl connector show crm-primary
    connectorctl connector show crm-primary --tenant acme --output json

The ARN of the secret is masked, as the API masks it.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Name of the connector
    #[arg(value_parser = ConnectorName::parse)]
    name: ConnectorName,
    /// Whose connector, where several tenants have one of this name (mode invpc)
    #[arg(long, value_parser = TenantId::parse)]
    tenant: Option<TenantId>,
    #[command(flatten)]
    portal: PortalArguments,
    #[command(flatten)]
    output: OutputFormat,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let portal = Portal::new(context, &arguments.portal)?;
    let tenant = arguments.tenant.as_ref().map(TenantId::as_str);
    let record = portal.show(arguments.name.as_str(), tenant).await?;
    let members = record.as_object().into_iter().flatten();
    arguments.output.one(&record, members.map(|(name, member)| (name.as_str(), value(member))).collect())
}

/// A member of a record on one line.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
