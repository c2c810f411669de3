//! Tokens by the client credentials grant (RFC 6749, 4.4): fetched when one is needed, by one call at a time, and
//! kept until shortly before they run out.
//!
//! The calls that need a token while one is being fetched wait for it, each no longer than its own deadline, and
//! share its outcome. A call that is dropped while it fetches leaves nothing behind: the next one in line fetches.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use egress::{Egress, EgressError, HttpClient, Probe, Request, Retries};
use model::{clock::Moment, deadline::Deadline, options::Options};
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{
    life,
    proof::{Given, Proof},
    token,
};
use crate::{credentials::Credentials, error::ConnectorError, request::Context};

/// A token is not used in the last part of its life, so that it does not run out on its way. Short lives lose a
/// tenth of themselves instead.
const MARGIN: Duration = Duration::from_secs(30);
/// The most that is read of a token endpoint's answer.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Where tokens come from, and the one that is good now.
pub(crate) struct TokenSource {
    client: HttpClient,
    url: Url,
    id: Zeroizing<String>,
    secret: Zeroizing<String>,
    scope: Option<String>,
    in_body: bool,
    max_retries: u8,
    known: Mutex<Known>,
    /// Held by the one call that fetches.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    token: Option<Token>,
    /// How many fetches have ended, and how the last one did.
    fetches: u64,
    last: Option<Result<Arc<Proof>, ConnectorError>>,
}

struct Token {
    proof: Arc<Proof>,
    fetched: Moment,
    good_for: Duration,
}

impl TokenSource {
    pub(crate) fn new(
        options: &Options,
        credentials: &Credentials,
        egress: &Egress,
        max_retries: u8,
    ) -> Result<Self, ConnectorError> {
        let owned = |key: &str| credentials.require(&[key]).map(|text| Zeroizing::new(text.to_owned()));
        let (id, secret) = (owned("client_id")?, owned("client_secret")?);
        let url = credentials.require(&["token_url"])?;
        let malformed = |_| ConnectorError::Credentials("the secret's token_url is no URL".into());
        let parsed = url.parse().map_err(malformed)?;
        Ok(Self {
            client: egress.http(url)?.with_max_body_bytes(MAX_ANSWER_BYTES),
            url: parsed,
            id,
            secret,
            scope: credentials.get(&["scope"]).map(str::to_owned),
            in_body: options.text("oauth2_client_auth") == Some("body"),
            max_retries,
            known: Mutex::default(),
            flight: tokio::sync::Mutex::default(),
        })
    }

    /// A token that is good now: the one that is kept, or a new one.
    pub(crate) async fn give(&self, context: Context) -> Result<Given, ConnectorError> {
        let now = self.client.clock().now();
        let (seen, kept) = self.known(|known| (known.fetches, known.good(now)));
        if kept.is_some() {
            return Ok(Given { proof: kept, cached: true });
        }
        let left = context.deadline.left(now).ok_or_else(late)?;
        let _flight = tokio::time::timeout(left, self.flight.lock()).await.map_err(|_| late())?;
        let outcome = match self.known(|known| known.since(seen)) {
            Some(shared) => shared,
            None => self.fetch(context).await,
        };
        outcome.map(|proof| Given { proof: Some(proof), cached: false })
    }

    /// Drops a token that the upstream refused; a newer one stays.
    pub(crate) fn forget(&self, stale: &Arc<Proof>) {
        self.known(|known| known.token.take_if(|token| Arc::ptr_eq(&token.proof, stale)));
    }

    /// A probe of the token endpoint.
    pub(crate) fn probe(&self, deadline: Deadline) -> Probe<'_> {
        self.client.probe(deadline)
    }

    async fn fetch(&self, context: Context) -> Result<Arc<Proof>, ConnectorError> {
        let request = Request { trace: context.trace, ..self.request()? };
        let retries = Retries::repeatable(self.max_retries);
        let sent = self.client.send_with_retries(&request, retries, context.deadline);
        let answered = sent.await.answer.map_err(ConnectorError::from).and_then(token::read);
        let fetched = self.client.clock().now();
        let (outcome, token) = match answered {
            Ok((proof, lifetime)) => {
                let proof = Arc::new(proof);
                let good_for = lifetime.saturating_sub(MARGIN.min(lifetime / 10));
                (Ok(Arc::clone(&proof)), Some(Token { proof, fetched, good_for }))
            }
            Err(error) => (Err(error), None),
        };
        self.known(|known| {
            known.fetches += 1;
            known.last = Some(outcome.clone());
            known.token = token;
        });
        outcome
    }

    /// The client proves itself by HTTP Basic, its parts encoded as RFC 6749, 2.3.1 says; or in the form.
    fn request(&self) -> Result<Request, ConnectorError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        let mut request = Request::new(Method::POST, self.url.clone());
        if self.in_body {
            form.append_pair("client_id", &self.id).append_pair("client_secret", &self.secret);
        } else {
            let encoded = |text: &str| -> Zeroizing<String> {
                Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
            };
            Proof::basic(&encoded(&self.id), &encoded(&self.secret))?.add(&mut request.headers)?;
        }
        request.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        request.body = form.finish().into();
        Ok(request)
    }

    /// Looks at what is known. Nothing is awaited meanwhile.
    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    /// The kept token, while it is good.
    fn good(&self, now: Moment) -> Option<Arc<Proof>> {
        let token = self.token.as_ref()?;
        life::lasts(token.fetched, now, token.good_for).then(|| Arc::clone(&token.proof))
    }

    /// How a fetch ended that was begun before or while its caller waited. Somebody else's deadline says nothing
    /// about one's own.
    fn since(&self, seen: u64) -> Option<Result<Arc<Proof>, ConnectorError>> {
        let last = self.last.as_ref().filter(|_| self.fetches > seen)?;
        let cut = matches!(last, Err(ConnectorError::Egress(EgressError::Deadline { .. })));
        (!cut).then(|| last.clone())
    }
}

fn late() -> ConnectorError {
    ConnectorError::Egress(EgressError::Deadline { target: "the token endpoint".into() })
}
