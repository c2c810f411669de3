//! Time as an argument. Everything that asks for the time takes a [`Clock`], so that expiry, deadlines and
//! TTLs can be tested at any moment.

use std::time::Instant;

use jiff::{Timestamp, Unit};

/// One reading of both clocks: wall time for what is stored or compared across machines, ticks for what is
/// measured inside one process.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// UTC wall time.
    pub wall: Timestamp,
    /// Monotonic time of this process.
    pub ticks: Instant,
}

impl Moment {
    /// Wall time cut to milliseconds, the precision that records, audit entries and answers carry.
    pub fn millis(self) -> Timestamp {
        self.wall.round(Unit::Millisecond).unwrap_or(self.wall)
    }

    /// The milliseconds of this process's own time since an earlier moment.
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.ticks.duration_since(earlier.ticks).as_millis().try_into().unwrap_or(u64::MAX)
    }

    /// Wall time in whole seconds since the Unix epoch, as DynamoDB's TTL counts it.
    pub fn epoch_seconds(self) -> i64 {
        self.wall.as_second()
    }
}

/// A source of [`Moment`]s.
pub trait Clock: Send + Sync {
    /// The current moment.
    fn now(&self) -> Moment;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
    fn now(&self) -> Moment {
        Moment { wall: Timestamp::now(), ticks: Instant::now() }
    }
}
