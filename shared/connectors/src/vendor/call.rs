//! One request to a vendor: the credentials, the retries, what the answer says against it. A token from an earlier
//! call that is refused is fetched anew once; a refusal says that nothing was done, so a write may follow it.

use egress::{EgressError, Request, Response, Retries, Verdict};
use reqwest::header::{ACCEPT, HeaderValue};

use super::{
    api::Api,
    draft::Draft,
    said::{Refused, Said},
};
use crate::{
    ConnectorError, Credentials,
    http::proof::{Given, Proof},
    request::Context,
};

impl Api {
    /// Sends a request and gives its answer, where it is one. `repeatable` says that it may reach the vendor twice.
    pub(crate) async fn call(
        &self,
        draft: &Draft,
        repeatable: bool,
        context: Context,
    ) -> Result<Response, ConnectorError> {
        let given = self.way.auth.give(context).await?;
        let (response, refused) = self.attempt(draft, &given, repeatable, context).await?;
        let Some(refused) = refused else { return Ok(response) };
        if refused.said != Said::Credentials {
            return Err(self.error(&refused, &response, &given));
        }
        let Some(renewed) = self.way.auth.renew(&given, context).await? else {
            return Err(self.error(&refused, &response, &given));
        };
        let (response, refused) = self.attempt(draft, &renewed, repeatable, context).await?;
        refused.map_or(Ok(response.clone()), |refused| Err(self.error(&refused, &response, &renewed)))
    }

    async fn attempt(
        &self,
        draft: &Draft,
        given: &Given,
        repeatable: bool,
        context: Context,
    ) -> Result<(Response, Option<Refused>), ConnectorError> {
        let base = given.proof.as_ref().and_then(|proof| proof.base()).unwrap_or(&self.way.base);
        let client = self.client_for(base)?;
        let mut headers = self.way.headers.clone();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers.extend(draft.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        let body = draft.body(&mut headers)?;
        let mut request = Request::new(draft.method.clone(), draft.url(base)?);
        (request.headers, request.body, request.trace) = (headers, body, context.trace);
        if let Some(proof) = &given.proof {
            proof.add(&mut request.headers)?;
        }
        let judge = |response: &Response| {
            (self.vendor.refusal)(response).map_or(Verdict::Final, |refused| refused.said.verdict())
        };
        let max = self.record.max_retries;
        let retries = if repeatable { Retries::repeatable(max) } else { Retries::once_taken(max) };
        let sent = client.send_with_retries(&request, retries.judged(&judge), context.deadline).await;
        let response = sent.answer.map_err(|error| unanswered(error, repeatable))?;
        let refused = (self.vendor.refusal)(&response);
        Ok((response, refused))
    }

    fn error(&self, refused: &Refused, response: &Response, given: &Given) -> ConnectorError {
        let proof = given.proof.as_deref().map(Proof::secret);
        let secrets: Vec<&str> = Credentials::values(&self.credentials).chain(proof).collect();
        refused.error(response, self.vendor.name, &secrets)
    }
}

/// A write that went out and was not answered may have been done.
fn unanswered(error: EgressError, repeatable: bool) -> ConnectorError {
    let cut = matches!(error, EgressError::Broken { .. }) && !error.nothing_was_sent();
    if cut && !repeatable { ConnectorError::OutcomeUnknown(error.to_string()) } else { error.into() }
}
