//! The promises of portal, refresh and invoke while AWS misbehaves: random steps of several tenants over several warm
//! containers, some of whose requests to AWS fail, are lost, or are done without anybody hearing of it, are held
//! against a model of what may be true.
//!
//! A reference machine that is computed before the steps run could not hold here: what becomes of a call whose answer is
//! lost is not a function of the steps. So proptest draws and shrinks the steps alone, and the model follows what is
//! heard.
//!
//! `FAULTS_CASES` plays more cases than the usual number, `FAULTS_SEED` the cases from a seed on that a failure has
//! printed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on, or meets what it did not expect, has failed"
)]

mod books;
mod calls;
mod case;
mod end;
mod flaws;
mod instrument;
mod judge;
mod known;
mod model;
mod property;
mod rig;
mod single;
mod steps;
