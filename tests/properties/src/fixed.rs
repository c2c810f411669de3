//! What does not change from one run to the next, so that a find is one again tomorrow.

use std::time::Duration;

use jiff::Timestamp;
use model::{
    clock::{Clock, Moment, SystemClock},
    entropy::Entropy,
    ids::TenantId,
};

/// The second at which everything happens: 10 July 2026.
pub(crate) const NOW: i64 = 1_783_700_000;

/// A clock that stands still.
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment { wall: now(), ..SystemClock.now() }
    }
}

/// The same bytes every time.
pub(crate) struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}

/// Long after any property has ended.
pub(crate) fn late() -> model::deadline::Deadline {
    model::deadline::Deadline::after(Still.now(), Duration::from_mins(1))
}

pub(crate) fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).expect("a tenant")
}

/// The first line, and what follows it.
pub(crate) fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (data.get(..at).unwrap_or_default(), data.get(at + 1..).unwrap_or_default()),
        None => (data, &[]),
    }
}
