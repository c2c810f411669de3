//! What one container has counted for one tenant, as it is stored for everyone to add up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::TenantId;

/// What happened in the cache. Each only grows. One that is missing from a stored row stands at 0: while a deployment
/// is replaced, containers of the older version write rows without the newer version's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    /// The sum of both, each at most the largest number there is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits.saturating_add(other.hits),
            misses: self.misses.saturating_add(other.misses),
            evictions: self.evictions.saturating_add(other.evictions),
            factory_creations: self.factory_creations.saturating_add(other.factory_creations),
            factory_failures: self.factory_failures.saturating_add(other.factory_failures),
            connection_errors: self.connection_errors.saturating_add(other.connection_errors),
            stale_serves: self.stale_serves.saturating_add(other.stale_serves),
        }
    }

    /// What was counted since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            hits: self.hits.saturating_sub(earlier.hits),
            misses: self.misses.saturating_sub(earlier.misses),
            evictions: self.evictions.saturating_sub(earlier.evictions),
            factory_creations: self.factory_creations.saturating_sub(earlier.factory_creations),
            factory_failures: self.factory_failures.saturating_sub(earlier.factory_failures),
            connection_errors: self.connection_errors.saturating_sub(earlier.connection_errors),
            stale_serves: self.stale_serves.saturating_sub(earlier.stale_serves),
        }
    }

    /// How many of a hundred look-ups found an instance, to one decimal; 0 where nothing was looked up.
    pub fn hit_rate_percent(self) -> f64 {
        let (hits, lookups) = (u128::from(self.hits), u128::from(self.hits) + u128::from(self.misses));
        // Rounded in whole numbers, so that equal counts give equal text.
        let per_mille = (hits * 1000 + lookups / 2).checked_div(lookups).unwrap_or(0);
        f64::from(u16::try_from(per_mille).unwrap_or(1000)) / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hit_rate_lies_between_0_and_100_and_is_0_where_nothing_was_looked_up() {
        for (hits, misses, expected) in [
            (0, 0, 0.0),
            (0, 7, 0.0),
            (7, 0, 100.0),
            (2, 1, 66.7),
            (1, 2, 33.3),
            (1, 1999, 0.1),
            (1, 2001, 0.0),
            (u64::MAX, u64::MAX, 50.0),
            (u64::MAX, 0, 100.0),
        ] {
            let counters = Counters { hits, misses, ..Counters::default() };
            assert!((counters.hit_rate_percent() - expected).abs() < f64::EPSILON, "{hits} of {misses}");
        }
    }

    #[test]
    fn each_counter_is_added_to_and_taken_from_itself_and_never_wraps() {
        let one = Counters {
            hits: 1,
            misses: 2,
            evictions: 3,
            factory_creations: 4,
            factory_failures: 5,
            connection_errors: 6,
            stale_serves: u64::MAX,
        };
        let sum = Counters {
            hits: 2,
            misses: 4,
            evictions: 6,
            factory_creations: 8,
            factory_failures: 10,
            connection_errors: 12,
            stale_serves: u64::MAX,
        };
        assert_eq!(one.plus(one), sum);
        // What was counted since is what the sum has more; since a later reading nothing.
        assert_eq!(sum.since(one), Counters { stale_serves: 0, ..one });
        assert_eq!(one.since(sum), Counters::default());
    }

    #[test]
    fn a_row_of_a_version_that_counted_less_is_read() {
        let row = serde_json::json!({
            "tenant_id": "tenant-a", "container": "c", "hour": 1, "hits": 3, "cached_connectors": 2,
            "heard_at": "2026-07-10T19:19:05Z",
        });
        let row: StatisticsRow = serde_json::from_value(row).unwrap();
        assert_eq!(row.counters, Counters { hits: 3, ..Counters::default() });
    }
}
