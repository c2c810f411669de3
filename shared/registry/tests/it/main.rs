//! The runtime of one container over stores that count and fail as told, in front of real sockets.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod abandoned;
mod audit;
mod health;
mod list;
mod live_test;
mod metrics;
mod outages;
mod round_trips;
mod secrets;
mod sharing;
mod support;
mod time;
