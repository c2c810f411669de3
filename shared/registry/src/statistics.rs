//! What this container has counted, tenant by tenant, and the rows by which others hear of it.
//!
//! Counters only grow. A row holds one hour of them, so that a window of 24 hours can be added up: it is the
//! difference to what stood there when the hour began.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use model::{
    clock::{Clock, Moment},
    deadline::Deadline,
    ids::TenantId,
    statistics::{Counters, StatisticsRow},
};
use store::StatisticsWriter;
use telemetry::{Counter, Metrics};

use crate::cache::{Cause, Listener};

/// The least time between two rows of one tenant.
const INTERVAL: Duration = Duration::from_secs(5);
/// The longest that one write may take.
const WRITE: Duration = Duration::from_secs(2);
/// Tenants counted apart in one container. Beyond it all begin anew: a license for every tenant may name any number.
const MAX_TENANTS: usize = 10_000;

/// Something that is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Hit,
    Miss,
    Creation,
    Failure,
    ConnectionError,
    StaleServe,
}

impl Count {
    fn metric(self) -> Counter {
        match self {
            Self::Hit => Counter::CacheHits,
            Self::Miss => Counter::CacheMisses,
            Self::Creation => Counter::Loads,
            Self::Failure => Counter::LoadFailures,
            Self::ConnectionError => Counter::ConnectionErrors,
            Self::StaleServe => Counter::StaleServes,
        }
    }
}

/// The counters of one container.
pub(crate) struct Statistics {
    container: String,
    writer: Arc<dyn StatisticsWriter>,
    /// The same events for operators, who ask about functions and not about tenants.
    metrics: Metrics,
    clock: Arc<dyn Clock>,
    tenants: Mutex<HashMap<TenantId, Tenant>>,
}

#[derive(Default)]
struct Tenant {
    counted: Counters,
    last_eviction: Option<Timestamp>,
    last_factory_create: Option<Timestamp>,
    /// The hour of the current row, in hours since the epoch.
    hour: i64,
    /// What had been counted when that hour's row began, and when the last row was written.
    base: Counters,
    reported: Counters,
    written: Option<Moment>,
}

impl Statistics {
    pub(crate) fn new(
        container: String,
        writer: Arc<dyn StatisticsWriter>,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { container, writer, metrics, clock, tenants: Mutex::default() }
    }

    /// Counts something.
    pub(crate) fn count(&self, tenant: &TenantId, what: Count) {
        self.metrics.count(what.metric());
        self.with(tenant, |counted| {
            let counters = &mut counted.counted;
            match what {
                Count::Hit => counters.hits += 1,
                Count::Miss => counters.misses += 1,
                Count::Failure => counters.factory_failures += 1,
                Count::ConnectionError => counters.connection_errors += 1,
                Count::StaleServe => counters.stale_serves += 1,
                Count::Creation => {
                    counters.factory_creations += 1;
                    counted.last_factory_create = Some(self.clock.now().millis());
                }
            }
        });
    }

    /// The row to write now, if one is due.
    pub(crate) fn due(&self, tenant: &TenantId, cached: impl FnOnce() -> usize) -> Option<StatisticsRow> {
        let now = self.clock.now();
        let mut tenants = self.lock();
        let counted = tenants.get_mut(tenant)?;
        let soon = |written: Moment| {
            now.ticks.duration_since(written.ticks) < INTERVAL
                && now.wall.duration_since(written.wall).unsigned_abs() < INTERVAL
        };
        if counted.written.is_some_and(soon) {
            return None;
        }
        let hour = now.epoch_seconds().div_euclid(3600);
        if counted.hour != hour {
            (counted.hour, counted.base) = (hour, counted.reported);
        }
        (counted.reported, counted.written) = (counted.counted, Some(now));
        let row = StatisticsRow {
            tenant_id: tenant.clone(),
            container: self.container.clone(),
            hour,
            counters: counted.counted.since(counted.base),
            cached_connectors: 0,
            last_eviction: counted.last_eviction,
            last_factory_create: counted.last_factory_create,
            heard_at: now.millis(),
        };
        drop(tenants);
        Some(StatisticsRow { cached_connectors: cached().try_into().unwrap_or(u64::MAX), ..row })
    }

    /// Stores a row.
    pub(crate) async fn write(&self, row: &StatisticsRow) {
        let deadline = Deadline::after(self.clock.now(), WRITE);
        if let Err(error) = self.writer.put(row, deadline).await {
            tracing::warn!(%error, "cache statistics not written");
        }
    }

    fn with(&self, tenant: &TenantId, change: impl FnOnce(&mut Tenant)) {
        let mut tenants = self.lock();
        if let Some(counted) = tenants.get_mut(tenant) {
            return change(counted);
        }
        if tenants.len() >= MAX_TENANTS {
            tenants.clear();
        }
        change(tenants.entry(tenant.clone()).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Statistics {
    fn evicted(&self, tenant: &TenantId, cause: Cause) {
        tracing::debug!(%tenant, ?cause, "instance left the cache");
        // That instances leave by age or by a change is how it should be; that they leave for want of room is not.
        if cause == Cause::Capacity {
            self.metrics.count(Counter::CapacityEvictions);
        }
        let now = self.clock.now().millis();
        self.with(tenant, |counted| {
            counted.counted.evictions += 1;
            counted.last_eviction = Some(now);
        });
    }
}
