//! What a test found out, as the API answers it.

use jiff::Timestamp;
use model::{
    health::{Check, HealthStatus, TestMode},
    ids::ConnectorName,
};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Outcome {
    pub(crate) connector_name: ConnectorName,
    pub(crate) mode: TestMode,
    pub(crate) success: bool,
    pub(crate) health_status: HealthStatus,
    pub(crate) message: String,
    pub(crate) checks: Vec<Check>,
    pub(crate) tested_at: Timestamp,
    pub(crate) duration_ms: u64,
}
