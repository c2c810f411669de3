//! `GET /api/v1/connectors/cache/stats`: what the caches of all containers did. The container that answers has no part
//! in it: the figures come from the rows that the containers of the agent's calls write.
//!
//! Of the tables it reads `licenses` and `cache_stats`.

mod document;
mod view;

use std::{convert::Infallible, sync::Arc};

use api::{
    Answer, Call, Host,
    document::agent::{Licensed, TenantHeader, TenantQuery},
    license_auth, query, routes,
};
use boot::Boot;
use lambda_http::{Body, Request, Response};
use model::{
    clock::Clock,
    license::{LicenseKeys, Scope},
    problem::Problem,
};
use store::{LicenseReader, StatisticsReader};

use crate::view::Statistics;

pub use document::Document;

/// What the function works with.
pub struct App {
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
    api::serve(request, Host::Agent, "cache-stats", app.clock.as_ref(), |call, _| async move {
        statistics(app, &call).await
    })
    .await
}

/// Count what the caches did
///
/// Sums over the containers of all agents' calls, not of the one that answers. Counters are kept by the hour, and
/// every hour that reaches into the last 24 counts whole (`window`); `cached_connectors` and `instances` are those of
/// the containers heard of in the last 60 seconds. Containers tell their figures at most every 5 seconds, with a call.
///
/// Needs the scope `stats`. A license for all tenants sees the sum, `by_tenant` and `by_instance`; `tenant_id`,
/// `X-Tenant-ID` or the user name narrows it to one.
#[utoipa::path(
    get, path = routes::CACHE_STATS, operation_id = "getCacheStats", tag = "cache",
    params(TenantQuery, TenantHeader),
    responses((status = 200, description = "The figures as of `timestamp`.", body = Statistics), Licensed)
)]
async fn statistics(app: &App, call: &Call) -> Result<Answer, Problem> {
    let caller = license_auth::authenticate(call, &app.license_keys, Scope::Stats)?;
    query::only(call, &["tenant_id"])?;
    let tenant = caller.tenant_or_all(call, call.query("tenant_id"))?;
    if let Some(tenant) = &tenant {
        tracing::Span::current().record("tenant", tenant.as_str());
    }
    caller.require_unrevoked(call, app.licenses.as_ref()).await?;
    let rows = match &tenant {
        Some(tenant) => app.statistics.of_tenant(tenant, call.deadline).await?,
        None => app.statistics.all(call.deadline).await?,
    };
    Answer::json(200, &Statistics::new(&rows, app.clock.now(), tenant.is_none()))
}
