//! What there is in the world that the model check explores, and what can happen there.

use std::sync::Arc;

use model::clock::{Clock, SystemClock};

use super::super::*;

/// What may happen, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    pub(super) calls: usize,
    pub(super) portal_writes: u8,
    pub(super) refreshes: u8,
    pub(super) rotations: u8,
    pub(super) seconds: u8,
    /// Calls whose marker can't be read.
    pub(super) blind_calls: u8,
    /// Loads that fail, and leaders that vanish.
    pub(super) mishaps: u8,
    pub(super) evictions: u8,
}

impl Scope {
    pub(super) const NONE: Self = Self {
        calls: 0,
        portal_writes: 0,
        refreshes: 0,
        rotations: 0,
        seconds: 0,
        blind_calls: 0,
        mishaps: 0,
        evictions: 0,
    };
}

/// A fault put into the slot on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutant {
    IgnoresFingerprints,
    JoinsAnyLoad,
    KeepsLateLoads,
    SlidesTheTtl,
    TrustsOneClock,
    SharesRefusedLoads,
    LosesLeaders,
}

/// A promise that can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Promise {
    Fresh,
    StaleUnknown,
    Ttl,
    Healed,
}

pub(super) struct World {
    pub(super) scope: Scope,
    pub(super) start: Moment,
    mutant: Option<Mutant>,
}

/// What a load brings: how many writes its record had seen, and which secret it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Instance {
    /// Tells it from the others that are still known.
    pub(super) number: usize,
    pub(super) writes: usize,
    pub(super) secret: u8,
    pub(super) begun: u8,
}

#[derive(Clone, Default)]
pub(super) struct Line(pub(super) Arc<()>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Write {
    Portal,
    Refresh,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Call {
    New,
    /// Reads the two counters that are written here, one by one and in any order.
    Reading {
        began: usize,
        tenant: Option<u64>,
        connector: Option<u64>,
    },
    Knowing(Knowing),
    Loading {
        knowing: Knowing,
        flight: FlightId,
        begun: u8,
        record: Option<usize>,
        loaded: Option<Arc<Instance>>,
    },
    Waiting {
        knowing: Knowing,
        flight: FlightId,
    },
    Holding {
        knowing: Knowing,
        instance: Arc<Instance>,
    },
    Over,
}

/// A call that has read its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Knowing {
    /// How many writes had returned when it began.
    pub(super) began: usize,
    pub(super) fingerprint: Fingerprint,
    /// The instance that its upstream refused, if this is its second try.
    pub(super) refused: Option<Arc<Instance>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Start(usize),
    ReadTenant(usize),
    ReadConnector(usize),
    MarkerFails(usize),
    Decide(usize),
    ReadRecord(usize),
    ReadSecret(usize),
    Land(usize),
    Fail(usize, bool),
    Vanish(usize),
    Refused(usize),
    Release(usize),
    Write(Write),
    Rotate,
    /// A second passes, for the monotonic clock too or for the wall alone.
    Second {
        frozen: bool,
    },
    /// Room is needed for another key.
    Evict,
    /// The traces of a key are forgotten.
    Forget,
}

impl World {
    pub(super) fn new(scope: Scope, mutant: Option<Mutant>) -> Self {
        Self { scope, mutant, start: SystemClock.now() }
    }

    pub(super) fn has(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }
}

impl Call {
    /// Whether this call can still speak of the instance.
    pub(super) fn knows(&self, instance: &Arc<Instance>) -> bool {
        match self {
            Self::New | Self::Reading { .. } | Self::Over => false,
            Self::Loading { loaded: Some(loaded), .. } if loaded == instance => true,
            Self::Holding { instance: held, .. } if held == instance => true,
            Self::Knowing(knowing)
            | Self::Loading { knowing, .. }
            | Self::Waiting { knowing, .. }
            | Self::Holding { knowing, .. } => knowing.refused.as_ref() == Some(instance),
        }
    }
}
