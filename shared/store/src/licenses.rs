//! The licenses table: it holds the revoked ones and no other, so that a license that is good costs no item.

use async_trait::async_trait;
use model::deadline::Deadline;

use crate::{
    dynamo::{Dynamo, s},
    error::StoreError,
};

/// Whether a license still stands, for routes that read no markers.
#[async_trait]
pub trait LicenseReader: Send + Sync {
    /// Whether the license of this id was revoked (a strongly consistent read).
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
            .projection_expression("jti")
            .consistent_read(true)
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("GetItem", &error))?;
        Ok(answer.item.is_some())
    }
}
