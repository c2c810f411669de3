//! The `cassandra` connector against a real server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod setup;

mod disguises;
mod execute;
mod hostile;
mod lexing;
mod login;
mod pages;
mod parameters;
mod peers;
mod sessions;
mod types;
