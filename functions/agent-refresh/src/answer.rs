//! The answer to a refresh.

use std::time::Duration;

use model::{
    ids::{ConnectorName, TenantId},
    totals::Totals,
};
use serde::Serialize;
use store::RefreshScope;

/// A refresh that has happened.
#[derive(Serialize)]
pub(crate) struct Refreshed<'a> {
    success: bool,
    message: String,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a TenantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<&'a ConnectorName>,
    stats: Stats,
    generation: String,
    duration: String,
}

/// The figures of the scope; each is null where they could not be read, because a zero would be made up and an error
/// would deny a refresh that has happened.
#[derive(Default, Serialize)]
struct Stats {
    cached_connectors: Option<u64>,
    hits: Option<u64>,
    misses: Option<u64>,
    evictions: Option<u64>,
    hit_rate_percent: Option<f64>,
}

impl<'a> Refreshed<'a> {
    pub(crate) fn new(
        scope: &'a RefreshScope,
        generation: String,
        totals: Option<&Totals>,
        took: Duration,
    ) -> Self {
        let (word, tenant_id, connector) = match scope {
            RefreshScope::All => ("all", None, None),
            RefreshScope::Tenant(tenant) => ("tenant", Some(tenant), None),
            RefreshScope::Connector(tenant, name) => ("connector", Some(tenant), Some(name)),
        };
        Self {
            success: true,
            message: message(scope, totals.is_some()),
            scope: word,
            tenant_id,
            connector,
            stats: totals.map_or_else(Stats::default, Stats::of),
            generation,
            duration: duration(took),
        }
    }
}

impl Stats {
    fn of(totals: &Totals) -> Self {
        let Totals { counters, cached_connectors, .. } = totals;
        Self {
            cached_connectors: Some(*cached_connectors),
            hits: Some(counters.hits),
            misses: Some(counters.misses),
            evictions: Some(counters.evictions),
            hit_rate_percent: Some(counters.hit_rate_percent()),
        }
    }
}

fn message(scope: &RefreshScope, counted: bool) -> String {
    let what = match scope {
        RefreshScope::All => "Every connector of every tenant".to_owned(),
        RefreshScope::Tenant(tenant) => format!("Every connector of {tenant}"),
        RefreshScope::Connector(tenant, name) => format!("The connector {name} of {tenant}"),
    };
    let unknown = if counted { "" } else { " The statistics could not be read; their figures are null." };
    format!("{what} is loaded anew, with its secret, by the next call that needs it.{unknown}")
}

/// Milliseconds with one decimal, such as `12.3ms`.
fn duration(took: Duration) -> String {
    let tenths = took.as_micros() / 100;
    format!("{}.{}ms", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_one_decimal() {
        for (micros, text) in
            [(0, "0.0ms"), (99, "0.0ms"), (100, "0.1ms"), (12_345, "12.3ms"), (2_000_000, "2000.0ms")]
        {
            assert_eq!(duration(Duration::from_micros(micros)), text);
        }
    }
}
