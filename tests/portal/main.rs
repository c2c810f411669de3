//! The portal's promises, each through HTTP and the gateway's true events.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect fails"
)]

mod given;
mod stored;
mod user;

mod audit;
mod bodies;
mod create;
mod delete;
mod dynamodb_local;
mod generations;
mod invpc;
mod list;
mod live_cassandra;
mod live_telemetry;
mod live_test;
mod live_vendors;
mod options;
mod origins;
mod outage;
mod pages;
mod preconditions;
mod problems;
mod races;
mod read;
mod round_trip;
mod saas;
mod sessions;
mod simulated_test;
mod snowflake;
mod types;
mod update;
mod urls;
mod validation;
