//! What to do about a connector that can't be loaded or reached, in words for people: the same for an agent's error
//! and for a live test.

use connectors::{ConnectorError, Stage};
use egress::EgressError;
use store::{SecretError, TENANT_TAG};

use crate::error::LoadError;

impl LoadError {
    /// What is wrong and what to do about it; holds no secret and no cause of ours.
    pub fn advice(&self) -> String {
        match self {
            Self::NotFound => "the tenant has no connector of this name".into(),
            Self::Disabled => {
                "the connector is disabled; enable it where it comes from: in the portal with PUT {\"enabled\": true}, in the \
                 configuration file with `enabled: true`"
                    .into()
            }
            // Two things of which one is not for the caller to know.
            Self::ForeignSecret => missing(),
            Self::UntaggedSecret => format!(
                "the connector's secret does not say that it belongs to its tenant; tag the secret {TENANT_TAG}=<tenant> (or `*` \
                 for all)"
            ),
            Self::Secret(error) => secret(error),
            Self::Store(_) => "the configuration could not be read; try again in a moment".into(),
            Self::Connector(error) => connector(error),
        }
    }
}

fn missing() -> String {
    format!(
        "the tenant has no such secret in Secrets Manager, or it is scheduled for deletion; create it and tag it \
         {TENANT_TAG}=<tenant>, or correct credentials_secret_arn"
    )
}

fn secret(error: &SecretError) -> String {
    let words = match error {
        SecretError::Missing(_) => return missing(),
        SecretError::Denied(_) => {
            "this deployment may not read the connector's secret; check the function's policy and the KMS key"
        }
        SecretError::Binary => "the connector's secret is binary; it must be JSON text",
        SecretError::Deadline => "the call's time was over before its secret was read",
        SecretError::Unavailable(_) => "Secrets Manager did not answer in time; try again",
    };
    words.to_owned()
}

/// The error's own words, and what they do not say.
fn connector(error: &ConnectorError) -> String {
    match remedy(error) {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    }
}

fn remedy(error: &ConnectorError) -> Option<&'static str> {
    match (error, error.stage()) {
        (ConnectorError::Egress(EgressError::Refused { .. }), _) => {
            Some("if it is a network of yours, list it in EGRESS_ALLOW; metadata addresses stay refused")
        }
        (_, Stage::NameResolution) => {
            Some("check the host in connection_url, and that this network's DNS knows it")
        }
        (ConnectorError::Egress(EgressError::Deadline { .. }), _) => Some(
            "ask for less or raise `timeout` and timeout_ms; if nothing ever answers, check host and port, and that \
             the network lets this function through",
        ),
        (_, Stage::Connect) => Some("check host and port, and that the network lets this function through"),
        (_, Stage::Tls) => Some("check the host in connection_url; a private CA goes into options.ca_pem"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use store::StoreError;

    use super::*;

    fn egress(error: EgressError) -> LoadError {
        LoadError::Connector(error.into())
    }

    #[test]
    fn every_reason_says_what_to_do() {
        let target = || "crm.test:443".to_owned();
        for (error, to_do) in [
            (LoadError::NotFound, "no connector of this name"),
            (LoadError::Disabled, "enable it"),
            (LoadError::UntaggedSecret, "tag the secret"),
            (LoadError::Secret(SecretError::Missing("x".into())), "create it and tag it"),
            (
                LoadError::Secret(SecretError::Denied("x".into())),
                "check the function's policy and the KMS key",
            ),
            (LoadError::Secret(SecretError::Binary), "must be JSON text"),
            (LoadError::Secret(SecretError::Deadline), "time was over"),
            (LoadError::Secret(SecretError::Unavailable("x".into())), "try again"),
            (LoadError::Store(StoreError::Unavailable("x".into())), "try again"),
            (
                egress(EgressError::Refused { what: target(), why: "private".into() }),
                "list it in EGRESS_ALLOW",
            ),
            (
                egress(EgressError::NameResolution { host: "crm.test".into() }),
                "check the host in connection_url",
            ),
            (egress(EgressError::Deadline { target: target() }), "raise `timeout` and timeout_ms"),
            (
                egress(EgressError::Connect { target: target(), reason: "refused" }),
                "check host and port, and",
            ),
            (egress(EgressError::Tls { target: target(), reason: "expired" }), "goes into options.ca_pem"),
        ] {
            let advice = error.advice();
            assert!(advice.contains(to_do), "{error:?}: {advice}");
        }
    }

    #[test]
    fn where_the_errors_words_say_it_all_nothing_is_added() {
        let error = ConnectorError::Credentials("the secret lacks `token`; add it".into());
        assert_eq!(LoadError::Connector(error).advice(), "the secret lacks `token`; add it");
    }

    #[test]
    fn another_tenants_secret_is_told_as_one_that_does_not_exist() {
        let missing = LoadError::Secret(SecretError::Missing("ResourceNotFoundException".into()));
        assert_eq!(LoadError::ForeignSecret.advice(), missing.advice());
    }
}
