//! The `snowflake` connector against a strict stand-in for its SQL API, written from the vendor's documentation, and
//! against a server that others wrote.

#[cfg(test)]
#[path = "../support/ahead.rs"]
mod ahead;
#[cfg(test)]
mod auth;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod executes;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod health;
#[cfg(test)]
mod partitions;
#[cfg(test)]
mod polls;
#[cfg(test)]
mod reply;
#[cfg(test)]
mod resubmissions;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod snowduck;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod types;
#[cfg(test)]
mod way;
