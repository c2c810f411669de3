//! The live test: the way there one stage at a time, then the vendor's cheapest call that needs the credentials.

use egress::Response;
use model::parameters::Parameters;

use super::{
    api::Api,
    args::Args,
    draft::Draft,
    op::Effect,
    said::{Refused, Said},
};
use crate::{
    ConnectorError, Stage, Stages,
    http::{answer::small, auth::Auth, walk},
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
        let answer = self.call(&draft, Effect::None, context).await;
        let answer = answer.and_then(|answer| self.readable(answer)).map_err(walk::beyond);
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

    /// An answer that is an object, as every vendor's to its health call is: success alone proves nobody.
    fn readable(&self, answer: Response) -> Result<Response, ConnectorError> {
        let foreign = || Refused::new(Said::Foreign, "", "").error(&answer, self.vendor.name, &[]);
        if small(&answer).is_some_and(|body| body.is_object()) { Ok(answer) } else { Err(foreign()) }
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
