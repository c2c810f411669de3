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

/// The whole answer.
#[derive(Serialize)]
pub(crate) struct Statistics<'a> {
    #[serde(flatten)]
    figures: Figures,
    instances: u64,
    /// Every deployment has the cache.
    registry_enabled: bool,
    window: &'static str,
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_tenant: Option<BTreeMap<&'a TenantId, OfTenant>>,
    /// The containers heard of lately, by the names they gave themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_instance: Option<BTreeMap<&'a str, Figures>>,
}

#[derive(Serialize)]
struct Figures {
    cached_connectors: u64,
    hits: u64,
    misses: u64,
    evictions: u64,
    factory_creations: u64,
    factory_failures: u64,
    connection_errors: u64,
    hit_rate_percent: f64,
    // Null, and not left out, where nothing of the kind happened: the contract says so.
    last_eviction: Option<Timestamp>,
    last_factory_create: Option<Timestamp>,
}

#[derive(Serialize)]
struct OfTenant {
    #[serde(flatten)]
    figures: Figures,
    instances: u64,
}

impl<'a> Statistics<'a> {
    /// The rows as of a moment, with the parts of each tenant and container where they are for a caller's eyes.
    pub(crate) fn new(rows: &'a [StatisticsRow], now: Moment, parts: bool) -> Self {
        // What is shown is rounded; what is compared with the rows is not.
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
