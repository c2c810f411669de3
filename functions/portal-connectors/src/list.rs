//! `GET /api/v1/connectors`
//!
//! Pages are by key, not by offset: a record created or deleted meanwhile neither hides another nor shows it
//! twice. A page ends at its limit or where Lambda's response would overflow, and the store is read only as far
//! as the page needs.

mod parameters;

use api::{
    Answer, Call,
    document::portal::{Always, InSession},
    routes::CONNECTORS,
};
use model::{
    connector_type::ConnectorType,
    cursor::Cursor,
    health::HealthStatus,
    ids::TenantId,
    problem::Problem,
    record::RecordView,
    rules::DeploymentMode,
    session::Session,
    wire::{RESPONSE_LIMIT, escaped_len},
};
use store::{Filter, Page, Position};
use url::form_urlencoded;

use crate::App;
use parameters::ListParameters;

/// Records without `limit`.
const UNLIMITED: usize = 1_000;
/// The largest `limit`.
const MAX_LIMIT: usize = 200;
const PARAMETERS: [&str; 6] = ["connector_type", "enabled", "health_status", "limit", "cursor", "tenant_id"];

/// List connectors.
///
/// The session's tenant's, or in `invpc` everybody's, sorted by tenant and name. A page ends at `limit`, or earlier where
/// the response would grow too large; when more remain, the `link` header says where. In `invpc` the list across
/// tenants may lag a write by a moment. A query parameter that is not listed here, or is there twice, is 400.
#[utoipa::path(
    get,
    path = CONNECTORS,
    operation_id = "listConnectors",
    tag = "connectors",
    security(("session" = [])),
    params(ListParameters),
    responses(
        (
            status = 200,
            description = "The connectors.",
            body = Vec<RecordView<'static>>,
            headers(
                ("link" = String, description = "`<…>; rel=\"next\"` where more records remain, else absent."),
                ("x-request-id" = String, description = "Finds the request in every log.")
            )
        ),
        InSession, Always
    )
)]
pub(crate) async fn list(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    api::query::only(call, &PARAMETERS)?;
    let (filter, limit) = (filter(call)?, limit(call)?);
    let after = after(call, session)?;
    let Some(view) = view(app, call, session)? else { return Ok(Answer::json_text(200, "[]".to_owned())) };
    let page = collect(app, call, &view, &filter, after, limit).await?;
    let answer = Answer::json_text(200, format!("[{}]", page.records.join(",")));
    Ok(match page.next {
        None => answer,
        Some(position) => answer.with_header("link", next_link(call, session, position)),
    })
}

/// Whose records a list shows.
enum View {
    /// One tenant's.
    Tenant(TenantId),
    /// Every tenant's.
    Platform,
}

struct Collected {
    records: Vec<String>,
    next: Option<Position>,
}

/// Reads pages of the store until the list's own page is full.
async fn collect(
    app: &App,
    call: &Call,
    view: &View,
    filter: &Filter,
    mut after: Option<Position>,
    limit: usize,
) -> Result<Collected, Problem> {
    let mut records = Vec::new();
    let mut size = 0;
    // Where the page ended so far, and whether anything that fits the filter lies behind it.
    let mut end: Option<Position> = None;
    loop {
        // One record more than fits tells whether there is a next page, without a further request.
        let wanted = limit - records.len() + 1;
        let page = page(app, call, view, filter, after.as_ref(), wanted).await?;
        for record in &page.records {
            let json = serde_json::to_string(&record.view()).map_err(Problem::internal)?;
            size += escaped_len(&json) + 1;
            if records.len() == limit || (size > RESPONSE_LIMIT && !records.is_empty()) {
                return Ok(Collected { records, next: end });
            }
            records.push(json);
            end = Some(Position::behind(record));
        }
        after = page.next;
        if after.is_none() {
            return Ok(Collected { records, next: None });
        }
    }
}

async fn page(
    app: &App,
    call: &Call,
    view: &View,
    filter: &Filter,
    after: Option<&Position>,
    limit: usize,
) -> Result<Page, Problem> {
    Ok(match view {
        View::Tenant(tenant) => {
            app.connectors.page_of_tenant(tenant, filter, after, limit, call.deadline).await?
        }
        View::Platform => app.connectors.page_of_all(filter, after, limit, call.deadline).await?,
    })
}

/// Whose records the session sees under the given `tenant_id`; `None` where that is nobody's.
fn view(app: &App, call: &Call, session: &Session) -> Result<Option<View>, Problem> {
    let named = call.tenant_parameter()?;
    Ok(match (app.rules.mode, named) {
        (DeploymentMode::Saas, Some(named)) if named != session.tenant_id => None,
        (DeploymentMode::Saas, _) => Some(View::Tenant(session.tenant_id.clone())),
        (DeploymentMode::Invpc, Some(named)) => Some(View::Tenant(named)),
        (DeploymentMode::Invpc, None) => Some(View::Platform),
    })
}

fn filter(call: &Call) -> Result<Filter, Problem> {
    let connector_type = call.query("connector_type").map(|word| {
        ConnectorType::parse(word).ok_or_else(|| bad_parameter("connector_type", "is not a connector type"))
    });
    let enabled = call.query("enabled").map(|word| match word {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(bad_parameter("enabled", "must be true or false")),
    });
    let health_status = call.query("health_status").map(|word| {
        HealthStatus::parse(word)
            .ok_or_else(|| bad_parameter("health_status", "must be unknown, healthy or unhealthy"))
    });
    Ok(Filter {
        connector_type: connector_type.transpose()?,
        enabled: enabled.transpose()?,
        health_status: health_status.transpose()?,
    })
}

fn limit(call: &Call) -> Result<usize, Problem> {
    let Some(text) = call.query("limit") else { return Ok(UNLIMITED) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| bad_parameter("limit", &format!("must be an integer from 1 to {MAX_LIMIT}")))
}

fn after(call: &Call, session: &Session) -> Result<Option<Position>, Problem> {
    let Some(text) = call.query("cursor") else { return Ok(None) };
    let cursor = Cursor::decode(text, &session.tenant_id)
        .ok_or_else(|| bad_parameter("cursor", "is none that this list gave; start again without one"))?;
    Ok(Some(Position { tenant_id: cursor.tenant_id, connector_name: cursor.connector_name }))
}

fn next_link(call: &Call, session: &Session, position: Position) -> String {
    let cursor = Cursor {
        session_tenant: session.tenant_id.clone(),
        tenant_id: position.tenant_id,
        connector_name: position.connector_name,
    };
    let kept = call.query.iter().filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("cursor", &cursor.encode())
        .finish();
    format!("<{CONNECTORS}?{query}>; rel=\"next\"")
}

/// 400: a query parameter that can't be taken.
fn bad_parameter(name: &str, why: &str) -> Problem {
    Problem::bad_request(format!("The query parameter {name} {why}."))
}
