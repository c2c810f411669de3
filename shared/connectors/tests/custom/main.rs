//! The `custom` connector against services that really listen: what they are sent, and what becomes of their answers.

#[cfg(test)]
#[path = "../support/ahead.rs"]
mod ahead;
#[cfg(test)]
mod auth;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod health;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod service;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod writes;
