//! The live test: the way of an agent's call, stage by stage, and what to do about the first that fails.

use api::problems::sentence;
use connectors::{Passed, Stage};
use model::{
    deadline::Deadline,
    health::{Check, CheckStatus, HealthStatus, TestMode},
    record::ConnectorRecord,
};
use registry::{LiveTest, Tested};
use telemetry::{Counter, Trace};

use crate::{App, outcome::Outcome, simulated};

/// Tests a record. A disabled one is not contacted: its test ends where a simulated one does.
pub(crate) async fn test(
    app: &App,
    record: &ConnectorRecord,
    trace: Option<Trace>,
    deadline: Deadline,
) -> Outcome {
    let outcome = tested(&app.live, record, trace, deadline).await;
    if !outcome.success {
        app.metrics.count(Counter::LiveTestFailures);
    }
    outcome
}

async fn tested(
    live: &LiveTest,
    record: &ConnectorRecord,
    trace: Option<Trace>,
    deadline: Deadline,
) -> Outcome {
    if !record.enabled {
        return Outcome { mode: TestMode::Live, ..simulated::test(record, live.clock.as_ref()) };
    }
    let started = live.clock.now();
    let tested = live.run(record.clone(), trace, deadline).await;
    let ended = live.clock.now();
    let success = tested.failed.is_none();
    Outcome {
        connector_name: record.connector_name.clone(),
        mode: TestMode::Live,
        success,
        health_status: if success { HealthStatus::Healthy } else { HealthStatus::Unhealthy },
        message: message(&tested),
        checks: checks(tested),
        tested_at: ended.millis(),
        duration_ms: ended.millis_since(started),
    }
}

fn message(tested: &Tested) -> String {
    match &tested.failed {
        None => "Every stage that applies to this connector was passed. An agent's call is held to API Gateway's 29 seconds, \
                 whatever timeout_ms says."
            .to_owned(),
        Some((stage, _, error)) => format!("The stage {} failed: {}", stage.as_str(), sentence(&error.advice())),
    }
}

/// Every stage in order: passed, the one that failed, and what was not come to or does not apply.
fn checks(tested: Tested) -> Vec<Check> {
    let failed_at = tested.failed.as_ref().map(|(stage, ..)| *stage);
    let check = |stage: Stage| {
        let found = tested.passed.iter().find(|passed| passed.stage == stage);
        let (status, duration_ms, detail) = match (stage, found, &tested.failed) {
            (Stage::Exists, ..) => (CheckStatus::Passed, 0, "The record exists.".to_owned()),
            (Stage::Enabled, ..) => (CheckStatus::Passed, 0, "The connector is enabled.".to_owned()),
            (_, _, Some((failed, took, error))) if *failed == stage => {
                (CheckStatus::Failed, *took, sentence(&error.advice()))
            }
            (_, Some(Passed { duration_ms, detail, .. }), _) => {
                (CheckStatus::Passed, *duration_ms, detail.clone())
            }
            _ if failed_at.is_some_and(|failed| stage > failed) => {
                (CheckStatus::Skipped, 0, "Not reached.".to_owned())
            }
            // The credentials go with the cheapest call: where that failed for another reason, nobody judged them.
            (Stage::Authenticate, None, Some(_)) => {
                (CheckStatus::Skipped, 0, "Not known: the call that shows it failed.".to_owned())
            }
            _ => (CheckStatus::Skipped, 0, "Does not apply to this connector.".to_owned()),
        };
        Check { name: stage.as_str(), status, duration_ms, detail }
    };
    Stage::ALL.into_iter().map(check).collect()
}
