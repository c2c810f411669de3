//! Whether a process grows: its resident memory over time, and the line that fits it best.

use std::time::Duration;

/// What a process may grow by in ten minutes once it is warm, in MiB: what is left of noise in an hour's samples.
pub(crate) const SLOPE_LIMIT: f64 = 1.0;
/// What it may end at, in multiples of what it was when it was warm.
pub(crate) const GROWTH_LIMIT: f64 = 1.1;
/// The longest that a process has to become warm.
const WARM: Duration = Duration::from_mins(10);
/// Runs shorter than this say nothing of memory.
const LEAST: Duration = Duration::from_mins(15);
const TEN_MINUTES: f64 = 600.0;

/// The memory of one process, sample by sample.
#[derive(Default)]
pub(crate) struct Memory(Vec<(Duration, f64)>);

/// How it developed.
pub(crate) struct Growth {
    /// MiB in ten minutes.
    pub(crate) slope: f64,
    /// The mean of the last tenth in multiples of the mean of the first tenth, both after the warm-up.
    pub(crate) ratio: f64,
}

impl Memory {
    /// Reads a process's resident memory; nothing where it is gone.
    pub(crate) fn sample(&mut self, process: u32, at: Duration) {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
        self.0.extend(kib.map(|kib| (at, f64::from(kib) / 1024.0)));
    }

    /// The sample at, or soon after, a time.
    pub(crate) fn at(&self, time: Duration) -> Option<f64> {
        self.0.iter().find(|(at, _)| *at >= time).map(|(_, mib)| *mib)
    }

    /// The last sample.
    pub(crate) fn last(&self) -> Option<(Duration, f64)> {
        self.0.last().copied()
    }

    /// How it developed after the warm-up; nothing where the run was too short to say.
    pub(crate) fn growth(&self) -> Option<Growth> {
        let (end, _) = self.last()?;
        if end < LEAST {
            return None;
        }
        let warm: Vec<(f64, f64)> =
            self.0.iter().filter(|(at, _)| *at >= WARM).map(|(at, mib)| (at.as_secs_f64(), *mib)).collect();
        let tenth = (warm.len() / 10).max(1);
        let mean = |samples: &[(f64, f64)]| mean(samples.iter().map(|(_, mib)| *mib));
        let (first, last) = (warm.get(..tenth)?, warm.get(warm.len() - tenth..)?);
        Some(Growth { slope: slope(&warm) * TEN_MINUTES, ratio: mean(last) / mean(first) })
    }
}

impl Growth {
    pub(crate) fn is_none(&self) -> bool {
        self.slope < SLOPE_LIMIT && self.ratio <= GROWTH_LIMIT
    }
}

/// The slope of the line of least squares.
fn slope(samples: &[(f64, f64)]) -> f64 {
    let (x, y) = (mean(samples.iter().map(|(x, _)| *x)), mean(samples.iter().map(|(_, y)| *y)));
    let of =
        |product: &dyn Fn(f64, f64) -> f64| samples.iter().map(|(at, mib)| product(at - x, mib - y)).sum();
    let (together, alone): (f64, f64) = (of(&|dx, dy| dx * dy), of(&|dx, _| dx * dx));
    together / alone
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(minutes: u64, mib: impl Fn(f64) -> f64) -> Memory {
        let at = |n: u64| Duration::from_secs(n * 10);
        Memory((0..minutes * 6).map(|n| (at(n), mib(at(n).as_secs_f64() / 60.0))).collect())
    }

    #[test]
    fn a_process_that_becomes_warm_and_stays_does_not_grow() {
        let wobbling = |minute: f64| 60.0 - 30.0 / (1.0 + minute) + (minute * 7.0).sin();
        assert!(memory(60, wobbling).growth().unwrap().is_none());
    }

    #[test]
    fn one_that_leaks_a_quarter_of_a_mebibyte_a_minute_grows() {
        let growth = memory(60, |minute| 60.0 + minute / 4.0).growth().unwrap();
        assert!((growth.slope - 2.5).abs() < 0.001, "{}", growth.slope);
        assert!(!growth.is_none());
    }

    #[test]
    fn a_short_run_says_nothing() {
        assert!(memory(14, |minute| minute).growth().is_none());
    }
}
