//! The events that are counted. Alarms name them, so a name, once given, stays.

/// An event. Each is a metric of the unit Count with the one dimension `FunctionName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// A call was served by a loaded connector.
    CacheHits,
    /// A call needed a connector that was not loaded; whether it then was is told by the two that follow.
    CacheMisses,
    /// A connector was loaded: its configuration and its secret were read.
    Loads,
    /// A connector could not be loaded.
    LoadFailures,
    /// A query was answered by a loaded connector while the markers could not be read.
    StaleServes,
    /// An upstream could not be reached, broke off, or did not answer in time.
    ConnectionErrors,
    /// A request was sent to an upstream once more.
    Retries,
    /// A live test did not succeed.
    LiveTestFailures,
    /// A connector left the cache because the cache was full.
    CapacityEvictions,
    /// Governance refused a call.
    PolicyRefusals,
    /// An execute's outcome could not be stored, so that its audit entry stays `unknown`.
    AuditOutcomesLost,
    /// A request was answered with 500 or 503: trouble of the platform's own, unlike 502 and 504.
    Faults,
    /// A request waited for its container to start.
    ColdStart,
}

impl Counter {
    /// Every counter.
    pub const ALL: [Self; 13] = [
        Self::CacheHits,
        Self::CacheMisses,
        Self::Loads,
        Self::LoadFailures,
        Self::StaleServes,
        Self::ConnectionErrors,
        Self::Retries,
        Self::LiveTestFailures,
        Self::CapacityEvictions,
        Self::PolicyRefusals,
        Self::AuditOutcomesLost,
        Self::Faults,
        Self::ColdStart,
    ];

    /// The metric's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CacheHits => "CacheHits",
            Self::CacheMisses => "CacheMisses",
            Self::Loads => "Loads",
            Self::LoadFailures => "LoadFailures",
            Self::StaleServes => "StaleServes",
            Self::ConnectionErrors => "ConnectionErrors",
            Self::Retries => "Retries",
            Self::LiveTestFailures => "LiveTestFailures",
            Self::CapacityEvictions => "CapacityEvictions",
            Self::PolicyRefusals => "PolicyRefusals",
            Self::AuditOutcomesLost => "AuditOutcomesLost",
            Self::Faults => "Faults",
            Self::ColdStart => "ColdStart",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_stands_at_its_own_place() {
        for (place, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, place);
            assert_eq!(counter.name(), format!("{counter:?}"));
        }
    }
}
