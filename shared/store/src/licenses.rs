//! The licenses table: it holds revoked ones only.

use async_trait::async_trait;
use model::deadline::Deadline;

use crate::{
    dynamo::{Dynamo, s},
    error::StoreError,
};

/// Asking whether a license still stands.
#[async_trait]
pub trait LicenseReader: Send + Sync {
    /// Whether the license was revoked.
    async fn revoked(&self, jti: &str, deadline: Deadline) -> Result<bool, StoreError>;
}

#[async_trait]
impl LicenseReader for Dynamo {
    async fn revoked(&self, jti: &str, deadline: Deadline) -> Result<bool, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.licenses)
            .key("jti", s(jti))
            .consistent_read(true)
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("GetItem", &error))?;
        Ok(answer.item.is_some())
    }
}
