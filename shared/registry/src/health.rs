//! Whether a connector works, asked on behalf of an agent: the way of a query, up to the cheapest safe call.

use std::time::Duration;

use connectors::{ConnectorError, Passed, Stage, Stages};
use model::clock::Moment;

use crate::{
    Runtime,
    call::{Call, CallLog, Taken},
    error::{CallError, LoadError},
    instance::Instance,
};

/// What a look at a connector's health found.
#[derive(Debug)]
pub struct HealthReport {
    /// The stages that were passed.
    pub passed: Vec<Passed>,
    /// The stage that was not, and why.
    pub failed: Option<(Stage, CallError)>,
    /// How long the upstream took, in this process's own time.
    pub latency: Duration,
    /// When it was seen.
    pub at: Moment,
    /// What the log says of it; absent where the connector could not be made.
    pub log: Option<CallLog>,
}

impl Runtime {
    /// Looks at one connector. What is wrong with its secret or upstream is a finding; an unknown or disabled
    /// connector, a revoked license and a store that does not answer are errors.
    pub async fn health(&self, call: Call<'_>) -> Result<HealthReport, CallError> {
        let taken = match self.take(&call, None).await {
            Err(CallError::Load(error)) if is_finding(&error) => {
                let (stage, error) = (error.stage(), CallError::Load(error));
                let report = self.report(Vec::new(), Some((stage, error)), Duration::ZERO, None);
                return Ok(report);
            }
            taken => taken?,
        };
        self.reporting(call.tenant, self.examine(&call, &taken)).await
    }

    async fn examine(&self, call: &Call<'_>, taken: &Taken) -> Result<HealthReport, CallError> {
        let (mut passed, mut latency, outcome) = self.look(call, &taken.instance, taken).await;
        let failed = match outcome {
            Ok(()) => None,
            Err(error) => match self.healed(call, taken, error).await {
                Ok(fresh) => {
                    let again = self.look(call, &fresh, taken).await;
                    (passed, latency) = (again.0, again.1);
                    again.2.err().map(of_upstream)
                }
                Err(CallError::Connector(error)) => Some(of_upstream(error)),
                // What was read afresh can't be used.
                Err(CallError::Load(error)) if is_finding(&error) => Some((error.stage(), error.into())),
                Err(error) => return Err(error),
            },
        };
        Ok(self.report(passed, failed, latency, Some(taken.log)))
    }

    async fn look(
        &self,
        call: &Call<'_>,
        instance: &Instance,
        taken: &Taken,
    ) -> (Vec<Passed>, Duration, Result<(), ConnectorError>) {
        let started = self.clock.now();
        let mut stages = Stages::new(self.clock.as_ref()).traced(call.request.trace);
        let outcome = match instance.connector() {
            Ok(connector) => connector.health(&mut stages, taken.deadline).await,
            Err(error) => Err(error),
        };
        self.note(call, instance, &outcome);
        let latency = self.clock.now().ticks.duration_since(started.ticks);
        (stages.all().to_vec(), latency, outcome)
    }

    fn report(
        &self,
        passed: Vec<Passed>,
        failed: Option<(Stage, CallError)>,
        latency: Duration,
        log: Option<CallLog>,
    ) -> HealthReport {
        HealthReport { passed, failed, latency, at: self.clock.now(), log }
    }
}

fn of_upstream(error: ConnectorError) -> (Stage, CallError) {
    (error.stage(), CallError::Connector(error))
}

fn is_finding(error: &LoadError) -> bool {
    matches!(
        error,
        LoadError::ForeignSecret | LoadError::UntaggedSecret | LoadError::Secret(_) | LoadError::Connector(_)
    )
}
