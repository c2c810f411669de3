//! The `postgres` connector against a real server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod setup;

mod blocked;
mod caps;
mod catalogue;
mod deadlines;
mod disguises;
mod execute;
mod hostile;
mod lexing;
mod login;
mod parameters;
mod sessions;
mod types;
