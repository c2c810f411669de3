//! The live test: the way there one stage at a time, then the cheapest call that changes nothing.
//!
//! `options.health_path` is asked with GET and must be answered like any query. Without one the base URL is asked, with
//! HEAD, and with GET where HEAD is not served. Many base URLs have no page, so there a 404 or 405 is an answer too:
//! it proves that the service is reached, and the stage says that it proves no more.

use egress::Response;
use reqwest::{Method, StatusCode};

use super::Custom;
use crate::{
    Stage, Stages,
    error::ConnectorError,
    http::{auth::Auth, proof::Given, walk},
    request::Context,
};

impl Custom {
    pub(super) async fn test(&self, stages: &mut Stages<'_>, context: Context) -> Result<(), ConnectorError> {
        self.walk(stages, context).await?;
        let (asked, response, given) = self.cheapest(context).await.map_err(walk::beyond)?;
        let status = response.status;
        let nothing_there = self.health_url.is_none() && is_nothing_there(status);
        if !nothing_there && let Some(refusal) = self.refusal(&response, &given) {
            return Err(refusal);
        }
        stages.passed(Stage::Authenticate, self.auth.proved());
        let note = if nothing_there {
            ": the service answers and has nothing there; set options.health_path to a path that proves more"
        } else {
            ""
        };
        stages.passed(Stage::Call, format!("{asked}: status {}{note}", status.as_u16()));
        Ok(())
    }

    /// To the service and, where tokens are fetched elsewhere, to that place beside it.
    async fn walk(&self, stages: &mut Stages<'_>, context: Context) -> Result<(), ConnectorError> {
        let mut probes = vec![self.client.probe(context.deadline)];
        if let Auth::Tokens(source) = &self.auth {
            probes.push(source.probe(context.deadline));
        }
        walk::walk(stages, probes).await
    }

    async fn cheapest(&self, context: Context) -> Result<(&'static str, Response, Given), ConnectorError> {
        if let Some(url) = &self.health_url {
            let (response, given) = self.exchange(Method::GET, url.clone(), Vec::new(), context).await?;
            return Ok(("GET of options.health_path", response, given));
        }
        let (response, given) = self.exchange(Method::HEAD, self.base.clone(), Vec::new(), context).await?;
        if !is_nothing_there(response.status) && response.status != StatusCode::NOT_IMPLEMENTED {
            return Ok(("HEAD of the base URL", response, given));
        }
        let (response, given) = self.exchange(Method::GET, self.base.clone(), Vec::new(), context).await?;
        Ok(("GET of the base URL", response, given))
    }
}

fn is_nothing_there(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)
}
