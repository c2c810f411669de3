//! The connector record: what the portal manages and the runtime loads.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    connector_type::ConnectorType,
    etag::ETag,
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    options::Options,
    schemas::MaskedSecretArn,
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

/// A connector. Absent values are left out, never null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connector)]
pub struct RecordView<'a> {
    /// Made by the server, never changes.
    pub id: Uuid,
    /// Whose it is.
    #[schema(value_type = TenantId)]
    pub tenant_id: &'a TenantId,
    /// Unique within the tenant, immutable.
    #[schema(value_type = ConnectorName)]
    pub connector_name: &'a ConnectorName,
    /// Immutable.
    pub connector_type: ConnectorType,
    /// For people.
    pub display_name: &'a str,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub description: Option<&'a str>,
    /// Where the upstream is, in the form of its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub connection_url: Option<&'a str>,
    /// Settings of the type.
    #[schema(value_type = Object)]
    pub options: &'a Options,
    /// Where the credentials lie, always masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = MaskedSecretArn, required = false)]
    pub credentials_secret_arn: Option<String>,
    /// The longest a call to the upstream may take, in milliseconds.
    #[schema(minimum = 100, maximum = 120_000)]
    pub timeout_ms: u32,
    /// How often a call that may be repeated is repeated.
    #[schema(minimum = 0, maximum = 10)]
    pub max_retries: u8,
    /// Whether agents may use it.
    pub enabled: bool,
    /// What the last test found out; only tests set it.
    pub health_status: HealthStatus,
    /// When the last test ended; absent until the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub last_health_check: Option<Timestamp>,
    /// What the last test found wrong, without any secret; absent where it found nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub last_error: Option<&'a str>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last changed; tests do not count.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Starts at 1, one more for each accepted update.
    #[schema(minimum = 1)]
    pub version: u64,
}
