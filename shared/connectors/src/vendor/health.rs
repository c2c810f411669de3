//! The live test: the way there one stage at a time, then the vendor's cheapest call that needs the credentials.

use model::parameters::Parameters;

use super::{api::Api, args::Args, draft::Draft, op::Effect};
use crate::{
    ConnectorError, Stage, Stages,
    http::{auth::Auth, walk},
    message::passed_on,
    request::Context,
};

impl Api {
    pub(super) async fn test(&self, stages: &mut Stages<'_>, context: Context) -> Result<(), ConnectorError> {
        let mut probes = vec![self.client.probe(context.deadline)];
        if let Auth::Tokens(source) = &self.way.auth {
            probes.push(source.probe(context.deadline));
        }
        walk::walk(stages, probes).await.map_err(|error| self.hinted(error))?;
        // A token endpoint that fails says nothing about the credentials, and neither does silence.
        self.way.auth.give(context).await.map_err(walk::beyond).map_err(|error| self.hinted(error))?;
        let (health, none) = (&self.vendor.health, Parameters::NONE);
        let draft = Draft::of(&health.op, &Args::new(&none), &self.way, None)?;
        let answer = self.call(&draft, Effect::None, context).await.map_err(walk::beyond);
        let answer = answer.map_err(|error| self.hinted(error));
        let silent =
            matches!(answer, Err(ConnectorError::CredentialsRefused(_) | ConnectorError::Upstream(_)));
        if !silent {
            stages.passed(Stage::Authenticate, self.way.auth.proved());
        }
        let told = (health.told)(&answer?, &self.setup())?;
        // It holds words of the vendor's.
        let secrets: Vec<&str> = self.credentials.values().collect();
        stages.passed(Stage::Call, passed_on(&told, &secrets).trim_start_matches(": "));
        Ok(())
    }

    /// What the vendor's file has to say where nothing that answers like the vendor was found.
    fn hinted(&self, error: ConnectorError) -> ConnectorError {
        match (self.way.hint, error) {
            (Some(hint), ConnectorError::Egress(error)) => ConnectorError::Unreached { error, hint },
            (Some(hint), ConnectorError::Upstream(why)) => ConnectorError::Upstream(format!("{why}; {hint}")),
            (_, error) => error,
        }
    }
}
