//! From a tenant and a connector's name to a governed call of its upstream.
//!
//! One call: read the markers, take the instance that was loaded under them (or load one), judge, and only then
//! speak to the upstream. An execute also stores its intent before. [`Runtime`] is what one container holds.

mod advice;
pub mod cache;
mod call;
mod error;
mod execute;
mod governance;
mod health;
mod instance;
mod list;
mod live_test;
mod loader;
mod policy_info;
mod query;
mod reporting;
mod secret;
mod statistics;
mod upstream;

use std::{sync::Arc, time::Duration};

use model::{clock::Clock, entropy::Entropy, scope::PLATFORM_SHARDS};
use store::{AuditWriter, LicenseReader, MarkerReader, StatisticsWriter, TenantDirectory};
use telemetry::Metrics;

pub use call::{Call, CallLog};
pub use error::{CallError, LoadError};
pub use execute::ExecuteAnswer;
pub use health::HealthReport;
pub use list::Listed;
pub use live_test::{LiveTest, Tested};
pub use loader::{Configured, Loader};
pub use policy_info::{ExfiltrationCheck, PolicyInfo};
pub use query::QueryAnswer;

use crate::{cache::WarmCache, call::FailedLoad, instance::Instance, statistics::Statistics};

/// What a container's runtime works with.
pub struct Parts {
    /// Configuration, secrets and the way out.
    pub loader: Loader,
    /// The tenant's records, for listings.
    pub directory: Arc<dyn TenantDirectory>,
    /// The generation counters and revoked licenses.
    pub markers: Arc<dyn MarkerReader>,
    /// Revoked licenses alone.
    pub licenses: Arc<dyn LicenseReader>,
    /// Where executes and refusals are noted.
    pub audit: Arc<dyn AuditWriter>,
    /// Where the container's counters go.
    pub statistics: Arc<dyn StatisticsWriter>,
    /// What operators are told.
    pub metrics: Metrics,
    /// How long an instance serves.
    pub cache_ttl: Duration,
    /// How many instances are kept.
    pub cache_capacity: usize,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// The runtime of one container, with its warm cache.
pub struct Runtime {
    loader: Loader,
    directory: Arc<dyn TenantDirectory>,
    markers: Arc<dyn MarkerReader>,
    licenses: Arc<dyn LicenseReader>,
    audit: Arc<dyn AuditWriter>,
    cache: WarmCache<Instance, FailedLoad>,
    statistics: Arc<Statistics>,
    metrics: Metrics,
    /// The platform counter that this container reads.
    shard: u8,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Runtime {
    /// A container that has loaded nothing yet.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            loader, directory, markers, licenses, audit, statistics, metrics, clock, entropy, ..
        } = parts;
        let container = entropy.uuid().to_string();
        let statistics = Statistics::new(container, statistics, metrics.clone(), Arc::clone(&clock));
        let statistics = Arc::new(statistics);
        let cache = WarmCache::new(parts.cache_capacity, parts.cache_ttl, Arc::clone(&clock))
            .with_listener(statistics.clone());
        let mut shard = [0];
        entropy.fill(&mut shard);
        let [shard] = shard.map(|byte| byte % PLATFORM_SHARDS);
        Self {
            loader,
            directory,
            markers,
            licenses,
            audit,
            cache,
            statistics,
            metrics,
            shard,
            clock,
            entropy,
        }
    }
}
