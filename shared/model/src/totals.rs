//! What all containers together have counted, added up from their rows at one moment.
//!
//! Counters are sums over a day: those of every row whose hour reaches into the last 24 hours, so that nothing of the
//! day is missing; the oldest hour counts whole. How many instances are cached is a state and not a sum: it is what
//! each container said last, if it was heard of in the last 60 seconds; what fell silent holds nothing any more.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::{
    ids::TenantId,
    statistics::{Counters, StatisticsRow},
};

/// The window of the counters, as answers name it.
pub const WINDOW: &str = "24h";

/// Seconds in the window, and in an hour of a row.
const WINDOW_SECONDS: i64 = 24 * HOUR_SECONDS;
const HOUR_SECONDS: i64 = 3600;
/// How long after a row was written its container counts as running.
const HEARD: SignedDuration = SignedDuration::from_secs(60);

/// The figures of several rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sums over the window.
    pub counters: Counters,
    /// Instances in the caches of the containers heard of lately.
    pub cached_connectors: u64,
    /// The containers heard of lately.
    pub instances: u64,
    /// When an instance last left a cache, within the window.
    pub last_eviction: Option<Timestamp>,
    /// When an instance was last made, within the window.
    pub last_factory_create: Option<Timestamp>,
}

impl Totals {
    /// Adds up rows as of a moment.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r StatisticsRow>, now: Timestamp) -> Self {
        let mut totals = Self::default();
        // A container has one row for each hour and tenant; the newest tells what it holds for the tenant.
        let mut newest: BTreeMap<(&str, &TenantId), &StatisticsRow> = BTreeMap::new();
        for row in rows {
            if counts(row, now) {
                totals.counters = totals.counters.plus(row.counters);
                totals.last_eviction = totals.last_eviction.max(row.last_eviction);
                totals.last_factory_create = totals.last_factory_create.max(row.last_factory_create);
            }
            let known = newest.entry((&row.container, &row.tenant_id)).or_insert(row);
            if (known.heard_at, known.hour) < (row.heard_at, row.hour) {
                *known = row;
            }
        }
        let running = || newest.values().filter(|row| heard(row, now));
        totals.cached_connectors = running().fold(0, |sum, row| sum.saturating_add(row.cached_connectors));
        let containers: BTreeSet<&str> = running().map(|row| row.container.as_str()).collect();
        totals.instances = containers.len().try_into().unwrap_or(u64::MAX);
        totals
    }
}

/// The totals of each tenant that has rows.
pub fn by_tenant(rows: &[StatisticsRow], now: Timestamp) -> BTreeMap<&TenantId, Totals> {
    grouped(rows, now, |row| &row.tenant_id)
}

/// The totals of each container that was heard of lately: a day's worth of containers that have ended would be a list
/// without end.
pub fn by_container(rows: &[StatisticsRow], now: Timestamp) -> BTreeMap<&str, Totals> {
    let mut totals = grouped(rows, now, |row| row.container.as_str());
    totals.retain(|_, totals| totals.instances > 0);
    totals
}

fn grouped<'r, K: Ord>(
    rows: &'r [StatisticsRow],
    now: Timestamp,
    key: impl Fn(&'r StatisticsRow) -> K,
) -> BTreeMap<K, Totals> {
    let mut groups: BTreeMap<K, Vec<&StatisticsRow>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups.into_iter().map(|(key, rows)| (key, Totals::of(rows, now))).collect()
}

/// Whether the hour of a row reaches into the window. Clocks differ: an hour that is yet to come counts.
fn counts(row: &StatisticsRow, now: Timestamp) -> bool {
    let ended = row.hour.saturating_add(1).saturating_mul(HOUR_SECONDS);
    ended > now.as_second().saturating_sub(WINDOW_SECONDS)
}

fn heard(row: &StatisticsRow, now: Timestamp) -> bool {
    now.duration_since(row.heard_at) <= HEARD
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    const NOW: &str = "2026-07-10T19:30:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    /// A row that a container wrote so many milliseconds ago, in the hour that was then.
    fn row(tenant: &str, container: &str, ago_ms: i64, hits: u64) -> StatisticsRow {
        let heard_at = now() - ago_ms.milliseconds();
        StatisticsRow {
            tenant_id: TenantId::parse(tenant).unwrap(),
            container: container.to_owned(),
            hour: heard_at.as_second() / HOUR_SECONDS,
            counters: Counters { hits, ..Counters::default() },
            cached_connectors: 2,
            last_eviction: None,
            last_factory_create: None,
            heard_at,
        }
    }

    const HOUR: i64 = 3_600_000;

    #[test]
    fn nothing_adds_up_to_nothing() {
        assert_eq!(Totals::of(&[], now()), Totals::default());
    }

    #[test]
    fn counters_of_every_tenant_container_and_hour_are_added() {
        let rows =
            [row("a", "x", 0, 1), row("a", "x", HOUR, 10), row("a", "y", 0, 100), row("b", "x", 0, 1000)];
        assert_eq!(Totals::of(&rows, now()).counters.hits, 1111);
    }

    #[test]
    fn an_hour_counts_until_it_lies_wholly_before_the_window() {
        // At 19:30 the window opens at 19:30 the day before: the hour from 19:00 reaches into it, 18:00 to 19:00 not.
        let counted = |ago| Totals::of(&[row("a", "x", ago, 1)], now()).counters.hits;
        assert_eq!((counted(24 * HOUR + HOUR / 2), counted(24 * HOUR + HOUR / 2 + 1)), (1, 0));
        // At the full hour the hour that ended when the window opened is over.
        let full = |at: &str| Totals::of(&[row("a", "x", 24 * HOUR, 1)], at.parse().unwrap()).counters.hits;
        assert_eq!((full("2026-07-10T19:59:59.999Z"), full("2026-07-10T20:00:00Z")), (1, 0));
    }

    #[test]
    fn a_container_counts_as_running_for_60_seconds() {
        let totals = |ago_ms| Totals::of(&[row("a", "x", ago_ms, 1)], now());
        let (just, over) = (totals(60_000), totals(60_001));
        assert_eq!((just.instances, just.cached_connectors), (1, 2));
        assert_eq!((over.instances, over.cached_connectors), (0, 0));
        assert_eq!(over.counters.hits, 1);
    }

    #[test]
    fn a_clock_that_runs_ahead_is_no_reason_to_be_left_out() {
        let totals = Totals::of(&[row("a", "x", -2 * HOUR, 1)], now());
        assert_eq!((totals.instances, totals.cached_connectors, totals.counters.hits), (1, 2, 1));
    }

    #[test]
    fn only_the_newest_row_of_a_container_and_tenant_tells_what_is_cached() {
        // The container began a new hour a moment ago: both of its rows are fresh, in either order.
        let at: Timestamp = "2026-07-10T19:00:10Z".parse().unwrap();
        let ago = |seconds: i64| (now().as_second() - at.as_second() + seconds) * 1000;
        let (old, new) = (row("a", "x", ago(20), 1), row("a", "x", ago(0), 1));
        let new = StatisticsRow { cached_connectors: 5, ..new };
        assert_ne!(old.hour, new.hour);
        for rows in [[&old, &new], [&new, &old]] {
            let totals = Totals::of(rows, at);
            assert_eq!((totals.cached_connectors, totals.instances, totals.counters.hits), (5, 1, 2));
        }
    }

    #[test]
    fn a_container_of_two_tenants_is_one_instance_and_both_tenants_connectors() {
        let rows = [row("a", "x", 0, 1), row("b", "x", 0, 1), row("b", "y", 0, 1)];
        let totals = Totals::of(&rows, now());
        assert_eq!((totals.instances, totals.cached_connectors), (2, 6));
    }

    #[test]
    fn the_latest_eviction_and_creation_within_the_window_win() {
        let at = |text: &str| Some(text.parse().unwrap());
        let (early, late) = (at("2026-07-10T08:00:00Z"), at("2026-07-10T09:00:00Z"));
        let rows = [
            StatisticsRow { last_eviction: early, last_factory_create: late, ..row("a", "x", 0, 1) },
            StatisticsRow { last_eviction: late, ..row("a", "y", 0, 1) },
            StatisticsRow {
                last_factory_create: at(NOW),
                last_eviction: at(NOW),
                ..row("a", "z", 26 * HOUR, 1)
            },
        ];
        let totals = Totals::of(&rows, now());
        assert_eq!((totals.last_eviction, totals.last_factory_create), (late, late));
    }

    #[test]
    fn parts_are_the_totals_of_their_rows() {
        let rows = [
            row("a", "x", 0, 1),
            row("b", "x", 0, 10),
            row("b", "y", 30_000, 100),
            row("c", "ended", 2 * HOUR, 1000),
        ];
        let hits = |totals: &Totals| (totals.counters.hits, totals.instances, totals.cached_connectors);
        let tenants = by_tenant(&rows, now());
        let tenants: Vec<_> = tenants.iter().map(|(tenant, part)| (tenant.as_str(), hits(part))).collect();
        assert_eq!(tenants, [("a", (1, 1, 2)), ("b", (110, 2, 4)), ("c", (1000, 0, 0))]);
        let containers = by_container(&rows, now());
        let containers: Vec<_> =
            containers.iter().map(|(container, part)| (*container, hits(part))).collect();
        assert_eq!(containers, [("x", (11, 1, 4)), ("y", (100, 1, 2))]);
    }
}
