//! `GET /mcp/connectors`

use std::{iter::Peekable, time::Duration};

use api::{
    Answer, Call,
    document::agent::{Licensed as LicensedAnswers, TenantHeader, TenantQuery},
    license_auth, query, routes,
};
use futures_util::{StreamExt, stream};
use model::{
    connector_type::ConnectorType,
    cursor::Cursor,
    ids::{ConnectorName, TenantId},
    license::Scope,
    policy::OperationClass,
    problem::Problem,
    source::Source,
    wire::{RESPONSE_LIMIT, escaped_len},
};
use registry::Listed;
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::{App, answers::Timed, caller::Licensed, problems};

/// Connectors that are dialled at the same time.
const AT_ONCE: usize = 8;
/// The largest `limit`.
const MAX_LIMIT: usize = 200;
/// The longest that one of them may take: a listing waits for all.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Serialize, ToSchema)]
#[schema(as = ConnectorList)]
pub(crate) struct Listing {
    /// Sorted by name.
    connectors: Vec<Row>,
    /// How many this page has.
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
/// configuration file, its environment. Needs the scope `query`. A page ends at `limit`, or where the answer would grow
/// too large; when more remain, the `link` header says where.
#[utoipa::path(
    get, path = routes::AGENT_CONNECTORS, operation_id = "listConnectors", tag = "connectors",
    params(
        ("health" = Option<bool>, Query, nullable = false, example = false,
            description = "Asks each upstream whether it works, for 5 seconds at most; otherwise the last test tells."),
        ("limit" = Option<u32>, Query, nullable = false, minimum = 1, maximum = 200,
            description = "The most connectors of one page; as many as fit one answer unless given."),
        ("cursor" = Option<String>, Query, nullable = false,
            description = "Where a page begins: from the `link` header of the one before, for the same tenant."),
        TenantQuery, TenantHeader
    ),
    responses(
        (status = 200, description = "The connectors.", body = Listing, headers(
            ("link" = String, description = "`<…>; rel=\"next\"` where more connectors remain, else absent.")
        ), links(
            ("health" = (operation_id = "getConnectorHealth",
                parameters(("name" = "$response.body#/connectors/0/name")),
                description = "Whether the first one works.")))),
        LicensedAnswers, Timed
    )
)]
pub(crate) async fn list(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Query)?;
    query::only(call, &["cursor", "health", "limit", "tenant_id"])?;
    let licensed = Licensed::of(call, caller, call.query("tenant_id"))?;
    let (limit, after) = (limit(call)?, after(call, &licensed.tenant)?);
    let dial = dial(call)?;
    let license = &licensed.caller.license;
    let listed =
        app.runtime.list(&licensed.tenant, &license.jti, call.deadline).await.map_err(problems::of)?;
    let covered = listed.into_iter().filter(|listed| license.covers_connector(&listed.name));
    let mut left =
        covered.skip_while(|listed| after.as_ref().is_some_and(|after| listed.name <= *after)).peekable();
    let page = page(&mut left, limit)?;
    let next =
        left.peek().and(page.last()).map(|listed| next_link(call, &licensed.tenant, listed.name.clone()));
    let connectors: Vec<Row> = if dial {
        stream::iter(page.into_iter().map(|listed| dialled(app, call, &licensed, listed)))
            .buffered(AT_ONCE)
            .collect()
            .await
    } else {
        page.into_iter().map(|listed| row(listed, None)).collect()
    };
    let answer = Answer::json(200, &Listing { count: connectors.len(), connectors })?;
    Ok(match next {
        None => answer,
        Some(next) => answer.with_header("link", next),
    })
}

/// As many as fit one answer, and at least one.
fn page(left: &mut Peekable<impl Iterator<Item = Listed>>, limit: usize) -> Result<Vec<Listed>, Problem> {
    let (mut page, mut size) = (Vec::new(), 0);
    while let Some(listed) = left.peek().filter(|_| page.len() < limit) {
        let json = serde_json::to_string(&row(listed.clone(), Some(u64::MAX))).map_err(Problem::internal)?;
        size += escaped_len(&json) + 1;
        if size > RESPONSE_LIMIT && !page.is_empty() {
            break;
        }
        page.extend(left.next());
    }
    Ok(page)
}

fn limit(call: &Call) -> Result<usize, Problem> {
    let Some(text) = call.query("limit") else { return Ok(usize::MAX) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        Problem::bad_request(format!("The query parameter limit must be an integer from 1 to {MAX_LIMIT}."))
    })
}

/// The name behind which the page begins.
fn after(call: &Call, tenant: &TenantId) -> Result<Option<ConnectorName>, Problem> {
    let Some(text) = call.query("cursor") else { return Ok(None) };
    let cursor = Cursor::decode(text, tenant).ok_or_else(|| {
        Problem::bad_request("The query parameter cursor is not one that this list gave to this tenant.")
    })?;
    Ok(Some(cursor.connector_name))
}

/// The same list behind a name.
fn next_link(call: &Call, tenant: &TenantId, name: ConnectorName) -> String {
    let cursor = Cursor { session_tenant: tenant.clone(), tenant_id: tenant.clone(), connector_name: name };
    let kept = call.query.iter().filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("cursor", &cursor.encode())
        .finish();
    format!("<{}?{query}>; rel=\"next\"", routes::AGENT_CONNECTORS)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(number: usize) -> Listed {
        Listed {
            name: ConnectorName::parse(&format!("crm-{number:05}")).unwrap(),
            kind: ConnectorType::Amadeus,
            version: 1,
            healthy: None,
            source: Source::Database,
            read_only: false,
            operations: connectors::operations(ConnectorType::Amadeus),
        }
    }

    #[test]
    fn a_list_of_any_length_comes_in_answers_that_lambda_carries() {
        let all: Vec<Listed> = (0..1_000).map(listed).collect();
        let mut left = all.iter().cloned().peekable();
        let mut pages = Vec::new();
        while left.peek().is_some() {
            pages.push(page(&mut left, usize::MAX).unwrap());
        }
        assert!(pages.len() > 1, "the list is too short to tell");
        let names: Vec<ConnectorName> = pages.iter().flatten().map(|listed| listed.name.clone()).collect();
        assert_eq!(names, all.iter().map(|listed| listed.name.clone()).collect::<Vec<_>>());
        for page in pages {
            let connectors: Vec<Row> = page.into_iter().map(|listed| row(listed, None)).collect();
            let answer = serde_json::to_string(&Listing { count: connectors.len(), connectors }).unwrap();
            assert!(escaped_len(&answer) < RESPONSE_LIMIT + 100, "{}", answer.len());
        }
        assert_eq!(page(&mut all.into_iter().peekable(), 7).unwrap().len(), 7);
    }
}
