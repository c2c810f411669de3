//! One request to the service: the record's headers, the credentials, the retries. A token from an earlier call that
//! is refused is fetched anew once; a 401 says that nothing was done, so a write may follow it.

use egress::{Request, Response, Retries};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use url::Url;

use super::Custom;
use crate::{
    credentials::Credentials,
    error::ConnectorError,
    http::{
        answer,
        proof::{Given, Proof},
    },
    request::Context,
};

impl Custom {
    /// Sends a request and gives its answer, where its status says that it is one.
    pub(super) async fn call(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
        context: Context,
    ) -> Result<Response, ConnectorError> {
        let (response, given) = self.exchange(method, url, body, context).await?;
        match self.refusal(&response, &given) {
            Some(refusal) => Err(refusal),
            None => Ok(response),
        }
    }

    /// Sends a request and gives its answer, whatever its status, and what the request proved itself with.
    pub(super) async fn exchange(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
        context: Context,
    ) -> Result<(Response, Given), ConnectorError> {
        let (headers, trace) = (self.headers.clone(), context.trace);
        let mut request = Request { headers, trace, ..Request::new(method, url) };
        if body.is_empty() {
            request.headers.remove(CONTENT_TYPE);
        } else {
            // A record may name a JSON type of its own.
            request.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            request.body = body.into();
        }
        let given = self.auth.give(context).await?;
        let response = self.send(&mut request, &given, context).await?;
        if response.status != StatusCode::UNAUTHORIZED {
            return Ok((response, given));
        }
        let Some(renewed) = self.auth.renew(&given, context).await? else { return Ok((response, given)) };
        let response = self.send(&mut request, &renewed, context).await?;
        Ok((response, renewed))
    }

    async fn send(
        &self,
        request: &mut Request,
        given: &Given,
        context: Context,
    ) -> Result<Response, ConnectorError> {
        if let Some(proof) = &given.proof {
            proof.add(&mut request.headers)?;
        }
        // PUT and DELETE are idempotent by the standard, and few services keep to it.
        let writes = !matches!(request.method, Method::GET | Method::HEAD);
        let retries = if writes {
            Retries::once_taken(self.max_retries)
        } else {
            Retries::repeatable(self.max_retries)
        };
        let sent = self.client.send_with_retries(request, retries, context.deadline).await;
        sent.answer.map_err(|error| answer::unanswered(error, writes, sent.taken_before))
    }

    /// What an answer's status says against it. Nothing of the secret, nor what was made of it, comes back in the
    /// upstream's own words.
    pub(super) fn refusal(&self, response: &Response, given: &Given) -> Option<ConnectorError> {
        let proof = given.proof.as_deref().map(Proof::secret);
        let values = self.credentials.iter().flat_map(Credentials::values);
        answer::refusal(response, &values.chain(proof).collect::<Vec<_>>())
    }
}
