//! The statistics table: one row for each container, tenant and hour, which goes a day after it was last written.

use async_trait::async_trait;
use model::{deadline::Deadline, ids::TenantId, statistics::StatisticsRow};

use crate::{
    dynamo::{Dynamo, Item, n, s},
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

/// Reading the rows of many.
#[async_trait]
pub trait StatisticsReader: Send + Sync {
    /// One tenant's rows that may still count, as of now (a strongly consistent read).
    async fn of_tenant(
        &self,
        tenant: &TenantId,
        deadline: Deadline,
    ) -> Result<Vec<StatisticsRow>, StoreError>;
    /// Every tenant's rows that may still count; a row written a moment ago may be missing.
    async fn all(&self, deadline: Deadline) -> Result<Vec<StatisticsRow>, StoreError>;
}

/// The store removes an expired item within days, not at once.
const NOT_EXPIRED: &str = "expires_at > :now";

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

#[async_trait]
impl StatisticsReader for Dynamo {
    async fn of_tenant(
        &self,
        tenant: &TenantId,
        deadline: Deadline,
    ) -> Result<Vec<StatisticsRow>, StoreError> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.tables.cache_stats)
                .key_condition_expression("tenant_id = :tenant")
                .filter_expression(NOT_EXPIRED)
                .expression_attribute_values(":tenant", s(tenant.as_str()))
                .expression_attribute_values(":now", n(self.clock.now().epoch_seconds()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .customize()
                .config_override(self.within(deadline)?);
            let answer = request.send().await.map_err(|error| StoreError::of("Query", &error))?;
            collect(&mut rows, answer.items)?;
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    async fn all(&self, deadline: Deadline) -> Result<Vec<StatisticsRow>, StoreError> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let request = self
                .client
                .scan()
                .table_name(&self.tables.cache_stats)
                .filter_expression(NOT_EXPIRED)
                .expression_attribute_values(":now", n(self.clock.now().epoch_seconds()))
                .set_exclusive_start_key(start)
                .customize()
                .config_override(self.within(deadline)?);
            let answer = request.send().await.map_err(|error| StoreError::of("Scan", &error))?;
            collect(&mut rows, answer.items)?;
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }
}

fn collect(rows: &mut Vec<StatisticsRow>, items: Option<Vec<Item>>) -> Result<(), StoreError> {
    for item in items.into_iter().flatten() {
        rows.push(serde_dynamo::from_item(item).map_err(|_| StoreError::unreadable("statistics"))?);
    }
    Ok(())
}
