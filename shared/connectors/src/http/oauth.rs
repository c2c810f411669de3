//! Tokens by an OAuth grant that needs nobody at a screen (RFC 6749, 4.4; RFC 7523): fetched when one is needed, by one call at a time, and
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

/// What is asked for a token.
pub(crate) struct Grant {
    /// The token endpoint.
    pub(crate) url: Url,
    /// The form, `grant_type` among it.
    pub(crate) form: Vec<(&'static str, Zeroizing<String>)>,
    /// The client's id and secret, where it proves itself by HTTP Basic (RFC 6749, 2.3.1) and not in the form.
    pub(crate) client: Option<(Zeroizing<String>, Zeroizing<String>)>,
    /// What is made anew for each request (RFC 7523): the form's `assertion`.
    pub(crate) assertion: Option<Assertion>,
    /// How long a token is good for where its answer does not say.
    pub(crate) unsaid: Duration,
    /// What the vendor means by its codes and words where it says no, beyond the standard.
    pub(crate) denied: Option<token::Meaning>,
    /// Whether an answer may say where its token is good; otherwise it is good where the record says.
    pub(crate) names_instance: bool,
}

/// Makes a signed assertion that is good now.
pub(crate) type Assertion = Box<dyn Fn(Moment) -> Result<Zeroizing<String>, ConnectorError> + Send + Sync>;

/// Where tokens come from, and the one that is good now.
pub(crate) struct TokenSource {
    client: HttpClient,
    grant: Grant,
    max_retries: u8,
    known: Mutex<Known>,
    /// Held by the one call that fetches.
    flight: tokio::sync::Mutex<()>,
}

impl Grant {
    /// By the client credentials grant, the client's id and secret in the form.
    pub(crate) fn client_credentials(url: Url, id: &str, secret: &str) -> Self {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        Self::of(url, &form)
    }

    /// By a form as it is.
    pub(crate) fn of(url: Url, form: &[(&'static str, &str)]) -> Self {
        let owned = |(name, value): &(&'static str, &str)| (*name, Zeroizing::new((*value).to_owned()));
        let form = form.iter().map(owned).collect();
        Self {
            url,
            form,
            client: None,
            assertion: None,
            unsaid: token::DEFAULT_LIFETIME,
            denied: None,
            names_instance: false,
        }
    }

    /// The same for a vendor that keeps tokens good until it refuses them, and does not say how long.
    pub(crate) fn until_refused(self) -> Self {
        Self { unsaid: token::LONGEST_LIFETIME, ..self }
    }

    /// The same for a vendor whose answers say where their tokens are good.
    pub(crate) fn names_instance(self) -> Self {
        Self { names_instance: true, ..self }
    }

    /// The same for a vendor whose refusals say more than the standard's codes.
    pub(crate) fn denied(self, meaning: token::Meaning) -> Self {
        Self { denied: Some(meaning), ..self }
    }
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
        let (id, secret) = (credentials.require(&["client_id"])?, credentials.require(&["client_secret"])?);
        let malformed = |_| ConnectorError::Credentials("the secret's token_url is no URL".into());
        let url = credentials.require(&["token_url"])?.parse().map_err(malformed)?;
        let mut grant = if options.text("oauth2_client_auth") == Some("body") {
            Grant::client_credentials(url, id, secret)
        } else {
            let owned = |text: &str| Zeroizing::new(text.to_owned());
            let grant = Grant::of(url, &[("grant_type", "client_credentials")]);
            Grant { client: Some((owned(id), owned(secret))), ..grant }
        };
        if let Some(scope) = credentials.get(&["scope"]) {
            // Behind the grant's kind, as forms have always been sent.
            grant.form.insert(1, ("scope", Zeroizing::new(scope.to_owned())));
        }
        Self::granted(grant, egress, max_retries)
    }

    /// Tokens by any grant.
    pub(crate) fn granted(grant: Grant, egress: &Egress, max_retries: u8) -> Result<Self, ConnectorError> {
        Ok(Self {
            client: egress.http(grant.url.as_str())?.with_max_body_bytes(MAX_ANSWER_BYTES),
            grant,
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
        let answered = sent
            .await
            .answer
            .map_err(ConnectorError::from)
            .and_then(|answer| token::read(answer, self.grant.unsaid, self.grant.denied));
        let fetched = self.client.clock().now();
        let (outcome, token) = match answered {
            Ok((proof, lifetime)) => {
                let proof = if self.grant.names_instance { proof } else { proof.good_at(None) };
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

    fn request(&self) -> Result<Request, ConnectorError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.grant.form {
            form.append_pair(name, value);
        }
        if let Some(assertion) = &self.grant.assertion {
            form.append_pair("assertion", &assertion(self.client.clock().now())?);
        }
        let mut request = Request::new(Method::POST, self.grant.url.clone());
        if let Some((id, secret)) = &self.grant.client {
            let encoded = |text: &str| -> Zeroizing<String> {
                Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
            };
            Proof::basic(&encoded(id), &encoded(secret))?.add(&mut request.headers)?;
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
