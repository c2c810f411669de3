//! The one moment by which a call must have ended. Every wait inside the call is bounded by what is left.

use std::time::{Duration, Instant};

use crate::clock::Moment;

/// A year: longer than any process lives, and short enough for every clock.
const FAR: Duration = Duration::from_hours(8_760);

/// A point in monotonic time after which nothing of a call may still be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline that lies `left` after `now`; what lies beyond all clocks is as good as far away.
    pub fn after(now: Moment, left: Duration) -> Self {
        Self(now.ticks.checked_add(left).unwrap_or(now.ticks + FAR))
    }

    /// The earlier of two deadlines.
    #[must_use]
    pub fn earliest(self, other: Self) -> Self {
        self.min(other)
    }

    /// The time left at `now`, or `None` when the deadline has passed.
    pub fn left(self, now: Moment) -> Option<Duration> {
        self.0.checked_duration_since(now.ticks).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    #[test]
    fn nothing_is_left_at_the_deadline_itself() {
        let now = SystemClock.now();
        let deadline = Deadline::after(now, Duration::from_millis(5));
        let at = Moment { ticks: now.ticks + Duration::from_millis(5), ..now };
        assert_eq!(deadline.left(now), Some(Duration::from_millis(5)));
        assert_eq!(deadline.left(at), None);
    }

    #[test]
    fn a_wait_that_no_clock_can_count_is_long() {
        let now = SystemClock.now();
        assert_eq!(Deadline::after(now, Duration::MAX).left(now), Some(FAR));
    }

    #[test]
    fn the_earliest_of_two_wins() {
        let now = SystemClock.now();
        let soon = Deadline::after(now, Duration::from_secs(1));
        let late = Deadline::after(now, Duration::from_secs(2));
        assert_eq!(late.earliest(soon), soon);
    }
}
