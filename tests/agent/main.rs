//! The agent's promises.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on has failed")]

mod setup;

mod addresses;
mod answers;
mod bodies;
mod caps;
mod credentials;
mod deadlines;
mod governance;
mod hostile;
mod isolation;
mod licenses;
mod portal_changes;
mod requests;
mod routes;
mod secret_refusals;
mod statements;
mod tenants;
mod upstream_failures;
mod value_not_fetched;
