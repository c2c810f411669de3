//! How long calls took, alone and beside something: the ratios that hold across machines, and what alone measures
//! against itself, which says how much of a ratio is the machine's.

use std::{fmt::Write, time::Duration};

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
    pub fn ratio(&mut self, percent: usize) -> f64 {
        let [alone, beside, _] = self.percentiles(percent);
        beside / alone
    }

    /// Percentiles 50, 90 and 99 as lines of text.
    pub fn table(&mut self) -> String {
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
    fn percentiles(&mut self, percent: usize) -> [f64; 3] {
        [&mut self.alone, &mut self.beside, &mut self.again].map(|latencies| {
            latencies.sort();
            latencies[(latencies.len() - 1) * percent / 100].as_secs_f64() * 1e3
        })
    }
}
