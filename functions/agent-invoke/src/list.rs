//! `GET /mcp/connectors`

use std::time::Duration;

use api::{
    Answer, Call,
    document::agent::{Licensed as LicensedAnswers, TenantHeader, TenantQuery},
    license_auth, query, routes,
};
use futures_util::{StreamExt, stream};
use model::{
    connector_type::ConnectorType, ids::ConnectorName, license::Scope, policy::OperationClass,
    problem::Problem, source::Source,
};
use registry::Listed;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{App, answers::Timed, caller::Licensed, problems};

/// Connectors that are dialled at the same time.
const AT_ONCE: usize = 8;
/// The longest that one of them may take: a listing waits for all.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Serialize, ToSchema)]
#[schema(as = ConnectorList)]
pub(crate) struct Listing {
    /// Sorted by name.
    connectors: Vec<Row>,
    /// How many there are.
    count: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ListedConnector)]
struct Row {
    name: ConnectorName,
    #[serde(rename = "type")]
    kind: ConnectorType,
    /// The version of its record.
    version: u64,
    /// What may be asked of it; a read-only one takes queries alone.
    capabilities: &'static [Capability],
    /// What the last test stored, or with `health=true` what the upstream says now; null where neither is known.
    #[schema(required)]
    healthy: Option<bool>,
    /// How long the upstream took; null unless it was asked.
    #[schema(required)]
    latency_ms: Option<u64>,
    source: Source,
    /// What it can do, where its type has a list.
    operations: Vec<Operation>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Capability {
    Query,
    Execute,
}

#[derive(Serialize, ToSchema)]
struct Operation {
    /// What `operation` or `action` names.
    #[schema(examples("GET"))]
    name: &'static str,
    class: OperationClass,
    /// What it does, in one line.
    summary: &'static str,
    /// The JSON Schema of its parameters.
    #[schema(value_type = Object)]
    parameters: Value,
}

/// List what an agent can call
///
/// The tenant's enabled connectors that the license covers, of all three tiers: records of the portal, the deployment's
/// configuration file, its environment. Needs the scope `query`.
#[utoipa::path(
    get, path = routes::AGENT_CONNECTORS, operation_id = "listConnectors", tag = "connectors",
    params(
        ("health" = Option<bool>, Query, nullable = false, example = false,
            description = "Asks each upstream whether it works, for 5 seconds at most; otherwise the last test tells."),
        TenantQuery, TenantHeader
    ),
    responses(
        (status = 200, description = "The connectors.", body = Listing, links(
            ("health" = (operation_id = "getConnectorHealth",
                parameters(("name" = "$response.body#/connectors/0/name")),
                description = "Whether the first one works.")))),
        LicensedAnswers, Timed
    )
)]
pub(crate) async fn list(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Query)?;
    query::only(call, &["health", "tenant_id"])?;
    let licensed = Licensed::of(call, caller, call.query("tenant_id"))?;
    let dial = dial(call)?;
    let license = &licensed.caller.license;
    let listed =
        app.runtime.list(&licensed.tenant, &license.jti, call.deadline).await.map_err(problems::of)?;
    let covered = listed.into_iter().filter(|listed| license.covers_connector(&listed.name));
    let connectors: Vec<Row> = if dial {
        stream::iter(covered.map(|listed| dialled(app, call, &licensed, listed)))
            .buffered(AT_ONCE)
            .collect()
            .await
    } else {
        covered.map(|listed| row(listed, None)).collect()
    };
    Answer::json(200, &Listing { count: connectors.len(), connectors })
}

fn dial(call: &Call) -> Result<bool, Problem> {
    match call.query("health") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::bad_request("The query parameter health must be true or false.")),
    }
}

/// A row with what its upstream says now. One that could not be asked, because the call's time was over or the store
/// did not answer, is neither healthy nor unhealthy.
async fn dialled(app: &App, call: &Call, licensed: &Licensed, listed: Listed) -> Row {
    let asked = licensed.look(call, &listed.name, Some(PATIENCE));
    let found = app.runtime.health(asked).await.ok();
    let latency = found.as_ref().map(|found| u64::try_from(found.latency.as_millis()).unwrap_or(u64::MAX));
    row(Listed { healthy: found.map(|found| found.failed.is_none()), ..listed }, latency)
}

fn row(listed: Listed, latency_ms: Option<u64>) -> Row {
    let operations = listed.operations.iter().map(|spec| Operation {
        name: spec.name,
        class: spec.class,
        summary: spec.summary,
        parameters: spec.schema(),
    });
    Row {
        operations: operations.collect(),
        name: listed.name,
        kind: listed.kind,
        version: listed.version,
        capabilities: if listed.read_only {
            &[Capability::Query]
        } else {
            &[Capability::Query, Capability::Execute]
        },
        healthy: listed.healthy,
        latency_ms,
        source: listed.source,
    }
}
