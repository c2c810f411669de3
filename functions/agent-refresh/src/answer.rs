//! The answer to a refresh.

use std::time::Duration;

use model::{
    ids::{ConnectorName, TenantId},
    totals::Totals,
};
use serde::Serialize;
use store::RefreshScope;
use utoipa::ToSchema;

/// A refresh that has happened.
#[derive(Serialize, ToSchema)]
#[schema(as = Refreshed)]
pub(crate) struct Refreshed<'a> {
    /// Always true.
    success: bool,
    /// What happened, for people.
    #[schema(examples(
        "The connector demo-crm of tenant-a is loaded anew, with its secret, by the next call that needs it."
    ))]
    message: String,
    /// What was refreshed.
    scope: Word,
    /// Whose connectors; absent where the scope is `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = TenantId, required = false, examples("tenant-a"))]
    tenant_id: Option<&'a TenantId>,
    /// Which connector; only where the scope is `connector`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ConnectorName, required = false, examples("demo-crm"))]
    connector: Option<&'a ConnectorName>,
    /// What the caches of all containers did.
    stats: Stats,
    /// Opaque; it differs after every refresh.
    #[schema(examples("18"))]
    generation: String,
    /// How long it took, in milliseconds with one decimal.
    #[schema(pattern = "^[0-9]+\\.[0-9]ms$", examples("12.3ms"))]
    duration: String,
}

/// The word for a scope.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RefreshScope)]
enum Word {
    All,
    Tenant,
    Connector,
}

/// The figures of the scope; each is null where they could not be read, because a zero would be made up and an error
/// would deny a refresh that has happened.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = RefreshStats)]
struct Stats {
    /// Connectors loaded in the containers heard of in the last 60 seconds.
    #[schema(required)]
    cached_connectors: Option<u64>,
    /// Calls of the last 24 hours that found their connector loaded.
    #[schema(required)]
    hits: Option<u64>,
    /// Calls that did not.
    #[schema(required)]
    misses: Option<u64>,
    /// Connectors that left a cache.
    #[schema(required)]
    evictions: Option<u64>,
    /// Hits in a hundred calls, to one decimal.
    #[schema(required, minimum = 0, maximum = 100)]
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
            RefreshScope::All => (Word::All, None, None),
            RefreshScope::Tenant(tenant) => (Word::Tenant, Some(tenant), None),
            RefreshScope::Connector(tenant, name) => (Word::Connector, Some(tenant), Some(name)),
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
