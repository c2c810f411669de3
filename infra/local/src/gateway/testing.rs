//! Fixed times, bytes and functions for the gateway's tests.

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use model::{
    clock::{Clock, Moment, SystemClock},
    entropy::Entropy,
};
use serde_json::{Value, json};

use super::{
    arrival::Arrival,
    function::{Function, InvokeError},
    identity::Identity,
};

/// 10 July 2026, 19:19:05.766 UTC.
pub(super) const NOW_MS: i64 = 1_783_711_145_766;

/// A client on a documentation address.
pub(super) const ARRIVAL: Arrival = Arrival { peer: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), port: 9000 };

/// A wall clock that stands at [`NOW_MS`].
pub(super) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Moment {
        Moment { wall: Timestamp::from_millisecond(NOW_MS).unwrap(), ticks: SystemClock.now().ticks }
    }
}

/// Entropy that always draws the same byte.
pub(super) struct FixedEntropy;

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0xAB);
    }
}

/// The ids that [`FixedEntropy`] draws.
pub(super) fn identity() -> Identity {
    Identity::draw(FixedClock.now(), &FixedEntropy)
}

/// A function that always answers the same.
pub(super) struct Constant(pub(super) Value);

impl Default for Constant {
    fn default() -> Self {
        Self(json!({ "statusCode": 200 }))
    }
}

#[async_trait::async_trait]
impl Function for Constant {
    async fn invoke(&self, _event: Vec<u8>, _request_id: &str) -> Result<Value, InvokeError> {
        Ok(self.0.clone())
    }
}
