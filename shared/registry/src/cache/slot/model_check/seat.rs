//! The real slot as part of a state that the checker can compare, hash and show.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, Weak},
};

use super::super::*;
use super::world::{Instance, Line};

/// The real slot, comparable by what it holds.
#[derive(Clone, Default)]
pub(super) struct Seat(pub(super) Slot<Instance, (), Line>);

/// Both readings of a moment.
type Clocks = (jiff::Timestamp, std::time::Instant);

/// All that a slot holds.
#[derive(Debug, PartialEq, Eq, Hash)]
struct View<'a> {
    seen: Fingerprint,
    ready: Option<(&'a Instance, Fingerprint, Clocks)>,
    failure: Option<(Fingerprint, Clocks)>,
    flights: Vec<(FlightId, Fingerprint, Clocks, bool)>,
    refused: Option<Arc<Instance>>,
    next: u64,
}

impl Seat {
    /// Forgets what can never matter again, so that states which differ in it alone are one: the refusal of an
    /// instance that no call holds, and the numbers of flights that have ended.
    pub(super) fn normalise(&mut self, is_held: impl Fn(&Instance) -> bool) {
        if self.0.refused.upgrade().is_none_or(|refused| !is_held(&refused)) {
            self.0.refused = Weak::new();
        }
        if self.0.flights.is_empty() {
            self.0.next = 0;
        }
    }

    /// Whether the slot keeps this instance.
    pub(super) fn keeps(&self, instance: &Arc<Instance>) -> bool {
        self.0.ready.as_ref().is_some_and(|ready| Arc::ptr_eq(&ready.value, instance))
    }

    fn view(&self) -> View<'_> {
        let Slot { seen, ready, failure, flights, refused, next } = &self.0;
        let clocks = |moment: Moment| (moment.wall, moment.ticks);
        View {
            seen: *seen,
            ready: ready.as_ref().map(|ready| (&*ready.value, ready.fingerprint, clocks(ready.begun))),
            failure: failure.as_ref().map(|failed| (failed.fingerprint, clocks(failed.at))),
            flights: flights.iter().map(|f| (f.id, f.fingerprint, clocks(f.begun), f.spent)).collect(),
            refused: refused.upgrade(),
            next: *next,
        }
    }
}

impl PartialEq for Seat {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl Eq for Seat {}

impl Hash for Seat {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.view().hash(state);
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}
