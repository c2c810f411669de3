//! The three refresh routes. A refresh raises a counter that every call reads first, so it reaches every container,
//! frozen ones too, with the next call; nobody is told and nothing is looked up: what is refreshed need not exist.
//!
//! Of the tables it updates `generations` and reads `licenses` and `cache_stats`.

mod answer;
mod document;
mod scope;

use std::{convert::Infallible, sync::Arc, time::Duration};

use api::{Answer, Call, Host, body, license_auth, query, routes::Route};
use boot::Boot;
use lambda_http::{Body, Request, Response};
use model::{
    clock::Clock,
    deadline::Deadline,
    license::{LicenseKeys, Scope},
    problem::Problem,
    totals::Totals,
};
use store::{GenerationWriter, LicenseReader, RefreshScope, StatisticsReader, StoreError};

use crate::answer::Refreshed;

/// How long the statistics may take: they go with the answer, and a refresh is not to wait for them.
const STATISTICS: Duration = Duration::from_secs(2);

pub use document::Document;

/// What the function works with.
pub struct App {
    /// The counters.
    pub generations: Arc<dyn GenerationWriter>,
    /// The revoked licenses.
    pub licenses: Arc<dyn LicenseReader>,
    /// What the caches did.
    pub statistics: Arc<dyn StatisticsReader>,
    /// The keys that licenses are verified by.
    pub license_keys: LicenseKeys,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl App {
    /// One container of the function.
    pub fn new(boot: &Boot) -> Self {
        let store = Arc::new(boot.dynamo());
        Self {
            generations: store.clone(),
            licenses: store.clone(),
            statistics: store,
            license_keys: boot.settings.license_keys.clone(),
            clock: Arc::clone(&boot.clock),
        }
    }
}

/// Answers one request.
pub async fn handle(app: Arc<App>, request: Request) -> Result<Response<Body>, Infallible> {
    let app = &app;
    api::serve(request, Host::Agent, "agent-refresh", app.clock.as_ref(), |call, route| async move {
        refresh(app, &call, route).await
    })
    .await
}

async fn refresh(app: &App, call: &Call, route: &Route) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Refresh)?;
    query::only(call, &[])?;
    body::ignored(call, body::AGENT_LIMIT)?;
    let scope = scope::of(call, route, &caller)?;
    caller.require_unrevoked(call, app.licenses.as_ref()).await?;
    // Beside each other: statistics that fail neither stop a refresh nor undo one that has happened.
    let (generation, totals) =
        tokio::join!(app.generations.bump(&scope, call.deadline), totals(app, call, &scope));
    let totals = totals.inspect_err(|error| tracing::warn!(%error, "statistics not read")).ok();
    let took = app.clock.now().ticks.duration_since(call.started.ticks);
    Answer::json(200, &Refreshed::new(&scope, generation?, totals.as_ref(), took))
}

/// The figures of everything, or of the tenant whose connectors are refreshed.
async fn totals(app: &App, call: &Call, scope: &RefreshScope) -> Result<Totals, StoreError> {
    let now = app.clock.now();
    let deadline = Deadline::after(now, STATISTICS).earliest(call.deadline);
    let rows = match scope {
        RefreshScope::All => app.statistics.all(deadline).await?,
        RefreshScope::Tenant(tenant) | RefreshScope::Connector(tenant, _) => {
            app.statistics.of_tenant(tenant, deadline).await?
        }
    };
    Ok(Totals::of(&rows, now.wall))
}
