//! The tenant matrix: every operation of the served documents, times every way to name what is another tenant's. What a
//! stranger learns and does is what he would learn and do of a thing that does not exist.
//!
//! The matrix is made from the documents. What they name and the matrix does not know fails it, so that an operation, a
//! parameter or a way to sign in that is added later has to say here what it can name.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on, or meets what it did not expect, has failed"
)]

mod alike;
mod cells;
mod document;
mod known;
mod ledger;
mod requests;
mod stage;
mod target;

mod declared;
mod invpc;
mod licenses;
mod matrix;
mod mixes;
mod scopes;
mod secrets;
mod sessions;
