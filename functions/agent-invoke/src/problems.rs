//! The one conversion from what can go wrong with a call to what its caller reads.

use api::problems as common;
use connectors::ConnectorError;
use egress::EgressError;
use jiff::Timestamp;
use model::problem::Problem;
use registry::{CallError, LoadError};
use store::SecretError;

/// The problem of a failed call.
pub(crate) fn of(error: CallError) -> Problem {
    match error {
        CallError::LicenseRevoked => common::license_revoked(),
        CallError::Blocked(refusal, info) => {
            let info = serde_json::to_value(info).unwrap_or_default();
            Problem::new(403, "blocked-by-policy", "Blocked by policy", refusal.reason)
                .with_member("blocked", true)
                .with_member("policy_info", info)
        }
        CallError::Load(error) => of_load(error),
        CallError::Store(error) => error.into(),
        CallError::Deadline => deadline("The call's time was over before its upstream was asked.", "store"),
        CallError::Connector(error) => of_load(LoadError::Connector(error)),
    }
}

fn of_load(error: LoadError) -> Problem {
    let detail = common::sentence(&error.advice());
    match error {
        LoadError::NotFound => Problem::connector_not_found(),
        LoadError::Disabled => Problem::new(409, "connector-disabled", "Connector disabled", detail),
        LoadError::ForeignSecret => {
            secret("secret-missing", detail).with_cause("the secret is another tenant's")
        }
        LoadError::UntaggedSecret => secret("secret-foreign", detail),
        LoadError::Secret(error) => of_secret(&error, detail),
        LoadError::Store(error) => error.into(),
        LoadError::Connector(error) => of_connector(error, detail),
    }
}

fn secret(kind: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(424, kind, "Credentials not usable", detail).with_member("stage", "secret")
}

fn of_secret(error: &SecretError, detail: String) -> Problem {
    match error {
        SecretError::Missing(_) => secret("secret-missing", detail),
        SecretError::Denied(_) => secret("secret-not-readable", detail),
        SecretError::Binary => secret("secret-malformed", detail),
        SecretError::Deadline => deadline(detail, "secret"),
        SecretError::Unavailable(_) => {
            Problem::new(503, "secrets-unavailable", "Secrets unavailable", detail)
                .with_member("stage", "secret")
                .with_header("retry-after", "1")
        }
    }
    .with_cause(error)
}

fn of_connector(error: ConnectorError, detail: String) -> Problem {
    let stage = error.stage().as_str();
    match error {
        ConnectorError::Configuration(_) => {
            Problem::new(422, "connector-misconfigured", "Connector misconfigured", detail)
        }
        ConnectorError::Invalid(_) => Problem::new(422, "invalid-query", "The query is not accepted", detail),
        ConnectorError::Faults(faults) => {
            Problem::new(422, "invalid-query", "The query is not accepted", detail).with_faults(faults)
        }
        ConnectorError::Credentials(_) => secret("secret-malformed", detail),
        ConnectorError::CredentialsRefused(_)
        | ConnectorError::Forbidden(_)
        | ConnectorError::Lacks { .. } => {
            let problem = Problem::new(424, "credentials-refused", "Credentials refused", detail);
            problem.with_member("stage", stage)
        }
        ConnectorError::Rejected { .. } => {
            let problem = Problem::new(422, "upstream-refused", "Refused by the upstream", detail);
            problem.with_member("stage", "response")
        }
        ConnectorError::RateLimited { retry_after } => {
            let problem = Problem::new(429, "upstream-rate-limit", "Upstream rate limit", detail);
            let wait = retry_after.filter(|value| is_retry_after(value)).unwrap_or_else(|| "1".to_owned());
            problem.with_member("stage", "response").with_header("retry-after", wait)
        }
        ConnectorError::QuotaUsed { retry_after, .. } => {
            let problem = Problem::new(429, "upstream-quota", "Upstream quota used up", detail);
            let wait = Some(retry_after).filter(|value| is_retry_after(value));
            let wait = wait.unwrap_or_else(|| "3600".to_owned());
            problem.with_member("stage", "response").with_header("retry-after", wait)
        }
        ConnectorError::OutcomeUnknown(_) => {
            let problem = Problem::new(504, "outcome-unknown", "Outcome unknown", detail);
            problem.with_member("stage", "response")
        }
        ConnectorError::Upstream(_) => upstream("upstream-failed", detail).with_member("stage", "response"),
        ConnectorError::Egress(error) | ConnectorError::Unreached { error, .. } => of_egress(&error, detail),
    }
}

fn of_egress(error: &EgressError, detail: String) -> Problem {
    let problem = match error {
        EgressError::Refused { .. } => Problem::new(422, "address-refused", "Address refused", detail),
        EgressError::NameResolution { .. } => upstream("name-not-resolved", detail),
        EgressError::Tls { .. } => upstream("tls-failed", detail),
        EgressError::Deadline { .. } => return deadline(detail, error.stage()),
        EgressError::BodyTooLarge { .. } => upstream("upstream-answer-too-large", detail),
        EgressError::Connect { .. } | EgressError::Broken { .. } => upstream("upstream-unreachable", detail),
    };
    problem.with_member("stage", error.stage())
}

/// 504: the caller's, the record's or the invocation's time is over.
fn deadline(detail: impl Into<String>, stage: &str) -> Problem {
    Problem::new(504, "upstream-deadline", "Deadline passed", detail).with_member("stage", stage)
}

fn upstream(kind: &'static str, detail: String) -> Problem {
    Problem::new(502, kind, "Upstream failed", detail)
}

/// The longest value that is passed on: a date in the longest of its forms.
const RETRY_AFTER_BYTES: usize = "Wednesday, 09-Nov-94 08:49:37 GMT".len();

/// Seconds or an HTTP date (RFC 9110, 10.2.3); an upstream's word is passed on only if it is one.
fn is_retry_after(value: &str) -> bool {
    value.len() <= RETRY_AFTER_BYTES && egress::retry_after(value, Timestamp::UNIX_EPOCH).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_retry_after;

    #[test]
    fn a_wait_is_passed_on_only_if_it_is_one() {
        for yes in ["7", "0", "Sun, 06 Nov 1994 08:49:37 GMT", "Wednesday, 09-Nov-94 08:49:37 GMT"] {
            assert!(is_retry_after(yes), "{yes}");
        }
        for no in
            ["", "+5", "-1", "soon", "bearer-token-of-somebody GMT", "99999999999999999999999999999999999"]
        {
            assert!(!is_retry_after(no), "{no}");
        }
    }
}
