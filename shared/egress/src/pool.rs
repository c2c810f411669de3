//! Connections that wait for their next request. The HTTP library times their idleness by a clock that stands still
//! while a container is frozen, and a load balancer's patience does not. So wall time is compared too: after a longer
//! rest everything is dialled anew, rather than a write lost in a connection that died hours ago.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use model::clock::Moment;

/// Shorter than what load balancers and NAT gateways keep, so that they do not drop a connection first.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

type Build = Box<dyn Fn() -> reqwest::Result<reqwest::Client> + Send + Sync>;

/// A client of the library and how to make another.
pub(crate) struct Pool {
    build: Build,
    current: Mutex<Current>,
}

struct Current {
    client: reqwest::Client,
    used: Timestamp,
}

impl Pool {
    pub(crate) fn new(build: Build, now: Moment) -> reqwest::Result<Self> {
        let current = Current { client: build()?, used: now.wall };
        Ok(Self { build, current: Mutex::new(current) })
    }

    /// The client for a request that is sent now.
    pub(crate) fn client(&self, now: Moment) -> reqwest::Client {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = now.wall.duration_since(current.used);
        // A wall clock that was set back says nothing about how long the rest was.
        if (rest.is_negative() || rest.unsigned_abs() > IDLE_TIMEOUT)
            && let Ok(client) = (self.build)()
        {
            current.client = client;
        }
        current.used = now.wall;
        current.client.clone()
    }
}
