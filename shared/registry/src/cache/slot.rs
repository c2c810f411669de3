//! What the cache knows of one key: the rules, without locks, waiting or clocks of its own.
//!
//! The heart is `seen`: the newest value of each counter that any call has brought while this slot lived. Only what
//! was loaded under a fingerprint that covers it is kept, and what is kept leaves as soon as `seen` moves past it.
//! So a late load never replaces a newer one, two fingerprints that can't be compared leave nothing behind, and
//! what is kept is never known to be old, even when the marker can no longer be read.

#[cfg(test)]
mod model_check;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use model::{clock::Moment, generation::Fingerprint};

use super::{Cause, Failure, age::is_younger};

/// How long a failure is given to others: long enough to stop a stampede, short enough to go unnoticed.
pub(super) const FAILURE_MEMORY: Duration = Duration::from_secs(1);

/// The state of one key. `W` is where the calls that join a flight wait for its outcome.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Slot<V, E, W> {
    seen: Fingerprint,
    ready: Option<Ready<V>>,
    failure: Option<Box<Failed<E>>>,
    flights: Vec<Flight<W>>,
    /// The instance discarded last. Many calls hold it when its upstream refuses them, and each will say so: only
    /// the first word counts, or each would spoil the load that the one before it began.
    refused: Weak<V>,
    next: u64,
}

#[cfg_attr(test, derive(Clone))]
struct Ready<V> {
    value: Arc<V>,
    fingerprint: Fingerprint,
    begun: Moment,
}

#[cfg_attr(test, derive(Clone))]
struct Failed<E> {
    error: E,
    fingerprint: Fingerprint,
    at: Moment,
}

#[cfg_attr(test, derive(Clone))]
struct Flight<W> {
    id: FlightId,
    fingerprint: Fingerprint,
    begun: Moment,
    /// Begun before an upstream refused its credentials, so it may hold the refused secret.
    spent: bool,
    line: W,
}

/// Names a load in progress within its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FlightId(u64);

/// What a call is to do.
pub(super) enum Decision<V, E, W> {
    /// Use this.
    Hit(Arc<V>),
    /// Fail as a load did a moment ago.
    Failed(E),
    /// Wait for the outcome of a load in progress.
    Join(W),
    /// Load, and then [`Slot::finish`] or [`Slot::abandon`] the flight.
    Lead(FlightId, W),
}

/// How a load ended.
pub(super) enum Outcome<V, E> {
    Loaded(Arc<V>),
    Failed(Failure<E>),
}

/// What left, to be dropped and told of outside the lock.
pub(super) type Departed<V> = Option<(Arc<V>, Cause)>;

impl<V, E, W> Default for Slot<V, E, W> {
    fn default() -> Self {
        let seen = Fingerprint::default();
        Self { seen, ready: None, failure: None, flights: Vec::new(), refused: Weak::new(), next: 0 }
    }
}

impl<V, E: Clone, W: Clone + Default> Slot<V, E, W> {
    /// The instance, if it serves a call with this fingerprint. Nothing changes.
    pub(super) fn hit(&self, fingerprint: Fingerprint, now: Moment, ttl: Duration) -> Option<&Arc<V>> {
        let ready = self.ready.as_ref()?;
        (ready.fingerprint.covers(fingerprint) && is_younger(ready.begun, now, ttl)).then_some(&ready.value)
    }

    /// Takes note of what a call has read; what is too old, or shown to be, leaves.
    pub(super) fn observe(&mut self, fingerprint: Fingerprint, now: Moment, ttl: Duration) -> Departed<V> {
        let expired = self.expire(now, ttl);
        self.seen = newest(self.seen, fingerprint);
        let is_superseded = self.ready.as_ref().is_some_and(|ready| !ready.fingerprint.covers(self.seen));
        if is_superseded { self.depart(Cause::Superseded) } else { expired }
    }

    /// Lets go of what is too old to be used.
    pub(super) fn expire(&mut self, now: Moment, ttl: Duration) -> Departed<V> {
        self.failure.take_if(|failed| !is_younger(failed.at, now, FAILURE_MEMORY));
        let is_expired = self.ready.as_ref().is_some_and(|ready| !is_younger(ready.begun, now, ttl));
        let departed = if is_expired { self.depart(Cause::Expired) } else { None };
        if self.is_remnant() && self.failure.is_none() {
            // Whatever is kept next is loaded after everything that `seen` tells of.
            self.seen = Fingerprint::default();
        }
        departed
    }

    /// Says what a call with this fingerprint is to do.
    pub(super) fn decide(
        &mut self,
        fingerprint: Fingerprint,
        now: Moment,
        ttl: Duration,
    ) -> (Decision<V, E, W>, Departed<V>) {
        let departed = self.observe(fingerprint, now, ttl);
        if let Some(value) = self.hit(fingerprint, now, ttl) {
            return (Decision::Hit(Arc::clone(value)), departed);
        }
        if let Some(error) = self.failure(fingerprint) {
            return (Decision::Failed(error), departed);
        }
        let shareable = |flight: &&Flight<W>| {
            !flight.spent && flight.fingerprint.covers(fingerprint) && is_younger(flight.begun, now, ttl)
        };
        if let Some(flight) = self.flights.iter().rev().find(shareable) {
            return (Decision::Join(flight.line.clone()), departed);
        }
        let (id, line) = (FlightId(self.next), W::default());
        self.next += 1;
        self.flights.push(Flight { id, fingerprint, begun: now, spent: false, line: line.clone() });
        (Decision::Lead(id, line), departed)
    }

    fn failure(&self, fingerprint: Fingerprint) -> Option<E> {
        let failed = self.failure.as_ref()?;
        failed.fingerprint.covers(fingerprint).then(|| failed.error.clone())
    }

    /// Ends a flight, and keeps its outcome if that is still the newest there can be.
    pub(super) fn finish(&mut self, id: FlightId, outcome: Outcome<V, E>, now: Moment, ttl: Duration) {
        let Some(flight) = self.take(id) else { return };
        if flight.spent || self.ready.is_some() || !flight.fingerprint.covers(self.seen) {
            return;
        }
        let Flight { fingerprint, begun, .. } = flight;
        match outcome {
            Outcome::Loaded(value) if is_younger(begun, now, ttl) => {
                self.failure = None;
                self.ready = Some(Ready { value, fingerprint, begun });
            }
            Outcome::Failed(Failure { error, shared: true }) => {
                self.failure = Some(Box::new(Failed { error, fingerprint, at: now }));
            }
            Outcome::Loaded(_) | Outcome::Failed(_) => {}
        }
    }

    /// Ends a flight whose leader went away.
    pub(super) fn abandon(&mut self, id: FlightId) {
        self.take(id);
    }

    fn take(&mut self, id: FlightId) -> Option<Flight<W>> {
        let at = self.flights.iter().position(|flight| flight.id == id)?;
        Some(self.flights.remove(at))
    }

    /// The instance, if it is young: all that can be asked of it while the marker can't be read.
    pub(super) fn stale(&mut self, now: Moment, ttl: Duration) -> (Option<Arc<V>>, Departed<V>) {
        let departed = self.expire(now, ttl);
        (self.hit(self.seen, now, ttl).cloned(), departed)
    }

    /// Lets this very instance leave, because its upstream refused it, and no load of before this be shared or kept.
    pub(super) fn discard(&mut self, instance: &Arc<V>) -> Departed<V> {
        if Weak::ptr_eq(&self.refused, &Arc::downgrade(instance)) {
            return None;
        }
        self.refused = Arc::downgrade(instance);
        for flight in &mut self.flights {
            flight.spent = true;
        }
        let held = self.ready.as_ref().is_some_and(|ready| Arc::ptr_eq(&ready.value, instance));
        if held { self.depart(Cause::Refused) } else { None }
    }

    /// Lets the instance leave.
    pub(super) fn depart(&mut self, cause: Cause) -> Departed<V> {
        self.ready.take().map(|ready| (ready.value, cause))
    }

    /// Whether an instance is kept.
    pub(super) fn is_ready(&self) -> bool {
        self.ready.is_some()
    }

    /// Whether nothing is kept but traces that can be forgotten at a price: a failure, a refusal.
    pub(super) fn is_remnant(&self) -> bool {
        self.ready.is_none() && self.flights.is_empty()
    }

    /// Whether the slot can be forgotten without anyone noticing, its `seen` too.
    pub(super) fn is_idle(&self) -> bool {
        self.is_remnant() && self.failure.is_none() && self.refused.strong_count() == 0
    }
}

/// The newest of each counter.
fn newest(one: Fingerprint, other: Fingerprint) -> Fingerprint {
    Fingerprint {
        platform: one.platform.max(other.platform),
        tenant: one.tenant.max(other.tenant),
        connector: one.connector.max(other.connector),
    }
}
