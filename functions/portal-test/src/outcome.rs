//! What a test found out, as the API answers it.

use jiff::Timestamp;
use model::{
    health::{Check, HealthStatus, TestMode},
    ids::ConnectorName,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a test found.
#[derive(Serialize, ToSchema)]
#[schema(as = TestOutcome)]
pub(crate) struct Outcome {
    /// The connector.
    pub(crate) connector_name: ConnectorName,
    /// How it was tested.
    pub(crate) mode: TestMode,
    /// Whether every stage that applies was passed.
    pub(crate) success: bool,
    /// What was stored in the record.
    pub(crate) health_status: HealthStatus,
    /// The outcome in words, without any secret.
    pub(crate) message: String,
    /// The stages in order.
    pub(crate) checks: Vec<Check>,
    /// When the test ended.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) tested_at: Timestamp,
    /// How long it took, in milliseconds.
    pub(crate) duration_ms: u64,
}
