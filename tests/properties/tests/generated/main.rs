//! The properties over generated inputs: some made whole, some made of the words and examples that the fuzz targets
//! begin with. `PROPTEST_CASES` says how many of each; 256 unless it does.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::panic,
    reason = "a test that can't go on has failed; what it makes is small"
)]

mod addresses;
mod answers;
mod events;
mod licenses;
mod mixed;
mod records;
mod statements;

use proptest::test_runner::Config;

/// As many cases as the environment says. A find is shrunk and shown; as a seed it is kept for good.
fn config() -> Config {
    Config { failure_persistence: None, ..Config::default() }
}
