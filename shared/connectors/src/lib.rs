//! Upstreams. A connector turns a query into the upstream's own protocol and the answer into rows; it knows
//! neither where its record is stored nor how the caller reached it, and leaves the machine through `egress` only.

mod credentials;
mod custom;
mod error;
mod json;
mod operation;
mod rows;

use async_trait::async_trait;
use egress::Egress;
use model::{connector_type::ConnectorType, deadline::Deadline, policy::Operation, record::ConnectorRecord};
use serde_json::{Map, Value};

pub use credentials::Credentials;
pub use error::ConnectorError;
pub use operation::OperationSpec;
pub use rows::{BYTE_LIMIT, Limit, ROW_LIMIT, Rows};

/// What a caller asks for.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// In the upstream's own language; where it has none, an operation's name or a path.
    pub statement: Option<&'a str>,
    /// The operation, where the caller names one.
    pub operation: Option<&'a str>,
    /// Values that go with it.
    pub parameters: &'a Map<String, Value>,
    /// The most rows that the caller wants.
    pub limit: Option<usize>,
}

/// One upstream, ready to be called.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Reads, and nothing else.
    async fn query(&self, query: Query<'_>, deadline: Deadline) -> Result<Rows, ConnectorError>;
}

/// What a query amounts to, for governance to judge before anything is fetched or dialled.
pub fn classify(kind: ConnectorType, query: Query<'_>) -> Result<Operation<'static>, ConnectorError> {
    match kind {
        ConnectorType::Custom => custom::classify(query),
        other => Err(ConnectorError::Unsupported(other)),
    }
}

/// Makes the connector of a record. Nothing is dialled yet.
pub fn connect(
    record: &ConnectorRecord,
    credentials: Option<Credentials>,
    egress: &Egress,
) -> Result<Box<dyn Connector>, ConnectorError> {
    match record.connector_type {
        ConnectorType::Custom => Ok(Box::new(custom::Custom::new(record, credentials, egress)?)),
        other => Err(ConnectorError::Unsupported(other)),
    }
}
