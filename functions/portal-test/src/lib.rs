//! The portal's test of one connector.

mod request;
mod simulated;

use std::{convert::Infallible, sync::Arc};

use api::{Answer, Call, Host, session_auth};
use boot::Boot;
use lambda_http::{Body, Request, Response};
use model::{
    clock::Clock,
    health::{Health, TestMode},
    problem::Problem,
    rules::DeploymentMode,
    session::Session,
};
use store::{ConnectorStore, SessionStore, Write};

/// What the function works with.
pub struct App {
    /// The records.
    pub connectors: Arc<dyn ConnectorStore>,
    /// The sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Who sees what.
    pub mode: DeploymentMode,
    /// Sites besides the API's own that may write.
    pub allowed_origins: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl App {
    /// One container of the function.
    pub fn new(boot: &Boot) -> Self {
        let store = Arc::new(boot.dynamo());
        Self {
            connectors: store.clone(),
            sessions: store,
            mode: boot.settings.mode,
            allowed_origins: boot.settings.allowed_origins.clone(),
            clock: Arc::clone(&boot.clock),
        }
    }
}

/// Answers one request.
pub async fn handle(app: Arc<App>, request: Request) -> Result<Response<Body>, Infallible> {
    let app = &app;
    api::serve(request, Host::Portal, "portal-test", app.clock.as_ref(), |call, _| async move {
        let session = session_auth::authenticate(&call, app.sessions.as_ref(), &app.allowed_origins).await?;
        test(app, &call, &session).await
    })
    .await
}

async fn test(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let body = api::body::optional(call, api::body::PORTAL_LIMIT)?;
    let (tenant, name) = api::target::locate(call, session, app.mode, app.connectors.as_ref()).await?;
    let record =
        app.connectors.get(&tenant, &name, call.deadline).await?.ok_or_else(Problem::connector_not_found)?;
    match request::mode(body.as_ref())? {
        TestMode::Simulated => {}
        TestMode::Live => return Err(live_not_available()),
    }
    let outcome = simulated::test(&record, app.clock.as_ref());
    let health = Health {
        status: outcome.health_status,
        last_check: Some(outcome.tested_at),
        last_error: (!outcome.success).then(|| outcome.message.clone()),
        ..record.health.clone()
    };
    let actor = session_auth::actor(call, session);
    match app.connectors.record_test(&record, &health, &actor, call.deadline).await? {
        Write::Stored => Answer::json(200, &outcome),
        // Deleted while it was tested.
        Write::Refused => Err(Problem::connector_not_found()),
    }
}

/// 501: the live test needs the whole runtime path, which this version does not reach from the portal.
fn live_not_available() -> Problem {
    let detail = "This version tests in the mode `simulated` only. To see a connector reach its upstream, send a \
                  query through the agent: POST /mcp/resources/query.";
    Problem::new(501, "live-test-not-available", "Live test not available", detail)
}
