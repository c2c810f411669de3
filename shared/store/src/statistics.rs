//! The statistics table: one row for each container, tenant and hour, which goes a day after it was last written.

use async_trait::async_trait;
use model::{deadline::Deadline, statistics::StatisticsRow};

use crate::{
    dynamo::{Dynamo, n, s},
    error::StoreError,
};

/// Seconds after which a row no longer counts: the window of 24 hours, and the hour that the row itself spans.
const KEPT_SECONDS: i64 = 25 * 3600;

/// Writing the row of one container.
#[async_trait]
pub trait StatisticsWriter: Send + Sync {
    /// Stores the row in place of what the container wrote before in the same hour.
    async fn put(&self, row: &StatisticsRow, deadline: Deadline) -> Result<(), StoreError>;
}

#[async_trait]
impl StatisticsWriter for Dynamo {
    async fn put(&self, row: &StatisticsRow, deadline: Deadline) -> Result<(), StoreError> {
        let item = serde_dynamo::to_item(row).map_err(|_| StoreError::unreadable("statistics"))?;
        let request = self
            .client
            .put_item()
            .table_name(&self.tables.cache_stats)
            .set_item(Some(item))
            .item("instance_id", s(format!("{}#{}", row.container, row.hour)))
            .item("expires_at", n(row.heard_at.as_second() + KEPT_SECONDS))
            .customize()
            .config_override(self.within(deadline)?);
        request.send().await.map(|_| ()).map_err(|error| StoreError::of("PutItem", &error))
    }
}
