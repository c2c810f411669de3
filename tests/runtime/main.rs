//! The promises of the running agent: what every container sees at once, and what no tenant can do to another.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on, or meets what it did not expect, has failed"
)]

mod consistent_reads;
mod history;
mod isolation;
mod lanes;
mod linearizable;
