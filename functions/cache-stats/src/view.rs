//! The statistics as the API shows them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::{
    clock::Moment,
    ids::TenantId,
    statistics::StatisticsRow,
    totals::{self, Totals},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What the caches of all containers did.
#[derive(Serialize, ToSchema)]
#[schema(as = CacheStats)]
pub(crate) struct Statistics<'a> {
    #[serde(flatten)]
    figures: Figures,
    /// Containers heard of in the last 60 seconds.
    instances: u64,
    /// Every deployment has the cache.
    registry_enabled: bool,
    /// What the counters cover.
    #[schema(examples("24h"))]
    window: &'static str,
    /// When it was added up.
    timestamp: Timestamp,
    /// The figures of each tenant; only for a license for all tenants that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, OfTenant>, required = false)]
    by_tenant: Option<BTreeMap<&'a TenantId, OfTenant>>,
    /// The containers heard of lately, by the names they gave themselves; where `by_tenant` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, Figures>, required = false)]
    by_instance: Option<BTreeMap<&'a str, Figures>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CacheFigures)]
struct Figures {
    /// Connectors loaded now.
    cached_connectors: u64,
    /// Calls that found their connector loaded.
    hits: u64,
    /// Calls that did not.
    misses: u64,
    /// Connectors that left a cache, for whatever cause.
    evictions: u64,
    /// Connectors that were loaded.
    factory_creations: u64,
    /// Connectors that could not be loaded.
    factory_failures: u64,
    /// Calls whose upstream could not be reached.
    connection_errors: u64,
    /// Hits in a hundred calls, to one decimal; 0 where there were none.
    #[schema(minimum = 0, maximum = 100)]
    hit_rate_percent: f64,
    // Null, and not left out, where nothing of the kind happened: the contract says so.
    /// When a connector last left a cache.
    #[schema(required)]
    last_eviction: Option<Timestamp>,
    /// When a connector was last loaded.
    #[schema(required)]
    last_factory_create: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CacheFiguresOfTenant)]
struct OfTenant {
    #[serde(flatten)]
    figures: Figures,
    /// Containers heard of in the last 60 seconds.
    instances: u64,
}

impl<'a> Statistics<'a> {
    /// The rows as of a moment, with the parts of each tenant and container where they are for a caller's eyes.
    pub(crate) fn new(rows: &'a [StatisticsRow], now: Moment, parts: bool) -> Self {
        // What is shown is cut to milliseconds; what is compared with the rows is not.
        let (shown, now) = (now.millis(), now.wall);
        let total = Totals::of(rows, now);
        let by_tenant = || {
            let parts = totals::by_tenant(rows, now).into_iter();
            let part = |part: Totals| OfTenant { figures: Figures::of(&part), instances: part.instances };
            parts.map(|(tenant, totals)| (tenant, part(totals))).collect()
        };
        let by_instance = || {
            let parts = totals::by_container(rows, now).into_iter();
            parts.map(|(container, totals)| (container, Figures::of(&totals))).collect()
        };
        Self {
            figures: Figures::of(&total),
            instances: total.instances,
            registry_enabled: true,
            window: totals::WINDOW,
            timestamp: shown,
            by_tenant: parts.then(by_tenant),
            by_instance: parts.then(by_instance),
        }
    }
}

impl Figures {
    fn of(totals: &Totals) -> Self {
        let counters = totals.counters;
        Self {
            cached_connectors: totals.cached_connectors,
            hits: counters.hits,
            misses: counters.misses,
            evictions: counters.evictions,
            factory_creations: counters.factory_creations,
            factory_failures: counters.factory_failures,
            connection_errors: counters.connection_errors,
            hit_rate_percent: counters.hit_rate_percent(),
            last_eviction: totals.last_eviction,
            last_factory_create: totals.last_factory_create,
        }
    }
}
