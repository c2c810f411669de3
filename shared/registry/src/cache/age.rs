//! Age by two clocks. A frozen container's monotonic clock may stand still while the world goes on, and wall time
//! can be set back: the larger of the two counts, and wall time that went backwards makes everything old.

use std::time::Duration;

use model::clock::Moment;

/// Whether what began at `since` is younger than `limit` at `now`.
pub(super) fn is_younger(since: Moment, now: Moment, limit: Duration) -> bool {
    let ticks = now.ticks.saturating_duration_since(since.ticks);
    let wall = match Duration::try_from(now.wall.duration_since(since.wall)) {
        Ok(wall) => wall,
        // A call that read its clocks before another one began the load sees both earlier. Nothing is wrong then.
        Err(_) if now.ticks < since.ticks => Duration::ZERO,
        Err(_) => return false,
    };
    ticks.max(wall) < limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use model::clock::{Clock, SystemClock};

    const LIMIT: Duration = Duration::from_secs(30);
    const NANO: Duration = Duration::from_nanos(1);
    const JUST_YOUNG: Duration = Duration::new(29, 999_999_999);

    fn later(since: Moment, ticks: Duration, wall: Duration) -> Moment {
        Moment { ticks: since.ticks + ticks, wall: since.wall + wall }
    }

    #[test]
    fn the_larger_of_both_ages_counts_and_the_limit_itself_is_old() {
        let since = SystemClock.now();
        assert!(is_younger(since, since, LIMIT));
        for (ticks, wall, young) in [
            (JUST_YOUNG, JUST_YOUNG, true),
            (LIMIT, Duration::ZERO, false),
            (Duration::ZERO, LIMIT, false),
            (Duration::ZERO, JUST_YOUNG, true),
        ] {
            assert_eq!(is_younger(since, later(since, ticks, wall), LIMIT), young, "{ticks:?} {wall:?}");
        }
    }

    #[test]
    fn wall_time_set_back_makes_it_old() {
        let since = SystemClock.now();
        let back = Moment { ticks: since.ticks + NANO, wall: since.wall - SignedDuration::from_nanos(1) };
        assert!(!is_younger(since, back, LIMIT));
        assert!(!is_younger(since, Moment { ticks: since.ticks, ..back }, LIMIT));
    }

    #[test]
    fn a_moment_read_before_the_load_began_finds_it_young() {
        let now = SystemClock.now();
        let since = later(now, NANO, NANO);
        assert!(is_younger(since, now, LIMIT));
        // Earlier by one clock and far later by the other: the wall clock was put forward, and counts.
        assert!(!is_younger(since, later(now, Duration::ZERO, LIMIT + NANO), LIMIT));
    }
}
