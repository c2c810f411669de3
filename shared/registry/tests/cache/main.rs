//! The warm cache under real concurrency: one load for many, leaders that vanish, bounds that hold.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod bounds;
mod drops;
mod failures;
mod reference;
mod single_flight;
mod support;
mod timing;
