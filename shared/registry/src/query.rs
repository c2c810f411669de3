//! One governed query.

use std::time::Duration;

use connectors::{Request, Rows};
use model::{
    audit::{Actor, AuditAction, AuditEntry},
    connector_type::ConnectorType,
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    policy::{Policy, Refusal, Route},
    record::ConnectorRecord,
};

use crate::{Runtime, error::CallError, policy_info::PolicyInfo, secret};

/// A query on its way in.
pub struct QueryCall<'a> {
    /// Whose connector.
    pub tenant: &'a TenantId,
    /// Which.
    pub connector: &'a ConnectorName,
    /// The identifier of the license, which may have been revoked.
    pub license_id: &'a str,
    /// Who asks, for the audit.
    pub actor: Actor,
    /// What is asked.
    pub query: Request<'a>,
    /// The longest that the caller wants to wait.
    pub timeout: Option<Duration>,
    /// By when the invocation must have answered.
    pub deadline: Deadline,
}

/// An answered query.
#[derive(Debug)]
pub struct QueryAnswer {
    /// The rows.
    pub rows: Rows,
    /// What governance did.
    pub policy_info: PolicyInfo,
    /// The type of the connector, for the log.
    pub connector_type: ConnectorType,
}

impl Runtime {
    /// Answers one query.
    pub async fn query(&self, call: QueryCall<'_>) -> Result<QueryAnswer, CallError> {
        let started = self.clock.now();
        let asked = call.timeout.map(|timeout| Deadline::after(started, timeout));
        let deadline = asked.map_or(call.deadline, |asked| asked.earliest(call.deadline));
        let late =
            |error| if deadline.left(self.clock.now()).is_none() { CallError::Deadline } else { error };
        let markers = self.markers.read(self.shard, call.tenant, call.connector, call.license_id, deadline);
        let markers = markers.await.map_err(|error| late(error.into()))?;
        if markers.license_revoked {
            return Err(CallError::LicenseRevoked);
        }
        let record = self.connectors.get(call.tenant, call.connector, deadline).await;
        let record = record.map_err(|error| late(error.into()))?.ok_or(CallError::NotFound)?;
        if !record.enabled {
            return Err(CallError::Disabled);
        }
        let own = Duration::from_millis(u64::from(record.timeout_ms));
        let deadline = deadline.earliest(Deadline::after(started, own));
        let governed = self.govern(&call, &record).await?;
        let credentials =
            secret::credentials(&record, self.secrets.as_ref(), self.secret_tag, deadline).await?;
        let connector = connectors::connect(&record, credentials, &self.egress)?;
        let rows = connector.query(call.query, deadline).await?;
        let policy_info = PolicyInfo::passed(&rows, governed);
        Ok(QueryAnswer { rows, policy_info, connector_type: record.connector_type })
    }

    /// Judges the query; a refusal is noted in the audit. Gives the milliseconds that the judgement took.
    async fn govern(&self, call: &QueryCall<'_>, record: &ConnectorRecord) -> Result<u64, CallError> {
        let started = self.clock.now();
        let operations = connectors::classify(record.connector_type, Route::Query, call.query)?;
        let policy = Policy::of(record.connector_type, &record.options);
        let verdict = operations.iter().try_for_each(|operation| policy.judge(Route::Query, operation));
        let took = self.clock.now().millis_since(started);
        let Err(refusal) = verdict else { return Ok(took) };
        let entry = self.refusal_entry(call, &refusal);
        // The refusal stands whether or not it could be noted; nothing reaches the upstream either way.
        if let Err(error) = self.audit.append(&entry, call.deadline).await {
            tracing::error!(%error, "refused query not noted in the audit");
        }
        let info = PolicyInfo::blocked(&refusal, took);
        Err(CallError::Blocked(refusal, Box::new(info)))
    }

    fn refusal_entry(&self, call: &QueryCall<'_>, refusal: &Refusal) -> AuditEntry {
        AuditEntry {
            tenant_id: call.tenant.clone(),
            at: self.clock.now().millis(),
            id: self.entropy.uuid(),
            actor: call.actor.clone(),
            action: AuditAction::QueryRefused,
            connector_name: call.connector.clone(),
            before: None,
            after: None,
            request: None,
            result: format!("{}: {}", refusal.policy.policy_id, refusal.reason),
        }
    }
}
