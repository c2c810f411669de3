//! One governed write. Its intent is stored before the upstream hears of it: what can't be audited is not done, and
//! what was interrupted stands in the audit as unknown.

use std::time::Duration;

use connectors::{ConnectorError, Executed};
use egress::EgressError;
use model::{
    audit::{AuditAction, AuditEntry, UNKNOWN},
    deadline::Deadline,
    policy::Route,
};
use store::StoreError;
use telemetry::Counter;

use crate::{
    Runtime,
    call::{Call, CallLog, Taken},
    error::CallError,
    instance::Instance,
};

/// What an outcome may take to store when the call's own time is over: less than what an invocation keeps back.
const OUTCOME_PATIENCE: Duration = Duration::from_millis(400);

/// An executed call.
#[derive(Debug)]
pub struct ExecuteAnswer {
    /// What it did.
    pub executed: Executed,
    /// What the log says of it.
    pub log: CallLog,
}

impl Runtime {
    /// Does one write.
    pub async fn execute(&self, call: Call<'_>) -> Result<ExecuteAnswer, CallError> {
        let taken = self.take(&call, Some(Route::Execute)).await;
        let taken = self.reported_unless_taken(&call, taken).await?;
        let instance = &taken.instance;
        let kind = instance.configured.record.connector_type;
        let judged_and_done = async {
            self.govern(&call, Route::Execute, kind, &instance.policy, taken.deadline).await?;
            let intent = self.entry(&call, AuditAction::Execute, UNKNOWN);
            self.audit.append(&intent, taken.deadline).await.map_err(|error| self.late(error, &taken))?;
            let outcome = self.written(&call, &taken).await;
            self.conclude(&intent, &outcome, call.deadline).await;
            Ok(ExecuteAnswer { executed: outcome?, log: taken.log })
        };
        self.reporting(call.tenant, judged_and_done).await
    }

    /// A store that did not answer within the time that the caller gave is the deadline's doing.
    fn late(&self, error: StoreError, taken: &Taken) -> CallError {
        match taken.deadline.left(self.clock.now()) {
            Some(_) => error.into(),
            None => CallError::Deadline,
        }
    }

    async fn written(&self, call: &Call<'_>, taken: &Taken) -> Result<Executed, CallError> {
        match self.write(call, &taken.instance, taken).await {
            Ok(executed) => Ok(executed),
            // Refused credentials say that nothing was done.
            Err(error) => {
                let fresh = self.healed(call, taken, error).await?;
                Ok(self.write(call, &fresh, taken).await?)
            }
        }
    }

    async fn write(
        &self,
        call: &Call<'_>,
        instance: &Instance,
        taken: &Taken,
    ) -> Result<Executed, ConnectorError> {
        self.asked(call, instance, instance.connector()?.execute(call.request, taken.deadline)).await
    }

    /// Stores how it ended. Where that fails the intent stands, and the log says what is known.
    async fn conclude(&self, intent: &AuditEntry, outcome: &Result<Executed, CallError>, deadline: Deadline) {
        let result = match outcome {
            Ok(executed) => format!("succeeded: {}", executed.message),
            Err(error) if may_have_acted(error) => format!("{UNKNOWN}: {}", in_our_words(error)),
            Err(error) => format!("failed: {}", in_our_words(error)),
        };
        let result = cut(&result);
        let patience = Deadline::after(self.clock.now(), OUTCOME_PATIENCE);
        if let Err(error) = self.audit.conclude(intent, &result, deadline.max(patience)).await {
            self.metrics.count(Counter::AuditOutcomesLost);
            tracing::error!(%error, intent = intent.key(), outcome = result, "outcome of an execute not stored");
        }
    }
}

/// Whether the upstream may have done what was asked although it did not say so.
fn may_have_acted(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Connector(
            ConnectorError::Egress(
                EgressError::Deadline { .. } | EgressError::Broken { .. } | EgressError::BodyTooLarge { .. }
            ) | ConnectorError::OutcomeUnknown(_)
                | ConnectorError::Upstream(_)
        )
    )
}

/// What the audit keeps of an error. An upstream that refuses a request may quote the values that went with it, and
/// those are never stored: its status is.
fn in_our_words(error: &CallError) -> String {
    match error {
        CallError::Connector(ConnectorError::Rejected { status, .. }) => {
            ConnectorError::Rejected { status: status.clone(), message: String::new() }.to_string()
        }
        CallError::Connector(ConnectorError::Lacks { status, .. }) => {
            ConnectorError::Lacks { status: status.clone(), message: String::new() }.to_string()
        }
        CallError::Connector(ConnectorError::QuotaUsed { status, retry_after, .. }) => {
            let (status, retry_after) = (status.clone(), retry_after.clone());
            ConnectorError::QuotaUsed { status, message: String::new(), retry_after }.to_string()
        }
        // They may quote what the caller sent.
        CallError::Connector(ConnectorError::Invalid(_) | ConnectorError::Faults(_)) => {
            "the call is not one that the connector can make".to_owned()
        }
        other => other.to_string(),
    }
}

/// The longest result that is kept, in characters.
const RESULT_CHARS: usize = 500;

/// A result as the audit keeps it: an item has its bounds, and so has a line of the log.
fn cut(result: &str) -> String {
    result.chars().take(RESULT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fault::{Fault, Pointer};

    #[test]
    fn only_an_upstream_that_certainly_did_nothing_has_failed() {
        let target = || "db.example.com:5432".to_owned();
        for (error, acted) in [
            (ConnectorError::OutcomeUnknown("the answer to COMMIT did not come".into()), true),
            (ConnectorError::Upstream("status 500".into()), true),
            (EgressError::Deadline { target: target() }.into(), true),
            (EgressError::Connect { target: target(), reason: "refused" }.into(), false),
            (ConnectorError::Rejected { status: 422.into(), message: String::new() }, false),
        ] {
            assert_eq!(may_have_acted(&CallError::Connector(error.clone())), acted, "{error:?}");
        }
    }

    #[test]
    fn what_is_kept_of_an_error_quotes_no_value_and_has_an_end() {
        let (status, message) = (|| 422.into(), || ": no CANARY".to_owned());
        let invalid = "the call is not one that the connector can make";
        for (error, told) in [
            (ConnectorError::Invalid("two records are called CANARY".into()), invalid),
            (ConnectorError::Faults(vec![Fault::at(Pointer::field("CANARY"), "not CANARY")]), invalid),
            (ConnectorError::Rejected { status: status(), message: message() }, "422"),
            (ConnectorError::Lacks { status: status(), message: message() }, "422"),
            (
                ConnectorError::QuotaUsed { status: status(), message: message(), retry_after: "60".into() },
                "422",
            ),
        ] {
            let kept = in_our_words(&CallError::Connector(error));
            assert!(!kept.contains("CANARY") && kept.contains(told), "{kept}");
        }
        assert_eq!(cut(&"ä".repeat(RESULT_CHARS)).chars().count(), RESULT_CHARS);
        assert_eq!(cut(&"ä".repeat(RESULT_CHARS + 1)).chars().count(), RESULT_CHARS);
    }
}
