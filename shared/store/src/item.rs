//! A connector record as an item of the `connectors` table.
//!
//! Options are kept as JSON text: DynamoDB's own maps would rewrite numbers (`1.0` becomes `1`).

use jiff::Timestamp;
use model::{
    connector_type::ConnectorType,
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    options::Options,
    record::ConnectorRecord,
    secret_arn::SecretArn,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{dynamo::Item, error::StoreError};

/// The partition of the index that lists the whole platform.
pub(crate) const PLATFORM: &str = "all";

#[derive(Serialize, Deserialize)]
struct ConnectorItem {
    tenant_id: TenantId,
    connector_name: ConnectorName,
    platform: String,
    platform_key: String,
    id: Uuid,
    connector_type: ConnectorType,
    display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection_url: Option<String>,
    options: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credentials_secret_arn: Option<String>,
    timeout_ms: u32,
    max_retries: u8,
    enabled: bool,
    health_status: HealthStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_health_check: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(default)]
    tests: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: u64,
}

/// The sort key of the platform-wide list: `#` sorts before every character of an id, so that the order is that
/// of tenants first and names second.
pub(crate) fn platform_key(tenant: &TenantId, name: &ConnectorName) -> String {
    format!("{tenant}#{name}")
}

/// The item of a record.
pub fn to_item(record: &ConnectorRecord) -> Result<Item, StoreError> {
    let item = ConnectorItem {
        platform: PLATFORM.to_owned(),
        platform_key: platform_key(&record.tenant_id, &record.connector_name),
        tenant_id: record.tenant_id.clone(),
        connector_name: record.connector_name.clone(),
        id: record.id,
        connector_type: record.connector_type,
        display_name: record.display_name.clone(),
        description: record.description.clone(),
        connection_url: record.connection_url.clone(),
        options: serde_json::to_string(&record.options).map_err(|_| StoreError::unreadable("options"))?,
        credentials_secret_arn: record.credentials_secret_arn.as_ref().map(|arn| arn.expose().to_owned()),
        timeout_ms: record.timeout_ms,
        max_retries: record.max_retries,
        enabled: record.enabled,
        health_status: record.health.status,
        last_health_check: record.health.last_check,
        last_error: record.health.last_error.clone(),
        tests: record.health.tests,
        created_at: record.created_at,
        updated_at: record.updated_at,
        version: record.version,
    };
    serde_dynamo::to_item(item).map_err(|_| StoreError::unreadable("record"))
}

/// The record of an item; the error says which part can't be read, and nothing of it.
pub fn from_item(item: Item) -> Result<ConnectorRecord, StoreError> {
    let item: ConnectorItem = serde_dynamo::from_item(item).map_err(|_| StoreError::unreadable("record"))?;
    let options: Options = Options::stored(&item.options).map_err(|_| StoreError::unreadable("options"))?;
    let arn = item.credentials_secret_arn.as_deref().map(SecretArn::parse).transpose();
    Ok(ConnectorRecord {
        id: item.id,
        tenant_id: item.tenant_id,
        connector_name: item.connector_name,
        connector_type: item.connector_type,
        display_name: item.display_name,
        description: item.description,
        connection_url: item.connection_url,
        options,
        credentials_secret_arn: arn.map_err(|_| StoreError::unreadable("secret ARN"))?,
        timeout_ms: item.timeout_ms,
        max_retries: item.max_retries,
        enabled: item.enabled,
        health: Health {
            status: item.health_status,
            last_check: item.last_health_check,
            last_error: item.last_error,
            tests: item.tests,
        },
        created_at: item.created_at,
        updated_at: item.updated_at,
        version: item.version,
    })
}
