//! When faults come: most of the time some, then a stretch of many, then one of none, each minute anew. What a stretch
//! of many leaves broken shows in the one of none.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

const CYCLE: Duration = Duration::from_mins(1);
/// Of twelve parts of a cycle, the first with many faults and the first with none.
const HEAVY_FROM: u32 = 5;
const CALM_FROM: u32 = 8;
/// How long after the last fault something of it may still be under way: the latest request to AWS, a failure that is
/// remembered for a second, an upstream that hangs until the call's time is over.
const SETTLED: Duration = Duration::from_secs(8);

/// How many faults there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// None.
    Calm,
    /// Some.
    Usual,
    /// Many.
    Heavy,
}

/// The weather of one run.
pub(crate) struct Forecast {
    began: Instant,
    cycle: Duration,
    over: AtomicBool,
}

impl Forecast {
    /// The weather of a run that begins now; a short one has all of it too.
    pub(crate) fn new(began: Instant, lasts: Duration) -> Self {
        Self { began, cycle: CYCLE.min(lasts), over: AtomicBool::new(false) }
    }

    /// No faults from now on.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(crate) fn at(&self, now: Instant) -> Weather {
        let into = self.in_cycle(now);
        match into {
            _ if self.over.load(Ordering::SeqCst) => Weather::Calm,
            _ if into >= self.part(CALM_FROM) => Weather::Calm,
            _ if into >= self.part(HEAVY_FROM) => Weather::Heavy,
            _ => Weather::Usual,
        }
    }

    /// Whether a call that began and ended at these times met no fault, nor what one left.
    pub(crate) fn untouched(&self, began: Instant, ended: Instant) -> bool {
        let into = self.in_cycle(began);
        into >= self.part(CALM_FROM) + SETTLED && into + ended.duration_since(began) < self.cycle
    }

    fn part(&self, number: u32) -> Duration {
        self.cycle * number / 12
    }

    fn in_cycle(&self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.began).as_millis() % self.cycle.as_millis().max(1);
        Duration::from_millis(u64::try_from(passed).unwrap_or_default())
    }
}

/// Of a thousand requests, so many meet a fault.
pub(crate) fn rate(weather: Weather, usual: usize, heavy: usize) -> usize {
    match weather {
        Weather::Calm => 0,
        Weather::Usual => usual,
        Weather::Heavy => heavy,
    }
}
