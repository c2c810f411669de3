//! How long calls took, alone and beside something: the ratios that hold across machines, and what alone measures
//! against itself, which says how much of a ratio is the machine's.

use std::{fmt::Write, time::Duration};

use crate::percentile;

/// The latencies of three kinds of stretches that took turns: alone, beside what may cost them something, and alone
/// again.
#[derive(Default)]
pub struct Latencies {
    /// Alone.
    pub alone: Vec<Duration>,
    /// Beside it.
    pub beside: Vec<Duration>,
    /// Alone once more.
    pub again: Vec<Duration>,
}

impl Latencies {
    /// The ratio of a percentile beside to alone.
    pub fn ratio(&self, percent: usize) -> f64 {
        let [alone, beside, _] = self.percentiles(percent);
        beside / alone
    }

    /// The same of alone again to alone: what the machine itself makes of it.
    pub fn noise(&self, percent: usize) -> f64 {
        let [alone, _, again] = self.percentiles(percent);
        again / alone
    }

    /// Percentiles 50, 90 and 99 as lines of text.
    pub fn table(&self) -> String {
        let mut text =
            format!("{:>4} {:>10} {:>10} {:>7} {:>12}", "", "alone ms", "beside ms", "ratio", "alone again");
        for percent in [50, 90, 99] {
            let [alone, beside, again] = self.percentiles(percent);
            let (ratio, noise) = (beside / alone, again / alone);
            // Writing to a text does not fail.
            let _ = write!(text, "\np{percent:<3} {alone:>10.3} {beside:>10.3} {ratio:>7.2} {noise:>12.2}");
        }
        text
    }

    /// In milliseconds: alone, beside, alone again.
    fn percentiles(&self, percent: usize) -> [f64; 3] {
        [&self.alone, &self.beside, &self.again].map(|latencies| {
            let mut all: Vec<f64> = latencies.iter().map(|latency| latency.as_secs_f64() * 1e3).collect();
            all.sort_by(f64::total_cmp);
            percentile(&all, percent)
        })
    }
}
