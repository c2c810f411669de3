//! Judgement before the upstream hears anything, and the audit of what was judged.

use connectors::Request;
use model::{
    audit::{AuditAction, AuditEntry, AuditedRequest},
    connector_type::ConnectorType,
    deadline::Deadline,
    parameters::Parameters,
    policy::{Policy, Refusal, Route},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use telemetry::Counter;

use crate::{Runtime, call::Call, error::CallError, policy_info::PolicyInfo};

impl Runtime {
    /// Judges a call; a refusal is noted in the audit. Gives the milliseconds that the judgement took.
    pub(crate) async fn govern(
        &self,
        call: &Call<'_>,
        route: Route,
        kind: ConnectorType,
        policy: &Policy,
        deadline: Deadline,
    ) -> Result<u64, CallError> {
        let started = self.clock.now();
        let operations = connectors::classify(kind, route, call.request)?;
        let verdict = operations.iter().try_for_each(|operation| policy.judge(route, operation));
        let took = self.clock.now().millis_since(started);
        let Err(refusal) = verdict else {
            // What governance refuses is audited, however it is written.
            connectors::check(kind, call.request)?;
            return Ok(took);
        };
        self.metrics.count(Counter::PolicyRefusals);
        let action = match route {
            Route::Query => AuditAction::QueryRefused,
            Route::Execute => AuditAction::ExecuteRefused,
        };
        let entry = self.entry(call, action, &reason(&refusal));
        // The refusal stands whether or not it could be noted; nothing reaches the upstream either way.
        if let Err(error) = self.audit.append(&entry, deadline).await {
            tracing::error!(%error, "refusal not noted in the audit");
        }
        let info = PolicyInfo::blocked(&refusal, took);
        Err(CallError::Blocked(refusal, Box::new(info)))
    }

    /// An audit entry about a call.
    pub(crate) fn entry(&self, call: &Call<'_>, action: AuditAction, result: &str) -> AuditEntry {
        AuditEntry {
            tenant_id: call.tenant.clone(),
            at: self.clock.now().millis(),
            id: self.entropy.uuid(),
            actor: call.actor.clone(),
            action,
            connector_name: call.connector.clone(),
            before: None,
            after: None,
            request: Some(audited(call.request)),
            result: result.to_owned(),
        }
    }
}

fn reason(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.policy.policy_id, refusal.reason)
}

fn audited(request: Request<'_>) -> AuditedRequest {
    AuditedRequest {
        statement: request.statement.map(str::to_owned),
        operation: request.operation.map(str::to_owned),
        parameters_sha256: hash(request.parameters),
    }
}

/// SHA-256 of the canonical form. Numbers are those of JavaScript there, so that equal values have equal hashes,
/// however they were spelled.
fn hash(parameters: &Parameters) -> String {
    let named = |(name, _): (&str, &str)| (name.to_owned(), parameters.value(name).unwrap_or_default());
    let values: Map<String, Value> = parameters.iter().map(named).collect();
    let canonical = serde_json_canonicalizer::to_vec(&values);
    canonical.map_or_else(
        |_| "none: the parameters have no canonical form".to_owned(),
        |text| hex::encode(Sha256::digest(&text)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(parameters: &str) -> String {
        super::hash(&Parameters::parse(parameters.as_bytes()).unwrap())
    }

    #[test]
    fn parameters_are_hashed_in_canonical_form() {
        // printf '{"a":[1,"é"],"b":10}' | sha256sum
        let expected = "e271f8f7b12ae9f81f0b0b7e2eab444d6f89b28a2b0b190457bd37e7195d1142";
        assert_eq!(hash(r#"{"b": 10, "a": [1, "\u00e9"]}"#), expected);
        assert_eq!(hash(r#"{ "a" : [1.0,"é"], "b": 1e1 }"#), expected);
        assert_ne!(hash(r#"{"b": 11, "a": [1, "é"]}"#), expected);
    }
}
