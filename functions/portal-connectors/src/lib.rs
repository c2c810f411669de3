//! The portal's records: list, create, read, update, delete. It also answers the portal's `$default` route, so
//! that unknown paths and methods get a problem of ours.

mod create;
mod delete;
mod document;
mod list;
mod read;
mod update;

use std::{convert::Infallible, sync::Arc};

use api::{
    Answer, Call, Host,
    routes::{CONNECTORS, OPENAPI},
    session_auth,
};
use boot::Boot;
use lambda_http::{Body, Request, Response};
use model::{
    clock::Clock,
    entropy::Entropy,
    etag::Precondition,
    ids::{ConnectorName, TenantId},
    problem::Problem,
    record::ConnectorRecord,
    rules::PortalRules,
    session::Session,
};
use store::{ConnectorStore, SessionStore};

pub use document::Document;

/// What the function works with.
pub struct App {
    /// The records.
    pub connectors: Arc<dyn ConnectorStore>,
    /// The sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// What bodies are checked against.
    pub rules: PortalRules,
    /// Sites besides the API's own that may write.
    pub allowed_origins: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}

impl App {
    /// One container of the function.
    pub fn new(boot: &Boot) -> Self {
        let store = Arc::new(boot.dynamo());
        Self {
            connectors: store.clone(),
            sessions: store,
            rules: boot.settings.portal_rules(),
            allowed_origins: boot.settings.allowed_origins.clone(),
            clock: Arc::clone(&boot.clock),
            entropy: Arc::clone(&boot.entropy),
        }
    }
}

/// Answers one request.
pub async fn handle(app: Arc<App>, request: Request) -> Result<Response<Body>, Infallible> {
    let app = &app;
    api::serve(request, Host::Portal, "portal-connectors", app.clock.as_ref(), |call, route| async move {
        if route.template == OPENAPI {
            return Ok(Answer::json_text(200, api::openapi::PORTAL.to_owned()));
        }
        let session = session_auth::authenticate(&call, app.sessions.as_ref(), &app.allowed_origins).await?;
        match (route.method, route.template) {
            ("GET", CONNECTORS) => list::list(app, &call, &session).await,
            ("POST", CONNECTORS) => create::create(app, &call, &session).await,
            ("GET", _) => read::read(app, &call, &session).await,
            ("PUT", _) => update::update(app, &call, &session).await,
            ("DELETE", _) => delete::delete(app, &call, &session).await,
            (method, template) => Err(Problem::internal(format!("no handler for {method} {template}"))),
        }
    })
    .await
}

/// The precondition of a write, for the OpenAPI document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the header is read by its name")]
pub(crate) struct IfMatchParameter {
    /// The `ETag` of the record that you read, or several of them, or `*`. The number of tests in it does not count: a
    /// test does not make a writer's copy stale.
    #[param(rename = "If-Match", value_type = String, required = false)]
    if_match: Option<String>,
}

/// A record with its tag.
fn record_answer(status: u16, record: &ConnectorRecord) -> Result<Answer, Problem> {
    Ok(Answer::json(status, &record.view())?.with_header("etag", record.etag().to_string()))
}

/// The tenant and name that a by-name route means.
async fn locate(app: &App, call: &Call, session: &Session) -> Result<(TenantId, ConnectorName), Problem> {
    api::target::locate(call, session, app.rules.mode, app.connectors.as_ref()).await
}

/// The record as it stands, where `If-Match` permits writing to it.
async fn writable(
    app: &App,
    call: &Call,
    tenant: &TenantId,
    name: &ConnectorName,
) -> Result<ConnectorRecord, Problem> {
    let record =
        app.connectors.get(tenant, name, call.deadline).await?.ok_or_else(Problem::connector_not_found)?;
    match call.header_lossy("if-match").map(|header| Precondition::parse(&header)) {
        Some(condition) if !condition.permits_write(record.etag()) => Err(stale(&record)),
        _ => Ok(record),
    }
}

/// 412: the record is no longer the one that the client saw.
fn stale(record: &ConnectorRecord) -> Problem {
    let detail = format!(
        "The connector has changed since you read it; it is at version {}. Read it again and repeat your change.",
        record.version
    );
    Problem::new(412, "stale-version", "Precondition failed", detail)
        .with_header("etag", record.etag().to_string())
}
