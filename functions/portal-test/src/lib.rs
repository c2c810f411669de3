//! The portal's test of one connector.

mod document;
mod live;
mod outcome;
mod request;
mod simulated;

use std::{convert::Infallible, sync::Arc, time::Duration};

use api::{
    Answer, Call, Host,
    document::portal::{Always, ByName, InSession, Unsafe, WithBody},
    routes::CONNECTOR_TEST,
    session_auth,
    target::{NameParameter, TenantParameter},
};
use boot::{Boot, SettingsError};
use lambda_http::{Body, Request, Response};
use model::{
    clock::Clock,
    deadline::Deadline,
    health::{Health, TestMode},
    problem::Problem,
    record::ConnectorRecord,
    rules::DeploymentMode,
    session::Session,
};
use registry::{LiveTest, Loader};
use store::{SessionStore, TestStore, Write};
use telemetry::Metrics;

use crate::{outcome::Outcome, request::TestRequest};

/// What is kept back of a call to store the result of its test.
const TO_STORE: Duration = Duration::from_secs(2);

pub use document::Document;

/// What the function works with.
pub struct App {
    /// The records.
    pub connectors: Arc<dyn TestStore>,
    /// The runtime's way to an upstream.
    pub live: LiveTest,
    /// The sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// What operators are told.
    pub metrics: Metrics,
    /// Who sees what.
    pub mode: DeploymentMode,
    /// Sites besides the API's own that may write.
    pub allowed_origins: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl App {
    /// One container of the function.
    pub fn new(boot: &Boot) -> Result<Self, SettingsError> {
        let store = Arc::new(boot.dynamo());
        let loader = Loader {
            connectors: store.clone(),
            // The portal tests what it manages: records of the database.
            tiers: Arc::default(),
            secrets: Arc::new(boot.secrets()),
            secret_tag: boot.settings.secret_tag,
            egress: boot.egress()?,
        };
        Ok(Self {
            live: LiveTest { loader, clock: Arc::clone(&boot.clock) },
            connectors: store.clone(),
            sessions: store,
            metrics: boot.metrics.clone(),
            mode: boot.settings.mode,
            allowed_origins: boot.settings.allowed_origins.clone(),
            clock: Arc::clone(&boot.clock),
        })
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

/// Test a connector.
///
/// A simulated test looks at the record only, and is no production sign-off. A live one goes the way of an agent's call
/// (`exists`, `enabled`, `configuration`, `secret`, `name_resolution`, `egress`, `connect`, `tls`, `authenticate`, `call`)
/// and names the first stage that fails, with what to do. A test that fails is a 200 with `success` false. The result
/// is stored in the record and changes neither its `version` nor `updated_at`. Behind API Gateway a live test lasts no
/// longer than about 29 seconds, whatever `timeout_ms` says.
#[utoipa::path(
    post,
    path = CONNECTOR_TEST,
    operation_id = "testConnector",
    tag = "connectors",
    security(("session" = [])),
    params(NameParameter, TenantParameter),
    request_body(content = TestRequest, description = "How to test; simulated unless given."),
    responses(
        (
            status = 200,
            description = "What the test found.",
            body = Outcome,
            headers(("x-request-id" = String, description = "Finds the request in every log.")),
            links(
                ("get" = (operation_id = "getConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name")
                )))
            )
        ),
        InSession, Unsafe, ByName, WithBody, Always
    )
)]
async fn test(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let body = api::body::optional(call, api::body::PORTAL_LIMIT)?;
    let (tenant, name) = api::target::locate(call, session, app.mode, app.connectors.as_ref()).await?;
    let record =
        app.connectors.get(&tenant, &name, call.deadline).await?.ok_or_else(Problem::connector_not_found)?;
    let outcome = match request::mode(body.as_ref())? {
        TestMode::Simulated => simulated::test(&record, app.clock.as_ref()),
        TestMode::Live => live::test(app, &record, call.trace, upstream_deadline(app, call, &record)).await,
    };
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

/// What the upstream may take: what the call leaves, less the time to store the result, and no more than the record
/// says.
fn upstream_deadline(app: &App, call: &Call, record: &ConnectorRecord) -> Deadline {
    let now = app.clock.now();
    let left = call.deadline.left(now).unwrap_or_default().saturating_sub(TO_STORE);
    let own = Duration::from_millis(u64::from(record.timeout_ms));
    Deadline::after(now, left.min(own))
}
