//! How a call can fail, told apart as contract and callers need it.

use connectors::ConnectorError;
use model::policy::Refusal;
use store::{SecretError, StoreError};

use crate::policy_info::PolicyInfo;

/// A call that got no answer from its upstream.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The license was revoked.
    #[error("license revoked")]
    LicenseRevoked,
    /// The tenant has no connector of this name.
    #[error("no such connector")]
    NotFound,
    /// The connector is disabled.
    #[error("connector disabled")]
    Disabled,
    /// Governance refused.
    #[error("blocked: {}", .0.reason)]
    Blocked(Refusal, Box<PolicyInfo>),
    /// The secret belongs to another tenant, or to nobody where it must say whose it is.
    #[error("the secret is not this tenant's")]
    ForeignSecret,
    /// The secret can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The time that the caller gives was over before the connector was loaded.
    #[error("deadline passed")]
    Deadline,
    /// The connector or its upstream.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
}
