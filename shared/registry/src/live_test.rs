//! The portal's live test: the way of an agent's call without its cache, stage by stage. The first failure names
//! its stage.

use std::sync::Arc;

use connectors::{ConnectorError, Passed, Stage, Stages};
use model::{clock::Clock, deadline::Deadline, record::ConnectorRecord};
use telemetry::Trace;

use crate::{
    error::LoadError,
    loader::{Configured, Loader},
};

/// What a live test works with.
pub struct LiveTest {
    /// Secrets and the way out.
    pub loader: Loader,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What a live test found.
#[derive(Debug)]
pub struct Tested {
    /// The stages that were passed, in order.
    pub passed: Vec<Passed>,
    /// The one that was not, the milliseconds that it took, and why.
    pub failed: Option<(Stage, u64, LoadError)>,
}

impl LiveTest {
    /// Tests a record that is enabled, as a part of a trace.
    pub async fn run(&self, record: ConnectorRecord, trace: Option<Trace>, deadline: Deadline) -> Tested {
        let mut stages = Stages::new(self.clock.as_ref()).traced(trace);
        let outcome = self.stages(&Configured::stored(record), &mut stages, deadline).await;
        let failed = outcome.err().map(|error| (error.stage(), stages.pending_ms(), error));
        Tested { passed: stages.all().to_vec(), failed }
    }

    async fn stages(
        &self,
        configured: &Configured,
        stages: &mut Stages<'_>,
        deadline: Deadline,
    ) -> Result<(), LoadError> {
        // Settings that can't work are told before the secret is looked at; that credentials are missing is not
        // theirs to say.
        if let Err(error @ ConnectorError::Configuration(_)) = self.loader.connect(configured, None).await {
            return Err(error.into());
        }
        let kind = configured.record.connector_type;
        stages.passed(Stage::Configuration, format!("The settings fit the type {kind}."));
        let credentials = self.loader.credentials(configured, deadline).await?;
        let found = match &credentials {
            Some(_) => "The secret is there and belongs to the tenant.",
            None => "The connector names no secret.",
        };
        let connector = self.loader.connect(configured, credentials).await?;
        stages.passed(Stage::Secret, found);
        let outcome = connector.health(stages, deadline).await;
        connector.close().await;
        Ok(outcome?)
    }
}
