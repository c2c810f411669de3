//! The whole system on one machine, for development and for tests: the functions' real handlers behind true API
//! Gateway events, an embedded DynamoDB, a Secrets Manager, and a demo upstream.

pub mod aws_endpoint;
pub mod demo;
mod error;
pub mod files;
pub mod functions;
pub mod gateway;
pub mod identity;
pub mod secrets_manager;
pub mod seed;
pub mod stack;
mod welcome;

pub use error::StartError;
pub use stack::{Config, Stack};
pub use welcome::welcome;
