//! DynamoDB tables and Secrets Manager behind small traits. Each trait is what one kind of caller may do, so
//! that a fake is a few lines and a function's permissions can be read off the traits it takes.

mod audit;
mod connectors;
mod dynamo;
mod error;
mod generations;
mod item;
mod licenses;
mod markers;
mod race;
pub mod schema;
mod secrets;
mod sessions;
mod statistics;
mod transaction;

pub use audit::AuditWriter;
pub use connectors::{
    ConnectorDirectory, ConnectorReader, ConnectorStore, ConnectorWriter, Filter, Page, Position, View, Write,
};
pub use dynamo::Dynamo;
pub use error::StoreError;
pub use generations::{GenerationWriter, RefreshScope};
pub use licenses::LicenseReader;
pub use markers::{MarkerReader, Markers};
pub use race::Race;
pub use secrets::{Described, Secret, SecretError, SecretOwner, SecretReader, SecretsManager, TENANT_TAG};
pub use sessions::SessionStore;
pub use statistics::{StatisticsReader, StatisticsWriter};
