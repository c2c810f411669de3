//! The promises of refresh and of the cache statistics, each through HTTP and the gateway's true events.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod setup;

mod bodies;
mod counters;
mod isolation;
mod outage;
mod parts;
mod refusals;
mod routes;
mod scopes;
mod statistics;
