//! What can go wrong on the way out, told apart as far as a caller answers differently. The texts are for
//! people: they may name host and port, never a path, a query, a header or a body.

/// Why a call to an upstream has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The rules forbid it; nothing was sent.
    #[error("{what} is refused: {why}")]
    Refused {
        /// Host and port, or what else was refused.
        what: String,
        /// The rule, in words.
        why: String,
    },
    /// The host's name has no address.
    #[error("the name {host} does not resolve")]
    NameResolution {
        /// The name.
        host: String,
    },
    /// A connection exists, but not a verified TLS session over it.
    #[error("TLS with {target} failed: {reason}")]
    Tls {
        /// Host and port.
        target: String,
        /// What was wrong, in words.
        reason: &'static str,
    },
    /// No connection: refused, unreachable or silent.
    #[error("{target} cannot be reached: {reason}")]
    Connect {
        /// Host and port.
        target: String,
        /// What was wrong, in words.
        reason: &'static str,
    },
    /// The call's time was over; whether the upstream acted on the request is unknown.
    #[error("{target} did not answer before the deadline")]
    Deadline {
        /// Host and port.
        target: String,
    },
    /// The connection broke, or what came over it can't be read; the upstream may have acted.
    #[error("the answer of {target} is unusable: {reason}")]
    Broken {
        /// Host and port.
        target: String,
        /// What was wrong, in words.
        reason: &'static str,
    },
    /// The body, decompressed, is longer than the caller takes; the rest was not read.
    #[error("the answer is larger than {limit} bytes")]
    BodyTooLarge {
        /// The most that was allowed, in bytes.
        limit: usize,
    },
}

impl EgressError {
    /// Whether it failed before anything was asked of the upstream, so that it has certainly done nothing.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::NameResolution { .. } | Self::Tls { .. } | Self::Connect { .. }
        )
    }

    /// The step that failed, as a connector's test names it.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "egress",
            Self::NameResolution { .. } => "name_resolution",
            Self::Tls { .. } => "tls",
            Self::Connect { .. } => "connect",
            Self::Deadline { .. } => "deadline",
            Self::Broken { .. } | Self::BodyTooLarge { .. } => "response",
        }
    }

    pub(crate) fn refused(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), why: why.into() }
    }
}

/// Why the way out cannot be set up from a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The runtime API's address could not be read, so it could not be guarded.
    #[error("AWS_LAMBDA_RUNTIME_API `{0}` is not address:port, nor a list of them with commas")]
    RuntimeApi(String),
    /// The private CA is no PEM bundle of certificates.
    #[error("the private CA is not usable: {0}")]
    CaPem(String),
    /// The TLS library refused its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
