//! Time as an argument. Everything that asks for the time takes a [`Clock`], so that expiry, deadlines and
//! TTLs can be tested at any moment.

use std::time::Instant;

use jiff::Timestamp;

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
    /// Wall time cut to milliseconds, the precision that records, audit entries and answers carry; never rounded up:
    /// nothing is stored that the clock has yet to reach.
    pub fn millis(self) -> Timestamp {
        Timestamp::from_millisecond(self.wall.as_millisecond()).unwrap_or(self.wall)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_stored_moment_is_cut_and_never_lies_ahead_of_the_clock() {
        let at = |wall: &str| Moment { wall: wall.parse().unwrap(), ..SystemClock.now() };
        for (wall, stored) in [
            ("2026-07-10T19:30:00.0015Z", "2026-07-10T19:30:00.001Z"),
            ("2026-07-10T19:30:59.999999999Z", "2026-07-10T19:30:59.999Z"),
            ("2026-07-10T19:30:00.25Z", "2026-07-10T19:30:00.25Z"),
        ] {
            assert_eq!(at(wall).millis().to_string(), stored);
        }
        assert_eq!(at("1970-01-01T00:00:07.9Z").epoch_seconds(), 7);
    }

    #[test]
    fn what_a_process_measures_goes_by_its_ticks() {
        let start = SystemClock.now();
        let end = Moment { ticks: start.ticks + Duration::from_micros(2_900), ..start };
        assert_eq!(end.millis_since(start), 2);
        assert_eq!(start.millis_since(end), 0);
    }
}
