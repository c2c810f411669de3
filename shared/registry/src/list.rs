//! What a tenant's agents can call, from all three tiers.

use std::collections::HashSet;

use connectors::OperationSpec;
use model::{
    connector_type::ConnectorType,
    deadline::Deadline,
    health::HealthStatus,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
    source::Source,
};
use serde_json::Value;
use store::{Filter, Position, StoreError, TenantDirectory};

use crate::{Runtime, error::CallError};

/// Records asked for in one request.
const PAGE: usize = 200;

/// One connector of a listing.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub name: ConnectorName,
    /// Its type.
    pub kind: ConnectorType,
    /// The version of its record.
    pub version: u64,
    /// What the last test stored; absent where there was none.
    pub healthy: Option<bool>,
    /// The tier of its configuration.
    pub source: Source,
    /// Whether it refuses every execute.
    pub read_only: bool,
    /// What it can do, where its type has a list.
    pub operations: Vec<&'static OperationSpec>,
}

impl Runtime {
    /// The tenant's enabled connectors, sorted by name. A disabled record still hides the lower tiers' entry of its
    /// name.
    pub async fn list(
        &self,
        tenant: &TenantId,
        license_id: &str,
        deadline: Deadline,
    ) -> Result<Vec<Listed>, CallError> {
        let late = |error: StoreError| match deadline.left(self.clock.now()) {
            Some(_) => CallError::Store(error),
            None => CallError::Deadline,
        };
        if self.licenses.revoked(license_id, deadline).await.map_err(late)? {
            return Err(CallError::LicenseRevoked);
        }
        let records = records(self.directory.as_ref(), tenant, deadline).await.map_err(late)?;
        let names: HashSet<ConnectorName> = records.iter().map(|r| r.connector_name.clone()).collect();
        let stored = records.into_iter().map(|record| (record, Source::Database));
        let declared = self.loader.tiers.of_tenant(tenant).into_iter();
        let declared = declared.map(|entry| (entry.record, entry.source));
        let shown = declared.filter(|(record, _)| !names.contains(&record.connector_name));
        let mut all: Vec<Listed> =
            stored.chain(shown).filter(|(record, _)| record.enabled).map(listed).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}

fn listed((record, source): (ConnectorRecord, Source)) -> Listed {
    let healthy = match record.health.status {
        HealthStatus::Healthy => Some(true),
        HealthStatus::Unhealthy => Some(false),
        HealthStatus::Unknown => None,
    };
    let (name, kind, version) = (record.connector_name, record.connector_type, record.version);
    let read_only = record.options.get("read_only").and_then(Value::as_bool).unwrap_or(false);
    Listed { name, kind, version, healthy, source, read_only, operations: connectors::operations(kind) }
}

async fn records(
    directory: &dyn TenantDirectory,
    tenant: &TenantId,
    deadline: Deadline,
) -> Result<Vec<ConnectorRecord>, StoreError> {
    let filter = Filter::default();
    let mut records = Vec::new();
    let mut after: Option<Position> = None;
    loop {
        let page = directory.page_of_tenant(tenant, &filter, after.as_ref(), PAGE, deadline).await?;
        records.extend(page.records);
        after = page.next;
        if after.is_none() {
            return Ok(records);
        }
    }
}
