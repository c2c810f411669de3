//! The agent's promises.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on has failed")]

mod setup;

mod addresses;
mod answers;
mod audits;
mod bodies;
mod caps;
mod cassandra;
mod credentials;
mod deadlines;
mod executes;
mod governance;
mod health;
mod hostile;
mod isolation;
mod licenses;
mod listing;
mod log_lines;
mod outages;
mod portal_changes;
mod postgres;
mod requests;
mod routes;
mod secret_refusals;
mod silence;
mod snowflake;
mod statements;
mod tenants;
mod tiers;
mod upstream_failures;
mod value_not_fetched;
mod vendors;
