//! What a vendor says against a request, told apart as callers and repetitions need it.

use std::time::Duration;

use egress::{Response, Verdict};
use reqwest::header::RETRY_AFTER;

use crate::{ConnectorError, Status, http::answer::header, message::passed_on};

/// The most seconds that a caller is asked to wait for a quota whose end the vendor does not tell.
const QUOTA_WAIT: Duration = Duration::from_hours(1);

/// What an answer means that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The credentials are not good, or not any more.
    Credentials,
    /// The credentials are good and lack a right.
    Lacks,
    /// Too many requests just now. The vendor took nothing.
    Burst {
        /// How long to wait, where the vendor says so otherwise than by `Retry-After`.
        wait: Option<Duration>,
    },
    /// What may be asked in a day, or a month, is used up. The vendor took nothing.
    Quota,
    /// Somebody else holds what the request needs. The vendor did nothing, and may the next time.
    Busy,
    /// The vendor is in trouble, and has not acted on the request.
    Down,
    /// Nothing that this vendor says: whoever answered is somebody else.
    Foreign,
    /// No to this request.
    Rejected,
    /// The vendor is in trouble; it may have acted on the request.
    Failed,
}

/// A refusal: what it means, and the vendor's own code and words.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) said: Said,
    /// The vendor's code, such as `INVALID_FIELD`; may be empty.
    pub(crate) code: String,
    /// The vendor's words; may be empty. Secrets in them are taken out before anybody reads them.
    pub(crate) words: String,
}

impl Said {
    /// What a status means by itself; nothing where it means success.
    pub(crate) fn by_status(response: &Response) -> Option<Self> {
        Some(match response.status.as_u16() {
            200..=299 => return None,
            401 => Self::Credentials,
            403 => Self::Lacks,
            429 => Self::Burst { wait: None },
            408 => Self::Failed,
            400..=499 => Self::Rejected,
            _ => Self::Failed,
        })
    }

    /// Whether it may be tried again.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Burst { wait } => Verdict::Untaken { wait },
            Self::Busy | Self::Down => Verdict::Untaken { wait: None },
            Self::Failed => Verdict::Unlucky,
            Self::Credentials | Self::Lacks | Self::Quota | Self::Foreign | Self::Rejected => Verdict::Final,
        }
    }
}

impl Refused {
    pub(crate) fn new(said: Said, code: impl Into<String>, words: impl Into<String>) -> Self {
        Self { said, code: code.into(), words: words.into() }
    }

    /// The error that callers see. `secrets` are taken out of the vendor's words.
    pub(crate) fn error(&self, response: &Response, vendor: &str, secrets: &[&str]) -> ConnectorError {
        let code = passed_on(&self.code, secrets);
        let code = code.trim_start_matches([':', ' ']);
        let number = response.status.as_u16();
        let status = || if code.is_empty() { number.into() } else { Status::coded(number, code) };
        let words = || passed_on(&self.words, secrets);
        // For where our own words go on behind the vendor's.
        let open = || words().trim_end_matches(['.', ' ']).to_owned();
        let retry_after = || header(response, RETRY_AFTER.as_str());
        match self.said {
            Said::Credentials => ConnectorError::CredentialsRefused(status()),
            Said::Lacks => ConnectorError::Lacks { status: status(), message: open() },
            Said::Burst { wait } => {
                let wait = wait.map(|wait| wait.as_millis().div_ceil(1_000).max(1).to_string());
                ConnectorError::RateLimited { retry_after: retry_after().or(wait) }
            }
            Said::Quota => {
                let wait = retry_after().unwrap_or_else(|| QUOTA_WAIT.as_secs().to_string());
                ConnectorError::QuotaUsed { status: status(), message: open(), retry_after: wait }
            }
            Said::Busy | Said::Rejected => ConnectorError::Rejected { status: status(), message: words() },
            Said::Failed if (300..400).contains(&number) => ConnectorError::Upstream(format!(
                "{vendor} answered with a redirect (status {number}); set connection_url to where it leads"
            )),
            Said::Foreign => ConnectorError::Upstream(format!(
                "what answered (status {number}) is not {vendor}'s API; check where connection_url leads"
            )),
            // Without the vendor's words: an error of this kind is audited as it is.
            Said::Failed | Said::Down => ConnectorError::Upstream(format!("{vendor} failed ({})", status())),
        }
    }
}
