//! A cache with a clock that moves when told to, a listener that remembers, and loads that wait for a word.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use model::{
    clock::{Clock, Moment, SystemClock},
    deadline::Deadline,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
};
use registry::cache::{Cause, Failure, How, Listener, LoadFailure, Served, WarmCache};

pub(crate) const TTL: Duration = Duration::from_secs(30);

/// An error of a load; it can be told from others.
pub(crate) type Fault = &'static str;
pub(crate) type Outcome = Result<(u32, How), LoadFailure<Fault>>;

pub(crate) struct ManualClock(Mutex<Moment>);

impl ManualClock {
    pub(crate) fn pass(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = Moment { wall: now.wall + time, ticks: now.ticks + time };
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
pub(crate) struct Memory(Mutex<Vec<(String, Cause)>>);

impl Listener for Memory {
    fn evicted(&self, tenant: &TenantId, cause: Cause) {
        self.0.lock().unwrap().push((tenant.to_string(), cause));
    }
}

/// One cache under test.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) cache: Arc<WarmCache<u32, Fault>>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) loads: Arc<AtomicUsize>,
    memory: Arc<Memory>,
}

impl Bench {
    pub(crate) fn new(capacity: usize) -> Self {
        let clock = Arc::new(ManualClock(Mutex::new(SystemClock.now())));
        let memory = Arc::new(Memory::default());
        let cache =
            WarmCache::new(capacity, TTL, Arc::clone(&clock) as _).with_listener(Arc::clone(&memory) as _);
        Self { cache: Arc::new(cache), clock, loads: Arc::default(), memory }
    }

    /// A call of `crm-1@acme` (or another such key) under a generation of its connector.
    pub(crate) async fn call<F>(&self, key: &str, generation: u64, load: impl FnOnce() -> F) -> Outcome
    where
        F: Future<Output = Result<u32, Failure<Fault>>>,
    {
        self.call_within(Duration::from_mins(1), key, generation, load).await
    }

    /// The same with a deadline of its own.
    pub(crate) async fn call_within<F>(
        &self,
        left: Duration,
        key: &str,
        generation: u64,
        load: impl FnOnce() -> F,
    ) -> Outcome
    where
        F: Future<Output = Result<u32, Failure<Fault>>>,
    {
        let (tenant, name) = parse(key);
        let now = self.clock.now();
        let counted = || {
            self.loads.fetch_add(1, Ordering::Relaxed);
            load()
        };
        let deadline = Deadline::after(now, left);
        let served = self.cache.get_or_load(&tenant, &name, at(generation), now, deadline, counted).await;
        served.map(|Served { value, how }| (*value, how))
    }

    pub(crate) fn get(&self, key: &str, generation: u64) -> Option<Arc<u32>> {
        let (tenant, name) = parse(key);
        self.cache.get(&tenant, &name, at(generation), self.clock.now())
    }

    pub(crate) fn get_stale(&self, key: &str) -> Option<Arc<u32>> {
        let (tenant, name) = parse(key);
        self.cache.get_stale(&tenant, &name, self.clock.now())
    }

    pub(crate) fn discard(&self, key: &str, instance: &Arc<u32>) {
        let (tenant, name) = parse(key);
        self.cache.discard(&tenant, &name, instance);
    }

    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }

    /// What the listener has heard since it was asked last.
    pub(crate) fn heard(&self) -> Vec<(String, Cause)> {
        std::mem::take(&mut *self.memory.0.lock().unwrap())
    }
}

fn parse(key: &str) -> (TenantId, ConnectorName) {
    let (name, tenant) = key.split_once('@').unwrap();
    (tenant.parse().unwrap(), name.parse().unwrap())
}

pub(crate) fn at(connector: u64) -> Fingerprint {
    Fingerprint { platform: 1, tenant: 1, connector }
}

/// A load that gives this at once.
pub(crate) async fn gives(value: u32) -> Result<u32, Failure<Fault>> {
    Ok(value)
}

/// A load that fails at once, for everyone or for its caller alone.
pub(crate) async fn fails(error: Fault, shared: bool) -> Result<u32, Failure<Fault>> {
    Err(Failure { error, shared })
}

/// A load that never ends.
pub(crate) async fn hangs() -> Result<u32, Failure<Fault>> {
    std::future::pending().await
}

/// Polls a call once, and gives its outcome if that ended it.
pub(crate) async fn poll_once<F: Future + Unpin>(call: &mut F) -> Option<F::Output> {
    poll_fn(|context| match Pin::new(&mut *call).poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
