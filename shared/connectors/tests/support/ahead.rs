//! The clock of connectors under test.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use model::clock::{Clock, Moment, SystemClock};

/// A clock that can be put forward; deadlines are made with it too.
#[derive(Default)]
pub(crate) struct Ahead(AtomicI64);

impl Ahead {
    pub(crate) fn put(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Moment {
        let (now, ahead) = (SystemClock.now(), self.0.load(Ordering::SeqCst));
        let ticks = now.ticks + Duration::from_secs(ahead.unsigned_abs());
        Moment { wall: now.wall + SignedDuration::from_secs(ahead), ticks }
    }
}
