//! What a benchmark found, as a line that `tests/bench/renew` puts into the table of tests/bench/README.md.

/// What kind of number it is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Holds across machines.
    Ratio,
    /// A time, a size or a count on this machine.
    Number,
}

/// Prints a line of the table: what was measured, what it must hold (empty where nothing is asked), and what it was.
#[expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
pub fn row(kind: Kind, what: &str, bar: &str, measured: &str) {
    let kind = match kind {
        Kind::Ratio => "ratio",
        Kind::Number => "number",
    };
    println!("row: {kind} | {what} | {bar} | {measured}");
}

/// The value below which so many percent of the values lie; they must be in order.
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}
