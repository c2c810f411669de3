//! `connector list`

use clap::Args;
use model::ids::TenantId;
use serde_json::Value;

use super::portal::{Portal, PortalArguments};
use crate::{context::Context, failure::Failure, output::OutputFormat};

/// The records of one request; the API gives no more than this.
const PAGE: u32 = 200;

const AFTER: &str = "\
Examples:
    connectorctl connector list --api https://portal.example.com
    connectorctl connector list --type postgres --output json | jq -r '.[].connector_name'

In the mode `saas` the list is that of the session's tenant, in `invpc` that of the platform.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    #[command(flatten)]
    portal: PortalArguments,
    /// Only connectors of this tenant (mode invpc)
    #[arg(long, value_parser = TenantId::parse)]
    tenant: Option<TenantId>,
    /// Only connectors of this type, such as postgres
    #[arg(long = "type", value_name = "TYPE")]
    connector_type: Option<String>,
    /// Records per request, 1 to 200; all of them are printed
    #[arg(long, value_name = "N", default_value_t = PAGE, value_parser = clap::value_parser!(u32).range(1..=200))]
    page_size: u32,
    #[command(flatten)]
    output: OutputFormat,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let mut query = vec![("limit", arguments.page_size.to_string())];
    query.extend(arguments.tenant.as_ref().map(|tenant| ("tenant_id", tenant.to_string())));
    query.extend(arguments.connector_type.clone().map(|word| ("connector_type", word)));
    let records = Portal::new(context, &arguments.portal)?.list(&query).await?;
    let row = |record: &Value| {
        [
            "tenant_id",
            "connector_name",
            "connector_type",
            "enabled",
            "health_status",
            "updated_at",
            "display_name",
        ]
        .map(|name| record.get(name).map_or_else(|| "-".to_owned(), super::show::value))
    };
    let header = ["TENANT", "NAME", "TYPE", "ENABLED", "HEALTH", "UPDATED", "DISPLAY NAME"];
    arguments.output.list(&records, header, row, "no connectors")
}
