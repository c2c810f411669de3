//! How an upstream took a call, in few words: each is a value of a dimension, and every pair of type and outcome is a
//! metric of its own.

/// How a call of an upstream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It answered.
    Ok,
    /// Nothing was asked of it: the call or the connector's settings can't work.
    Invalid,
    /// The rules of the way out refuse its address.
    Refused,
    /// There was no connection to it: name, network or TLS.
    Unreachable,
    /// It took or knows no such credentials, or forbids this to them.
    Credentials,
    /// It said no to the request.
    Rejected,
    /// It was asked too often.
    RateLimited,
    /// It did not answer in time.
    Deadline,
    /// It is in trouble, or its answer can't be read.
    Failed,
    /// A write's answer failed to come: whether it took effect is not known.
    Unknown,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::Invalid,
        Self::Refused,
        Self::Unreachable,
        Self::Credentials,
        Self::Rejected,
        Self::RateLimited,
        Self::Deadline,
        Self::Failed,
        Self::Unknown,
    ];

    /// The dimension's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Invalid => "invalid",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Credentials => "credentials",
            Self::Rejected => "rejected",
            Self::RateLimited => "rate_limited",
            Self::Deadline => "deadline",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}
