//! What one container has counted for one tenant, as it is stored for everyone to add up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::TenantId;

/// What happened in the cache. Each only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Calls answered by a cached instance.
    pub hits: u64,
    /// Calls that found none.
    pub misses: u64,
    /// Instances that left the cache, for whatever cause.
    pub evictions: u64,
    /// Instances that were made.
    pub factory_creations: u64,
    /// Instances that could not be made.
    pub factory_failures: u64,
    /// Calls whose upstream could not be reached.
    pub connection_errors: u64,
    /// Queries answered from the cache while the generation marker could not be read.
    pub stale_serves: u64,
}

/// One hour of one container for one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatisticsRow {
    /// Whose calls were counted.
    pub tenant_id: TenantId,
    /// The container.
    pub container: String,
    /// The hour in which the counting began, in hours since the epoch: a container begins a new row each hour, so
    /// that a window of 24 hours can be added up.
    pub hour: i64,
    /// What was counted in it.
    #[serde(flatten)]
    pub counters: Counters,
    /// Instances of the tenant in the container's cache.
    pub cached_connectors: u64,
    /// When an instance of the tenant last left the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_eviction: Option<Timestamp>,
    /// When an instance of the tenant was last made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_factory_create: Option<Timestamp>,
    /// When the container last wrote the row.
    pub heard_at: Timestamp,
}

impl Counters {
    /// What was counted since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            hits: self.hits - earlier.hits,
            misses: self.misses - earlier.misses,
            evictions: self.evictions - earlier.evictions,
            factory_creations: self.factory_creations - earlier.factory_creations,
            factory_failures: self.factory_failures - earlier.factory_failures,
            connection_errors: self.connection_errors - earlier.connection_errors,
            stale_serves: self.stale_serves - earlier.stale_serves,
        }
    }

    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            misses: self.misses + other.misses,
            evictions: self.evictions + other.evictions,
            factory_creations: self.factory_creations + other.factory_creations,
            factory_failures: self.factory_failures + other.factory_failures,
            connection_errors: self.connection_errors + other.connection_errors,
            stale_serves: self.stale_serves + other.stale_serves,
        }
    }
}
