//! Upstreams. A connector turns a call into the upstream's own protocol and the answer into rows; it knows
//! neither where its record is stored nor how the caller reached it, and leaves the machine through `egress` only.

mod cassandra;
mod cql;
mod credentials;
mod custom;
mod doubt;
mod error;
mod http;
mod json;
mod message;
mod names;
mod operation;
mod postgres;
mod request;
mod rows;
mod snowflake;
mod sql;
mod stages;
mod trust;

use async_trait::async_trait;
use egress::Egress;
use model::{
    connector_type::ConnectorType,
    deadline::Deadline,
    policy::{Operation, Route},
    record::ConnectorRecord,
};

pub use credentials::Credentials;
pub use error::{ConnectorError, Status};
pub use operation::OperationSpec;
pub use request::{Executed, Request};
pub use rows::{BYTE_LIMIT, Limit, ROW_LIMIT, Rows};
pub use stages::{Passed, Stage, Stages};

/// One upstream, ready to be called. Making one dials nothing; what it holds open is its own affair.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Reads, and nothing else.
    async fn query(&self, request: Request<'_>, deadline: Deadline) -> Result<Rows, ConnectorError>;

    /// Does what governance let pass.
    async fn execute(&self, request: Request<'_>, deadline: Deadline) -> Result<Executed, ConnectorError>;

    /// Reaches the upstream by the cheapest call that changes nothing and needs the credentials, and notes each
    /// stage that it got past. The error says which stage it did not.
    async fn health(&self, stages: &mut Stages<'_>, deadline: Deadline) -> Result<(), ConnectorError>;

    /// Ends what it holds open. Nobody calls it any more by then.
    async fn close(&self) {}
}

/// The operations of a type, for listings and for checks. Empty where the upstream's own language says everything.
pub fn operations(kind: ConnectorType) -> &'static [OperationSpec] {
    match kind {
        ConnectorType::Custom => custom::operations(),
        _ => &[],
    }
}

/// What a call amounts to, for governance to judge before anything is dialled: every operation in it, never none.
pub fn classify(
    kind: ConnectorType,
    route: Route,
    request: Request<'_>,
) -> Result<Vec<Operation>, ConnectorError> {
    match kind {
        ConnectorType::Cassandra => cassandra::classify(request),
        ConnectorType::Custom => custom::classify(route, request),
        ConnectorType::Postgres => postgres::classify(route, request),
        ConnectorType::Snowflake => snowflake::classify(route, request),
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
        ConnectorType::Cassandra => Ok(Box::new(cassandra::Cassandra::new(record, credentials, egress)?)),
        ConnectorType::Custom => Ok(Box::new(custom::Custom::new(record, credentials, egress)?)),
        ConnectorType::Postgres => Ok(Box::new(postgres::Postgres::new(record, credentials, egress)?)),
        ConnectorType::Snowflake => Ok(Box::new(snowflake::Snowflake::new(record, credentials, egress)?)),
        other => Err(ConnectorError::Unsupported(other)),
    }
}
