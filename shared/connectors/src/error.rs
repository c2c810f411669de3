//! What can go wrong between us and an upstream, told apart as callers need it. Messages are for callers: they
//! hold no secret and no URL path.

use egress::EgressError;
use model::connector_type::ConnectorType;

use crate::stages::Stage;

/// A call that an upstream did not answer as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConnectorError {
    /// This version has no runtime for the type.
    #[error("this version can't call {0} upstreams yet")]
    Unsupported(ConnectorType),
    /// The record's own settings can't work.
    #[error("the connector's configuration is wrong: {0}")]
    Configuration(String),
    /// The call itself can't be made.
    #[error("{0}")]
    Invalid(String),
    /// The secret lacks what the connector needs.
    #[error("{0}")]
    Credentials(String),
    /// The way out refused or failed.
    #[error("{0}")]
    Egress(#[from] EgressError),
    /// The upstream refused the credentials.
    #[error("the upstream refused the credentials (status {0}); check that they are current")]
    CredentialsRefused(u16),
    /// The upstream knows who calls and forbids it. The credentials themselves are good, so nothing is gained by
    /// reading the secret afresh.
    #[error("the upstream forbids this to these credentials (status {0}); check what they have the right to")]
    Forbidden(u16),
    /// The upstream says no to the request.
    #[error("the upstream refused the request (status {status}){message}")]
    Rejected {
        /// Its status.
        status: u16,
        /// Its own words, cleaned, with a colon before them; or nothing.
        message: String,
    },
    /// The upstream has had too many requests.
    #[error("the upstream limits the rate of requests; try again later")]
    RateLimited {
        /// What it said about when, as sent.
        retry_after: Option<String>,
    },
    /// The upstream is in trouble, or its answer can't be read.
    #[error("{0}")]
    Upstream(String),
}

impl ConnectorError {
    /// The stage that was not passed. A deadline names the connection: what comes later has its own error.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Unsupported(_) | Self::Configuration(_) => Stage::Configuration,
            Self::Credentials(_) => Stage::Secret,
            Self::CredentialsRefused(_) | Self::Forbidden(_) => Stage::Authenticate,
            Self::Egress(error) => match error.stage() {
                "egress" => Stage::Egress,
                "name_resolution" => Stage::NameResolution,
                "tls" => Stage::Tls,
                "connect" | "deadline" => Stage::Connect,
                _ => Stage::Call,
            },
            Self::Invalid(_) | Self::Rejected { .. } | Self::RateLimited { .. } | Self::Upstream(_) => {
                Stage::Call
            }
        }
    }
}
