//! The binary as a user runs it: what it prints, writes and refuses, and what is left when it ends, however it ends.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod running;

mod canary;
mod crash;
mod credentials;
mod guarded;
mod pasted;
mod refusals;
mod restart;
mod signals;
