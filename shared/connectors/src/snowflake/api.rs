//! One exchange with the account: its headers, the credentials, the retries. A signed token that is refused though it
//! was good a moment ago is made anew once.

use bytes::Bytes;
use egress::{EgressError, HttpClient, Request, Response, Retries};
use model::entropy::{Entropy, SystemEntropy};
use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use url::Url;

use super::{auth::Auth, failure};
use crate::{
    ConnectorError,
    http::proof::{Given, Proof},
    request::Context,
};

const TOKEN_TYPE: HeaderName = HeaderName::from_static("x-snowflake-authorization-token-type");
/// Where statements are submitted, and below it where they are asked for.
pub(super) const STATEMENTS: &str = "/api/v2/statements";

/// The SQL API of one account.
pub(super) struct Api {
    pub(super) client: HttpClient,
    pub(super) base: Url,
    pub(super) auth: Auth,
    pub(super) max_retries: u8,
}

/// How one exchange ended.
pub(super) struct Exchange {
    /// The answer, where its status is a success.
    pub(super) answer: Result<Response, ConnectorError>,
    /// The status, where there was an answer.
    pub(super) status: Option<StatusCode>,
    /// Whether the server may have taken an attempt that it did not answer, or answered with trouble of its own.
    pub(super) lost: bool,
}

impl Api {
    /// Host and port, as errors name them.
    pub(super) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    pub(super) fn late(&self) -> ConnectorError {
        EgressError::Deadline { target: self.host().to_owned() }.into()
    }

    /// A URL of the account.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// Submits a statement. The server knows it by its id, so that sending it again does not run it again.
    pub(super) async fn submit(&self, body: Vec<u8>, context: Context) -> Exchange {
        let mut url = self.url(STATEMENTS);
        url.query_pairs_mut()
            .append_pair("requestId", &SystemEntropy.uuid().to_string())
            .append_pair("nullable", "true");
        let mut again = url.clone();
        again.query_pairs_mut().append_pair("retry", "true");
        let body = Bytes::from(body);
        self.exchange(Request { again: Some(again), body, ..Request::new(Method::POST, url) }, context).await
    }

    /// Asks for a statement's state or a partition of its result.
    pub(super) async fn get(&self, url: Url, context: Context) -> Exchange {
        self.exchange(Request::new(Method::GET, url), context).await
    }

    /// Asks the server to end a statement. To do so twice is as good as once.
    pub(super) async fn cancel(&self, handle: &str, context: Context) -> Exchange {
        let url = self.url(&format!("{STATEMENTS}/{handle}/cancel"));
        self.exchange(Request::new(Method::POST, url), context).await
    }

    async fn exchange(&self, request: Request, context: Context) -> Exchange {
        let mut ended = Exchange { answer: Err(self.late()), status: None, lost: false };
        ended.answer = self.exchanged(request, context, &mut ended.status, &mut ended.lost).await;
        ended
    }

    async fn exchanged(
        &self,
        request: Request,
        context: Context,
        status: &mut Option<StatusCode>,
        lost: &mut bool,
    ) -> Result<Response, ConnectorError> {
        let mut request = Request { headers: self.headers(&request), trace: context.trace, ..request };
        let mut given = self.auth.give(context, self.client.clock().now()).await?;
        let mut response = self.send(&mut request, &given, context, lost).await?;
        if response.status == StatusCode::UNAUTHORIZED
            && let Some(renewed) = self.auth.renew(&given, context, self.client.clock().now()).await?
        {
            given = renewed;
            // The refusal may have met a repetition only, of what the server has taken already.
            if *lost && let Some(again) = &request.again {
                request.url = again.clone();
            }
            response = self.send(&mut request, &given, context, lost).await?;
        }
        *status = Some(response.status);
        let proof = given.proof.as_deref().map(Proof::secret);
        match failure::of(&response, self.host(), &proof.into_iter().collect::<Vec<_>>()) {
            Some(error) => Err(error),
            None => Ok(response),
        }
    }

    async fn send(
        &self,
        request: &mut Request,
        given: &Given,
        context: Context,
        lost: &mut bool,
    ) -> Result<Response, ConnectorError> {
        if let Some(proof) = &given.proof {
            proof.add(&mut request.headers)?;
        }
        let retries = Retries::repeatable(self.max_retries);
        let sent = self.client.send_with_retries(request, retries, context.deadline).await;
        let unanswered = sent.answer.as_ref().is_err_and(|error| !error.nothing_was_sent());
        *lost |= sent.taken_before || unanswered;
        Ok(sent.answer?)
    }

    fn headers(&self, request: &Request) -> HeaderMap {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::from_iter([
            (ACCEPT, json.clone()),
            (TOKEN_TYPE, HeaderValue::from_static(self.auth.token_type())),
        ]);
        if !request.body.is_empty() {
            headers.insert(CONTENT_TYPE, json);
        }
        headers
    }
}
