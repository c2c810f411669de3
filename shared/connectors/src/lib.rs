//! Upstreams. A connector turns a call into the upstream's own protocol and the answer into rows; it knows
//! neither where its record is stored nor how the caller reached it, and leaves the machine through `egress` only.

pub mod answers;
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
mod parameter;
mod postgres;
mod request;
mod rows;
mod snowflake;
mod sql;
mod stages;
mod trust;
mod vendor;
mod vendors;

use async_trait::async_trait;
use egress::Egress;
use model::{
    connector_type::ConnectorType,
    deadline::Deadline,
    policy::{Operation, Route},
    record::ConnectorRecord,
};

use self::vendor::api::Api;

pub use credentials::Credentials;
pub use error::{ConnectorError, Status};
pub use operation::OperationSpec;
pub use parameter::Parameter;
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
pub fn operations(kind: ConnectorType) -> Vec<&'static OperationSpec> {
    match (kind, vendors::of(kind)) {
        (_, Some(vendor)) => vendor.specs().collect(),
        (ConnectorType::Custom, _) => custom::operations().iter().collect(),
        _ => Vec::new(),
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
        other => vendors::needed(other)?.classify(request),
    }
}

/// Every fault of a call that governance let pass, as far as it shows before anything is dialled.
pub fn check(kind: ConnectorType, request: Request<'_>) -> Result<(), ConnectorError> {
    vendors::of(kind).map_or(Ok(()), |vendor| vendor.check(request))
}

/// The operations of a type as its page lists them, in Markdown; `None` for types that are not made of operations.
pub fn reference(kind: ConnectorType) -> Option<String> {
    vendors::of(kind).map(vendor::reference::page)
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
        other => Ok(Box::new(Api::new(vendors::needed(other)?, record, credentials, egress)?)),
    }
}
