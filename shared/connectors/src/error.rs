//! What can go wrong between us and an upstream, told apart as callers need it. Messages are for callers: they
//! hold no secret and no URL path.

use std::fmt;

use egress::EgressError;
use model::fault::Fault;

use crate::stages::Stage;

/// A call that an upstream did not answer as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConnectorError {
    /// The record's own settings can't work.
    #[error("the connector's configuration is wrong: {0}")]
    Configuration(String),
    /// The call itself can't be made.
    #[error("{0}")]
    Invalid(String),
    /// The call's parameters are not what the operation takes: every fault at once.
    #[error("the parameters are not accepted: {}", told(.0))]
    Faults(Vec<Fault>),
    /// The secret lacks what the connector needs.
    #[error("{0}")]
    Credentials(String),
    /// The way out refused or failed.
    #[error("{0}")]
    Egress(#[from] EgressError),
    /// A live test did not get through to the upstream, and its vendor has something to say about that.
    #[error("{error}; {hint}")]
    Unreached {
        /// Why not.
        error: EgressError,
        /// What it may mean at this vendor.
        hint: &'static str,
    },
    /// The upstream refused the credentials.
    #[error(
        "the upstream refused the credentials ({0}); check that they are current, and options.auth_type where there is one"
    )]
    CredentialsRefused(Status),
    /// The upstream knows who calls and forbids it. The credentials themselves are good, so nothing is gained by
    /// reading the secret afresh.
    #[error("the upstream forbids this to these credentials ({0}); check what they have the right to")]
    Forbidden(Status),
    /// The upstream took the credentials, and what they are for lacks a right or a scope. Nothing is gained by reading
    /// the secret afresh.
    #[error(
        "the upstream took the credentials, which lack a right for this ({status}){message}; grant it there"
    )]
    Lacks {
        /// Its status.
        status: Status,
        /// Its own words, cleaned, with a colon before them; or nothing.
        message: String,
    },
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
    /// What these credentials may ask for in a day, or another long while, is used up.
    #[error(
        "the quota of these credentials at the upstream is used up ({status}){message}; it is not a matter of seconds"
    )]
    QuotaUsed {
        /// Its status.
        status: Status,
        /// Its own words, cleaned, with a colon before them; or nothing.
        message: String,
        /// When to come again: seconds, or what it said.
        retry_after: String,
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
    pub fn coded(status: u16, code: &str) -> Self {
        Self(format!("status {status}, code {code}"))
    }

    /// An HTTP status, the vendor's own code, and what to do about it.
    pub(crate) fn explained(status: u16, code: &str, hint: &str) -> Self {
        Self(format!("status {status}, code {code}: {hint}"))
    }

    /// A code of Cassandra's protocol.
    pub fn cql(code: u16) -> Self {
        Self(format!("CQL error 0x{code:04X}"))
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

/// The first few faults; the rest is listed beside the message.
fn told(faults: &[Fault]) -> String {
    const SHOWN: usize = 3;
    let shown = faults.iter().take(SHOWN).map(|fault| format!("{} {}", fault.pointer, fault.detail));
    let text = shown.collect::<Vec<_>>().join("; ");
    match faults.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}

impl ConnectorError {
    /// The stage that was not passed. A deadline names the connection: what comes later has its own error.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Configuration(_) => Stage::Configuration,
            Self::Credentials(_) => Stage::Secret,
            Self::CredentialsRefused(_) | Self::Forbidden(_) => Stage::Authenticate,
            Self::Egress(error) | Self::Unreached { error, .. } => match error.stage() {
                "egress" => Stage::Egress,
                "name_resolution" => Stage::NameResolution,
                "tls" => Stage::Tls,
                "connect" | "deadline" => Stage::Connect,
                _ => Stage::Call,
            },
            Self::Invalid(_)
            | Self::Faults(_)
            | Self::Lacks { .. }
            | Self::QuotaUsed { .. }
            | Self::Rejected { .. }
            | Self::RateLimited { .. }
            | Self::OutcomeUnknown(_)
            | Self::Upstream(_) => Stage::Call,
        }
    }
}
