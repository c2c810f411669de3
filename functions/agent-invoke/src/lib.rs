//! The agent's calls. It also answers the agent API's `$default` route, so that unknown paths and methods get a
//! problem of ours.

mod problems;
mod query;
mod request;

use std::{convert::Infallible, sync::Arc};

use api::{
    Answer, Call, Host, license_auth,
    routes::{EXECUTE, QUERY, Route},
};
use boot::{Boot, SettingsError};
use lambda_http::{Body, Request, Response};
use model::{
    clock::Clock,
    license::{LicenseKeys, Scope},
    problem::Problem,
    scope::PLATFORM_SHARDS,
};
use registry::Runtime;

/// What the function works with.
pub struct App {
    /// The runtime of this container.
    pub runtime: Runtime,
    /// The keys that licenses are verified by.
    pub license_keys: LicenseKeys,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl App {
    /// One container of the function.
    pub fn new(boot: &Boot) -> Result<Self, SettingsError> {
        let store = Arc::new(boot.dynamo());
        let mut shard = [0];
        boot.entropy.fill(&mut shard);
        let [shard] = shard;
        let runtime = Runtime {
            connectors: store.clone(),
            markers: store.clone(),
            audit: store,
            secrets: Arc::new(boot.secrets()),
            egress: boot.egress()?,
            secret_tag: boot.settings.secret_tag,
            shard: shard % PLATFORM_SHARDS,
            clock: Arc::clone(&boot.clock),
            entropy: Arc::clone(&boot.entropy),
        };
        Ok(Self { runtime, license_keys: boot.settings.license_keys.clone(), clock: Arc::clone(&boot.clock) })
    }
}

/// Answers one request.
pub async fn handle(app: Arc<App>, request: Request) -> Result<Response<Body>, Infallible> {
    let app = &app;
    api::serve(request, Host::Agent, "agent-invoke", app.clock.as_ref(), |call, route| async move {
        match route.template {
            QUERY => query::query(app, &call).await,
            _ => not_available(app, &call, route),
        }
    })
    .await
}

/// 501, to who may ask: the route is documented, and this version does not answer it.
fn not_available(app: &App, call: &Call, route: &Route) -> Result<Answer, Problem> {
    let scope = if route.template == EXECUTE { Scope::Execute } else { Scope::Query };
    license_auth::authenticate(call, &app.license_keys, scope)?;
    let detail = format!("This version does not answer {} yet.", route.key());
    Err(Problem::new(501, "route-not-available", "Route not available", detail))
}
