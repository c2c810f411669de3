//! The way to an HTTP upstream one stage at a time, with every other place that it takes beside it.

use egress::{Probe, ProbeStage};

use crate::{Stage, Stages, error::ConnectorError};

/// Takes every probe to its end, all of them one step at a time.
pub(crate) async fn walk(stages: &mut Stages<'_>, mut probes: Vec<Probe<'_>>) -> Result<(), ConnectorError> {
    loop {
        let (mut passed, mut seen) = (None, Vec::new());
        for probe in &mut probes {
            if let Some((stage, detail)) = probe.step().await? {
                passed = Some(stage);
                seen.push(detail);
            }
        }
        let stage = match passed {
            Some(ProbeStage::NameResolution) => Stage::NameResolution,
            Some(ProbeStage::Egress) => Stage::Egress,
            Some(ProbeStage::Connect) => Stage::Connect,
            Some(ProbeStage::Tls) => Stage::Tls,
            None => return Ok(()),
        };
        seen.dedup();
        stages.passed(stage, seen.join("; "));
    }
}

/// The way there was walked: what fails on it now failed at the call, and that is the stage to name.
pub(crate) fn beyond(error: ConnectorError) -> ConnectorError {
    match error {
        ConnectorError::Egress(error) => ConnectorError::Upstream(error.to_string()),
        other => other,
    }
}
