//! The agent's calls: queries, executes, listings and health. It owns the warm cache of its container, and answers
//! the agent API's `$default` route, so that unknown paths and methods get a problem of ours.

mod answers;
mod caller;
mod document;
mod execute;
mod health;
mod list;
mod problems;
mod query;
mod request;
mod request_schema;

use std::{convert::Infallible, sync::Arc};

use api::{Answer, Call, Host, routes};
use boot::{Boot, SettingsError};
use lambda_http::{Body, Request, Response};
use model::{clock::Clock, license::LicenseKeys, problem::Problem};
use registry::{Loader, Parts, Runtime};

pub use document::Document;

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
        let loader = Loader {
            connectors: store.clone(),
            tiers: boot.tiers()?,
            secrets: Arc::new(boot.secrets()),
            secret_tag: boot.settings.secret_tag,
            egress: boot.egress()?,
        };
        let runtime = Runtime::new(Parts {
            loader,
            directory: store.clone(),
            markers: store.clone(),
            licenses: store.clone(),
            audit: store.clone(),
            statistics: store,
            metrics: boot.metrics.clone(),
            cache_ttl: boot.settings.cache_ttl,
            cache_capacity: boot.settings.cache_capacity,
            clock: Arc::clone(&boot.clock),
            entropy: Arc::clone(&boot.entropy),
        });
        Ok(Self { runtime, license_keys: boot.settings.license_keys.clone(), clock: Arc::clone(&boot.clock) })
    }
}

/// Answers one request.
pub async fn handle(app: Arc<App>, request: Request) -> Result<Response<Body>, Infallible> {
    let app = &app;
    api::serve(request, Host::Agent, "agent-invoke", app.clock.as_ref(), |call, route| async move {
        answer(app, &call, route.template).await
    })
    .await
}

async fn answer(app: &App, call: &Call, template: &str) -> Result<Answer, Problem> {
    match template {
        routes::OPENAPI => Ok(Answer::json_text(200, api::openapi::AGENT.to_owned())),
        routes::QUERY => query::query(app, call).await,
        routes::EXECUTE => execute::execute(app, call).await,
        routes::AGENT_CONNECTORS => list::list(app, call).await,
        _ => health::health(app, call).await,
    }
}
