//! What can go wrong between us and an upstream, told apart as callers need it. Messages are for callers: they
//! hold no secret and no URL path.

use std::fmt;

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
    #[error(
        "the upstream refused the credentials ({0}); check that they are current, and options.auth_type where there is one"
    )]
    CredentialsRefused(Status),
    /// The upstream knows who calls and forbids it. The credentials themselves are good, so nothing is gained by
    /// reading the secret afresh.
    #[error("the upstream forbids this to these credentials ({0}); check what they have the right to")]
    Forbidden(Status),
    /// The upstream says no to the request.
    #[error("the upstream refused the request ({status}){message}")]
    Rejected {
        /// Its status.
        status: Status,
        /// Its own words, cleaned, with a colon before them; or nothing.
        message: String,
    },
    /// The upstream has had too many requests.
    #[error("the upstream limits the rate of requests; try again later")]
    RateLimited {
        /// What it said about when, as sent.
        retry_after: Option<String>,
    },
    /// A write was under way when the answer failed to come: nobody knows whether it took effect.
    #[error("{0}; whether the change took effect is unknown")]
    OutcomeUnknown(String),
    /// The upstream is in trouble, or its answer can't be read.
    #[error("{0}")]
    Upstream(String),
}

/// How an upstream numbers what it says, in the words of its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status(String);

impl Status {
    /// An SQLSTATE.
    pub fn sql(state: &str) -> Self {
        Self(format!("SQLSTATE {state}"))
    }

    /// An HTTP status and the vendor's own code beside it.
    pub(crate) fn coded(status: u16, code: &str) -> Self {
        Self(format!("status {status}, code {code}"))
    }
}

impl From<u16> for Status {
    /// An HTTP status.
    fn from(status: u16) -> Self {
        Self(format!("status {status}"))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
            Self::Invalid(_)
            | Self::Rejected { .. }
            | Self::RateLimited { .. }
            | Self::OutcomeUnknown(_)
            | Self::Upstream(_) => Stage::Call,
        }
    }
}
