//! How a call can fail, told apart as contract and callers need it.

use connectors::{ConnectorError, Stage};
use model::policy::Refusal;
use store::{SecretError, StoreError};

use crate::policy_info::PolicyInfo;

/// A call that got no answer from its upstream.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The license was revoked.
    #[error("license revoked")]
    LicenseRevoked,
    /// Governance refused.
    #[error("blocked: {}", .0.reason)]
    Blocked(Refusal, Box<PolicyInfo>),
    /// No instance could be had.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The markers could not be read, or the intent of an execute not stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The time that the caller gives was over before the upstream was asked.
    #[error("deadline passed")]
    Deadline,
    /// The connector or its upstream.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
}

/// Why no instance could be made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// The tenant has no connector of this name.
    #[error("no such connector")]
    NotFound,
    /// The connector is disabled.
    #[error("connector disabled")]
    Disabled,
    /// The secret belongs to another tenant. Callers are told what they are told of one that does not exist: whoever can
    /// write a record could otherwise find out which secrets there are.
    #[error("the secret is another tenant's")]
    ForeignSecret,
    /// The secret does not say whose it is, where it must.
    #[error("the secret does not say whose it is")]
    UntaggedSecret,
    /// The secret can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The connector can't be made of its configuration and secret.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
}

impl LoadError {
    /// The stage that was not passed.
    pub fn stage(&self) -> Stage {
        match self {
            Self::NotFound => Stage::Exists,
            Self::Disabled => Stage::Enabled,
            Self::Store(_) => Stage::Configuration,
            Self::ForeignSecret | Self::UntaggedSecret | Self::Secret(_) => Stage::Secret,
            Self::Connector(error) => error.stage(),
        }
    }
}
