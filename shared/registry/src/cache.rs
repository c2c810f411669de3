//! The warm cache: instances that outlive a call, each served only while it is provably no older than the call.
//!
//! A call comes with the fingerprint that it has just read. An instance serves it if it was loaded under that
//! fingerprint or a newer one and is younger than the TTL. Otherwise one of the calls that may share a load loads,
//! inside its own future (a task of its own would freeze with the container), and the others wait for it.
//! The rules of one key are a plain state machine (`slot`) that knows neither locks nor clocks, so that a model
//! check can drive it; around it stand the locked shards (`shards`) and the waiting (`flight`).

mod age;
mod flight;
mod shards;
mod slot;
mod warm;

use std::sync::Arc;

use model::ids::TenantId;

pub use warm::WarmCache;

/// An instance, and how the call came by it.
#[derive(Debug)]
pub struct Served<V> {
    /// The instance. It lives on through this for as long as the call needs it, whatever the cache does.
    pub value: Arc<V>,
    /// How the call came by it.
    pub how: How,
}

/// How a call came by its instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was there.
    Hit,
    /// This call loaded it.
    Loaded,
    /// Another call loaded it while this one waited.
    Joined,
}

/// Why a load failed, and whether others may be told the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<E> {
    /// What went wrong.
    pub error: E,
    /// Whether it concerns every caller. What concerns the leader alone, such as its own deadline, is neither
    /// remembered nor given to those who wait: one of them loads again.
    pub shared: bool,
}

/// Why a call has no instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadFailure<E> {
    /// The load failed: this call's own, the one it waited for, or one a moment ago.
    #[error("the connector could not be loaded")]
    Failed(E),
    /// The call's own deadline passed while it waited for another's load.
    #[error("the deadline passed while another call loaded the connector")]
    Deadline,
}

/// Why an instance left the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It reached the TTL.
    Expired,
    /// A call came with a fingerprint that it does not cover.
    Superseded,
    /// It was the least recently used of too many.
    Capacity,
    /// Its upstream refused its credentials.
    Refused,
}

/// Told of every instance that leaves, outside every lock.
pub trait Listener: Send + Sync {
    /// An instance of this tenant has left the cache.
    fn evicted(&self, tenant: &TenantId, cause: Cause);
}
