//! HTTP to one origin. [`HttpClient::send`] does exactly one exchange: no redirects, no retries, no proxy, no
//! cookies. Those are decisions about what to ask next, and each is a caller's to make and ours to judge.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use model::clock::Clock;
use model::deadline::Deadline;
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Method, StatusCode};
use telemetry::{Metrics, Trace};
use url::Url;

use crate::error::{EgressError, SetupError};
use crate::failure::classify;
use crate::pool::{self, Pool};
use crate::resolve::{OriginResolver, Resolver};
use crate::rules::Rules;
use crate::target::Target;
use crate::tls::Tls;
use crate::transport::{CONNECT_TIMEOUT, KEEPALIVE};

/// The most that a body may hold after decompression, unless a client says otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

const USER_AGENT: &str = concat!("axonflow-connectors/", env!("CARGO_PKG_VERSION"));

/// Headers that frame the message or name its destination. Set by a caller they could smuggle a second
/// request, or reach another site behind the judged address.
const TRANSPORT_HEADERS: [HeaderName; 13] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
];

/// The way out of this process: its rules, trust, resolver and clock. Clones are cheap and share them.
#[derive(Clone)]
pub struct Egress {
    pub(crate) rules: Arc<Rules>,
    pub(crate) tls: Tls,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
}

/// A client for one origin (scheme, host and port) with its own pool of judged connections.
#[derive(Clone)]
pub struct HttpClient {
    pub(crate) target: Arc<Target>,
    pub(crate) egress: Egress,
    pool: Arc<Pool>,
    max_body_bytes: usize,
}

/// One request. It has no `Debug`: its headers and body may hold credentials.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL, at the client's own origin.
    pub url: Url,
    /// The URL of a repetition, for upstreams that want to be told that it is one; the same unless given.
    pub again: Option<Url>,
    /// Headers, without those that the transport sets.
    pub headers: HeaderMap,
    /// The body; empty means none.
    pub body: Bytes,
    /// The trace that it belongs to, for the upstream to know.
    pub trace: Option<Trace>,
}

/// One answer, read to its end. A redirect is an answer like any other.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
}

impl Egress {
    /// A way out by these rules.
    pub fn new(rules: Rules, tls: Tls, resolver: Arc<dyn Resolver>, clock: Arc<dyn Clock>) -> Self {
        Self { rules: Arc::new(rules), tls, resolver, clock, metrics: Metrics::off() }
    }

    /// The same way out, which counts what it does again.
    #[must_use]
    pub fn counting(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// The same way out with one more trusted CA, as a connector may bring it.
    pub fn trusting(&self, ca_pem: &str) -> Result<Self, SetupError> {
        Ok(Self { tls: self.tls.trusting(ca_pem)?, ..self.clone() })
    }

    /// The clock by which deadlines are kept here.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Whether the deployment lists a host as its own, so that plain sessions to it are permitted.
    pub fn lists_host(&self, host: &str) -> bool {
        self.rules.allows_host(host)
    }

    /// A client for the origin of `base_url`. What can be judged without resolving the name is judged now:
    /// the scheme, the spelling, and a literal address, which the HTTP library would never resolve.
    pub fn http(&self, base_url: &str) -> Result<HttpClient, EgressError> {
        let target = Target::parse(base_url, &self.rules)?;
        let unusable =
            |_| EgressError::Tls { target: target.to_string(), reason: "the client cannot be built" };
        let (egress, port) = (self.clone(), target.port);
        let pool = Pool::new(Box::new(move || egress.client(port)), self.clock.now()).map_err(unusable)?;
        Ok(HttpClient {
            target: Arc::new(target),
            egress: self.clone(),
            pool: Arc::new(pool),
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that makes an HTTP client")]
    fn client(&self, port: u16) -> reqwest::Result<reqwest::Client> {
        let (rules, resolver) = (Arc::clone(&self.rules), Arc::clone(&self.resolver));
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.config().as_ref().clone())
            .dns_resolver(OriginResolver { rules, resolver, port })
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(KEEPALIVE)
            .tcp_nodelay(true)
            .pool_idle_timeout(pool::IDLE_TIMEOUT)
            .user_agent(USER_AGENT)
            .build()
    }
}

impl HttpClient {
    /// The same client with another cap on decompressed bodies.
    #[must_use]
    pub fn with_max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self { max_body_bytes, ..self }
    }

    /// Sends one request and reads its answer. Everything, from the name to the body's last byte, ends by
    /// the deadline.
    pub async fn send(&self, request: Request, deadline: Deadline) -> Result<Response, EgressError> {
        self.check(&request)?;
        let late = || EgressError::Deadline { target: self.target.to_string() };
        let left = deadline.left(self.clock().now()).ok_or_else(late)?;
        tokio::time::timeout(left, self.exchange(request)).await.unwrap_or_else(|_| Err(late()))
    }

    /// The clock that deadlines are measured by.
    pub fn clock(&self) -> &dyn Clock {
        self.egress.clock()
    }

    fn check(&self, request: &Request) -> Result<(), EgressError> {
        if !self.target.covers(&request.url) {
            let why = format!("this client only calls {}", self.target);
            return Err(EgressError::refused("a request to another origin", why));
        }
        if TRANSPORT_HEADERS.iter().any(|name| request.headers.contains_key(name)) {
            let why = "it sets a header that belongs to the transport, such as Host or Content-Length";
            return Err(EgressError::refused(format!("a request to {}", self.target), why));
        }
        Ok(())
    }

    async fn exchange(&self, request: Request) -> Result<Response, EgressError> {
        let Request { method, url, again: _, headers, body, trace } = request;
        let mut outgoing = reqwest::Request::new(method, url);
        *outgoing.headers_mut() = headers;
        if let Some(value) = trace.and_then(|trace| trace.to_string().parse().ok()) {
            outgoing.headers_mut().insert(Trace::HEADER, value);
        }
        if !body.is_empty() {
            *outgoing.body_mut() = Some(body.into());
        }
        // One turn for the reactor: connections that died while the process was frozen are noticed before one of them
        // is picked, which a write would not survive.
        tokio::task::yield_now().await;
        let failed = |error: reqwest::Error| classify(self.target.to_string(), &error);
        let mut incoming = self.pool.client(self.clock().now()).execute(outgoing).await.map_err(failed)?;
        let (status, headers) = (incoming.status(), std::mem::take(incoming.headers_mut()));

        let limit = self.max_body_bytes;
        if incoming.content_length().is_some_and(|announced| announced > limit as u64) {
            return Err(EgressError::BodyTooLarge { limit });
        }
        let mut body = Vec::new();
        // Chunks come decompressed and one at a time, so that a bomb stops after the chunk that exceeds.
        while let Some(chunk) = incoming.chunk().await.map_err(failed)? {
            if chunk.len() > limit - body.len() {
                return Err(EgressError::BodyTooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body: body.into() })
    }
}

impl Request {
    /// A request without headers, body or trace.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, again: None, headers: HeaderMap::new(), body: Bytes::new(), trace: None }
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpClient({})", self.target)
    }
}

/// Headers and body belong to a tenant and stay out of logs.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}
