//! The agent's calls. It also answers the agent API's `$default` route, so that unknown paths and methods get a
//! problem of ours.

mod problems;
mod query;
mod request;

use std::{convert::Infallible, sync::Arc};

use api::Host;
use boot::{Boot, SettingsError};
use lambda_http::{Body, Request, Response};
use model::{clock::Clock, license::LicenseKeys, scope::PLATFORM_SHARDS};
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
    api::serve(request, Host::Agent, "agent-invoke", app.clock.as_ref(), |call, _| async move {
        query::query(app, &call).await
    })
    .await
}
