//! DynamoDB tables and Secrets Manager behind small traits. Each trait is what one kind of caller may do, so
//! that a fake is a few lines and a function's permissions can be read off the traits it takes.

pub mod access;
mod audit;
mod audit_read;
mod connectors;
mod dynamo;
mod error;
mod generations;
pub mod item;
mod licenses;
mod markers;
mod race;
mod revocation;
pub mod schema;
mod secrets;
mod sessions;
mod statistics;
mod transaction;

pub use audit::AuditWriter;
pub use audit_read::{AuditFilter, AuditPage, AuditPosition, AuditReader, StoredAuditEntry};
pub use connectors::{
    ConnectorReader, ConnectorStore, ConnectorWriter, Filter, NameDirectory, Page, PlatformDirectory,
    Position, TenantDirectory, TestRecorder, TestStore, Write,
};
pub use dynamo::{Dynamo, FirstRead};
pub use error::StoreError;
pub use generations::{GenerationWriter, RefreshScope};
pub use licenses::LicenseReader;
pub use markers::{MarkerReader, Markers};
pub use race::Race;
pub use revocation::{LicenseWriter, Revocation, RevocationPage, RevocationReader};
pub use secrets::{Described, Secret, SecretError, SecretOwner, SecretReader, SecretsManager, TENANT_TAG};
pub use sessions::{SessionDirectory, SessionFilter, SessionPage, SessionStore, SessionWriter};
pub use statistics::{StatisticsReader, StatisticsWriter};
