//! How an upstream took a call: timed, counted, and told to the instance.

use connectors::ConnectorError;
use egress::EgressError;
use telemetry::Outcome;

use crate::{Runtime, call::Call, instance::Instance, statistics::Count};

impl Runtime {
    /// A query or an execute on its way. A look at an upstream's health is not measured: it dials anew each time, and
    /// its latency would be taken for that of calls.
    pub(crate) async fn asked<T>(
        &self,
        call: &Call<'_>,
        instance: &Instance,
        work: impl Future<Output = Result<T, ConnectorError>>,
    ) -> Result<T, ConnectorError> {
        let started = self.clock.now();
        let result = work.await;
        let took = self.clock.now().ticks.duration_since(started.ticks);
        let kind = instance.configured.record.connector_type;
        self.metrics.upstream(kind, outcome(&result), took);
        self.note(call, instance, &result);
        result
    }

    /// Notes how an upstream took a call.
    pub(crate) fn note<T>(&self, call: &Call<'_>, instance: &Instance, outcome: &Result<T, ConnectorError>) {
        match outcome {
            Ok(_)
            | Err(
                ConnectorError::Rejected { .. } | ConnectorError::Forbidden(_) | ConnectorError::Lacks { .. },
            ) => instance.prove(),
            Err(ConnectorError::Egress(error)) if !matches!(error, EgressError::Refused { .. }) => {
                self.statistics.count(call.tenant, Count::ConnectionError);
            }
            Err(_) => {}
        }
    }
}

/// Every way in which a call can end, in the few words that metrics have for it.
fn outcome<T>(result: &Result<T, ConnectorError>) -> Outcome {
    let Err(error) = result else { return Outcome::Ok };
    match error {
        ConnectorError::Configuration(_) | ConnectorError::Invalid(_) | ConnectorError::Faults(_) => {
            Outcome::Invalid
        }
        ConnectorError::Credentials(_)
        | ConnectorError::CredentialsRefused(_)
        | ConnectorError::Forbidden(_)
        | ConnectorError::Lacks { .. } => Outcome::Credentials,
        ConnectorError::Rejected { .. } => Outcome::Rejected,
        ConnectorError::RateLimited { .. } | ConnectorError::QuotaUsed { .. } => Outcome::RateLimited,
        ConnectorError::OutcomeUnknown(_) => Outcome::Unknown,
        ConnectorError::Upstream(_) => Outcome::Failed,
        ConnectorError::Egress(error) | ConnectorError::Unreached { error, .. } => match error {
            EgressError::Refused { .. } => Outcome::Refused,
            EgressError::NameResolution { .. } | EgressError::Tls { .. } | EgressError::Connect { .. } => {
                Outcome::Unreachable
            }
            EgressError::Deadline { .. } => Outcome::Deadline,
            EgressError::Broken { .. } | EgressError::BodyTooLarge { .. } => Outcome::Failed,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_trouble_it_is_shows_in_the_outcome() {
        let target = || "db.example.com:5432".to_owned();
        let rejected = ConnectorError::Rejected { status: 422.into(), message: String::new() };
        for (error, expected) in [
            (ConnectorError::Configuration(String::new()), "invalid"),
            (ConnectorError::Invalid(String::new()), "invalid"),
            (ConnectorError::Credentials(String::new()), "credentials"),
            (ConnectorError::CredentialsRefused(401.into()), "credentials"),
            (ConnectorError::Forbidden(403.into()), "credentials"),
            (rejected, "rejected"),
            (ConnectorError::RateLimited { retry_after: None }, "rate_limited"),
            (ConnectorError::OutcomeUnknown(String::new()), "unknown"),
            (ConnectorError::Upstream(String::new()), "failed"),
            (EgressError::Refused { what: target(), why: String::new() }.into(), "refused"),
            (EgressError::NameResolution { host: target() }.into(), "unreachable"),
            (EgressError::Tls { target: target(), reason: "" }.into(), "unreachable"),
            (EgressError::Connect { target: target(), reason: "" }.into(), "unreachable"),
            (EgressError::Deadline { target: target() }.into(), "deadline"),
            (EgressError::Broken { target: target(), reason: "" }.into(), "failed"),
            (EgressError::BodyTooLarge { limit: 1 }.into(), "failed"),
        ] {
            assert_eq!(outcome(&Err::<(), _>(error.clone())).as_str(), expected, "{error:?}");
        }
        assert_eq!(outcome(&Ok(())), Outcome::Ok);
    }
}
