//! The connector record: what the portal manages and the runtime loads.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    connector_type::ConnectorType,
    etag::ETag,
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    options::Options,
    secret_arn::SecretArn,
};

/// Milliseconds a call to the upstream may take, unless the record says otherwise.
pub const DEFAULT_TIMEOUT_MS: u32 = 30_000;
/// How often a call is repeated, unless the record says otherwise.
pub const DEFAULT_MAX_RETRIES: u8 = 3;

/// One connector of one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorRecord {
    /// Made by the server, never changes.
    pub id: Uuid,
    /// Whose connector it is.
    pub tenant_id: TenantId,
    /// Unique within the tenant, immutable.
    pub connector_name: ConnectorName,
    /// Immutable.
    pub connector_type: ConnectorType,
    /// For people; defaults to the name.
    pub display_name: String,
    /// For people.
    pub description: Option<String>,
    /// Where the upstream is, in the form of its type.
    pub connection_url: Option<String>,
    /// Settings of the type.
    pub options: Options,
    /// Where the credentials lie.
    pub credentials_secret_arn: Option<SecretArn>,
    /// The longest a call may take, in milliseconds.
    pub timeout_ms: u32,
    /// How often a call may be repeated.
    pub max_retries: u8,
    /// Whether the runtime may use it.
    pub enabled: bool,
    /// What the last test found out.
    pub health: Health,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed; tests do not count.
    pub updated_at: Timestamp,
    /// Starts at 1, one more for each accepted update.
    pub version: u64,
}

impl ConnectorRecord {
    /// The strong entity tag of the record as it stands.
    pub fn etag(&self) -> ETag {
        ETag { version: self.version, tests: self.health.tests }
    }

    /// The record as the API shows it: the ARN masked, absent values left out.
    pub fn view(&self) -> RecordView<'_> {
        RecordView {
            id: self.id,
            tenant_id: &self.tenant_id,
            connector_name: &self.connector_name,
            connector_type: self.connector_type,
            display_name: &self.display_name,
            description: self.description.as_deref(),
            connection_url: self.connection_url.as_deref(),
            options: &self.options,
            credentials_secret_arn: self.credentials_secret_arn.as_ref().map(SecretArn::masked),
            timeout_ms: self.timeout_ms,
            max_retries: self.max_retries,
            enabled: self.enabled,
            health_status: self.health.status,
            last_health_check: self.health.last_check,
            last_error: self.health.last_error.as_deref(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

/// A record as JSON shows it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of ConnectorRecord, flattened and masked")]
pub struct RecordView<'a> {
    pub id: Uuid,
    pub tenant_id: &'a TenantId,
    pub connector_name: &'a ConnectorName,
    pub connector_type: ConnectorType,
    pub display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_url: Option<&'a str>,
    pub options: &'a Options,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials_secret_arn: Option<String>,
    pub timeout_ms: u32,
    pub max_retries: u8,
    pub enabled: bool,
    pub health_status: HealthStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_health_check: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<&'a str>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
}
