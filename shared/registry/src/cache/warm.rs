//! The cache as calls see it: look, or load once and share.

use std::{sync::Arc, time::Duration};

use model::{
    clock::{Clock, Moment},
    deadline::Deadline,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
};
use tokio::time::timeout;

use super::{
    Failure, How, Listener, LoadFailure, Served,
    flight::{Landing, Line},
    shards::{Key, Left, Shards},
    slot::{Decision, Departed, FlightId, Outcome},
};

/// Instances by tenant and name, shared by all calls of this process.
pub struct WarmCache<V, E> {
    shards: Shards<V, E>,
    ttl: Duration,
    clock: Arc<dyn Clock>,
    listener: Option<Arc<dyn Listener>>,
}

impl<V, E> WarmCache<V, E>
where
    V: Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A cache of at most `capacity` instances, each served until `ttl` after its load began. The clock is read only
    /// by calls that load or wait; a hit is judged at the moment that it brings.
    pub fn new(capacity: usize, ttl: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { shards: Shards::new(capacity), ttl, clock, listener: None }
    }

    /// Lets a listener hear of every instance that leaves.
    #[must_use]
    pub fn with_listener(self, listener: Arc<dyn Listener>) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// The instance that serves a call which has just read this fingerprint, if there is one. One that the
    /// fingerprint shows to be old leaves.
    #[inline]
    pub fn get(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        fingerprint: Fingerprint,
        now: Moment,
    ) -> Option<Arc<V>> {
        let key = Key { tenant, name };
        let hit = self.shards.hit(key, fingerprint, now, self.ttl);
        if hit.is_none() {
            let departed = self.shards.visit(key, |slot| slot.observe(fingerprint, now, self.ttl));
            self.settle(key, departed.flatten());
        }
        hit
    }

    /// The instance that serves the call, or the outcome of `load`, which runs inside this future and only if no
    /// other call loads the same. The wait for another's load ends at `deadline`; the load itself must keep to it.
    ///
    /// `now` must have been read before `load` reads anything, and `fingerprint` after the call began.
    pub async fn get_or_load<F>(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        fingerprint: Fingerprint,
        now: Moment,
        deadline: Deadline,
        load: impl FnOnce() -> F,
    ) -> Result<Served<V>, LoadFailure<E>>
    where
        F: Future<Output = Result<V, Failure<E>>>,
    {
        let key = Key { tenant, name };
        if let Some(value) = self.shards.hit(key, fingerprint, now, self.ttl) {
            return Ok(Served { value, how: How::Hit });
        }
        let (mut at, mut how) = (now, How::Hit);
        loop {
            match self.decide(key, fingerprint, at) {
                Decision::Hit(value) => return Ok(Served { value, how }),
                Decision::Failed(error) => return Err(LoadFailure::Failed(error)),
                Decision::Lead(flight, line) => {
                    return Leader { cache: self, key, flight, line: Some(line) }.lead(load).await;
                }
                Decision::Join(line) => {
                    let left = deadline.left(self.clock.now()).ok_or(LoadFailure::Deadline)?;
                    match timeout(left, line.landed()).await.map_err(|_| LoadFailure::Deadline)? {
                        Landing::Loaded(value) => return Ok(Served { value, how: How::Joined }),
                        Landing::Failed(error) => return Err(LoadFailure::Failed(error)),
                        Landing::Nothing => {}
                    }
                }
            }
            (at, how) = (self.clock.now(), How::Joined);
            deadline.left(at).ok_or(LoadFailure::Deadline)?;
        }
    }

    /// The instance, while the marker can't be read: young, and not known here to be old. The caller counts and
    /// logs each such use.
    pub fn get_stale(&self, tenant: &TenantId, name: &ConnectorName, now: Moment) -> Option<Arc<V>> {
        let key = Key { tenant, name };
        let (value, departed) = self.shards.reuse(key, now, |slot| slot.stale(now, self.ttl))?;
        self.settle(key, departed);
        value
    }

    /// Lets this very instance leave, because its upstream refused its credentials. A load that began before this
    /// may hold the same credentials, so it is neither shared from here on nor kept; one that begins after it is.
    pub fn discard(&self, tenant: &TenantId, name: &ConnectorName, instance: &Arc<V>) {
        let key = Key { tenant, name };
        let departed = self.shards.visit(key, |slot| slot.discard(instance));
        self.settle(key, departed.flatten());
    }

    /// Lets everything go that has reached its age without being asked for, so that no idle connection outlives the
    /// TTL by much and [`cached`](Self::cached) counts only what can serve.
    pub fn sweep(&self, now: Moment) {
        self.tell(self.shards.sweep(now, self.ttl));
    }

    /// How many instances a tenant has.
    pub fn cached(&self, tenant: &TenantId) -> usize {
        self.shards.ready_of(tenant)
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.shards.ready()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys leave any trace: instances, remembered failures, loads in progress.
    pub fn traces(&self) -> usize {
        self.shards.slots()
    }

    fn decide(&self, key: Key<'_>, fingerprint: Fingerprint, now: Moment) -> Decision<V, E, Line<V, E>> {
        let (decision, departed) =
            self.shards.enter(key, now, |slot| slot.decide(fingerprint, now, self.ttl));
        self.settle(key, departed);
        decision
    }

    fn finish(&self, key: Key<'_>, flight: FlightId, outcome: Outcome<V, E>) {
        let now = self.clock.now();
        self.shards.visit(key, |slot| slot.finish(flight, outcome, now, self.ttl));
        self.settle(key, None);
    }

    /// Keeps the bounds and tells of what left. What leaves is dropped here, outside every lock.
    fn settle(&self, key: Key<'_>, departed: Departed<V>) {
        if let (Some(listener), Some((_, cause))) = (&self.listener, &departed) {
            listener.evicted(key.tenant, *cause);
        }
        drop(departed);
        self.tell(self.shards.shrink());
    }

    fn tell(&self, left: Vec<Left<V>>) {
        for Left { tenant, value, cause } in left {
            if let Some(listener) = &self.listener {
                listener.evicted(&tenant, cause);
            }
            drop(value);
        }
    }
}

/// The call that loads. Dropped at any point, it ends its flight, so that another can lead.
struct Leader<'a, V, E>
where
    V: Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    cache: &'a WarmCache<V, E>,
    key: Key<'a>,
    flight: FlightId,
    line: Option<Line<V, E>>,
}

impl<V, E> Leader<'_, V, E>
where
    V: Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    async fn lead<F>(mut self, load: impl FnOnce() -> F) -> Result<Served<V>, LoadFailure<E>>
    where
        F: Future<Output = Result<V, Failure<E>>>,
    {
        let outcome = match load().await {
            Ok(value) => Outcome::Loaded(Arc::new(value)),
            Err(failure) => Outcome::Failed(failure),
        };
        let landing = Landing::from(&outcome);
        let result = match &outcome {
            Outcome::Loaded(value) => Ok(Served { value: Arc::clone(value), how: How::Loaded }),
            Outcome::Failed(failure) => Err(LoadFailure::Failed(failure.error.clone())),
        };
        self.cache.finish(self.key, self.flight, outcome);
        // The slot first: whoever wakes must find the flight gone.
        if let Some(line) = self.line.take() {
            line.land(landing);
        }
        result
    }
}

impl<V, E> Drop for Leader<'_, V, E>
where
    V: Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            self.cache.shards.visit(self.key, |slot| slot.abandon(self.flight));
            line.land(Landing::Nothing);
        }
    }
}
