//! The server around a vendor's behaviour: a port, a log of requests, and what a test says in the vendor's place.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Response},
};
use futures_util::stream;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{answer::Answer, golden, seen::Seen};

/// How a vendor behaves: its state, and an answer for each request. It checks what the vendor checks.
pub trait Vendor: Send + 'static {
    /// The answer to one request. `violations` takes what no correct client would send; the answer is then the
    /// vendor's own refusal of it.
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer;
}

/// What stands in the vendor's place for requests that a test picks.
type Picked = Box<dyn FnMut(&Seen) -> Option<Answer> + Send>;

struct State<V> {
    vendor: V,
    instead: Vec<Picked>,
    seen: Vec<Seen>,
    violations: Vec<String>,
}

/// A vendor on a free port of loopback, until it is dropped.
pub struct StandIn<V: Vendor> {
    address: SocketAddr,
    state: Arc<Mutex<State<V>>>,
    server: JoinHandle<()>,
}

impl<V: Vendor> StandIn<V> {
    /// Starts one.
    pub async fn start(vendor: V) -> Self {
        Self::start_with(|_| vendor).await
    }

    /// Starts one that must know its own base URL.
    ///
    /// # Panics
    /// Where loopback has no free port: the test can't go on.
    pub async fn start_with(vendor: impl FnOnce(&str) -> V) -> Self {
        #[expect(clippy::expect_used, reason = "a test without a port can't go on")]
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        #[expect(clippy::expect_used, reason = "the listener was just bound")]
        let address = listener.local_addr().expect("a bound listener has an address");
        let vendor = vendor(&format!("http://{address}"));
        let state = State { vendor, instead: Vec::new(), seen: Vec::new(), violations: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let router = Router::new().fallback(move |request: Request| {
            let shared = Arc::clone(&shared);
            async move { respond(request, &shared).await }
        });
        let server = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Self { address, state, server }
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at the vendor, or changes it.
    pub fn vendor<T>(&self, look: impl FnOnce(&mut V) -> T) -> T {
        look(&mut lock(&self.state).vendor)
    }

    /// Answers in the vendor's place where the function gives an answer. The one that was added last is asked first.
    pub fn instead(&self, answer: impl FnMut(&Seen) -> Option<Answer> + Send + 'static) {
        lock(&self.state).instead.push(Box::new(answer));
    }

    /// The next requests of this method, whose path ends so, get these answers, one each; then the vendor's own.
    pub fn next(&self, method: &str, path_end: &str, answers: Vec<Answer>) {
        let (method, path_end) = (method.to_owned(), path_end.to_owned());
        let mut answers = answers.into_iter();
        self.instead(move |seen| {
            let picked = seen.method == method && seen.path.ends_with(&path_end);
            picked.then(|| answers.next()).flatten()
        });
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.state).seen.clone()
    }

    /// How many requests of this method had a path that ends so.
    pub fn count(&self, method: &str, path_end: &str) -> usize {
        let picked = |seen: &&Seen| seen.method == method && seen.path.ends_with(path_end);
        lock(&self.state).seen.iter().filter(picked).count()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.state).seen.clear();
    }

    /// The requests so far as text, for a reviewer to hold beside the vendor's documentation: method, path, query,
    /// headers, body. The stand-in's address, tokens and what differs by the run are left out.
    pub fn golden(&self) -> String {
        golden::text(&lock(&self.state).seen, &self.address.to_string())
    }

    /// What no correct client would have sent; taken, it does not fail the test any more.
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).violations)
    }
}

impl<V: Vendor> Drop for StandIn<V> {
    fn drop(&mut self) {
        self.server.abort();
        if !std::thread::panicking() {
            let violations = &lock(&self.state).violations;
            assert!(violations.is_empty(), "{violations:#?}");
        }
    }
}

fn lock<V>(state: &Mutex<State<V>>) -> MutexGuard<'_, State<V>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn respond<V: Vendor>(request: Request, state: &Mutex<State<V>>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    let seen = Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    };
    let answer = {
        let mut state = lock(state);
        let State { vendor, instead, seen: all, violations } = &mut *state;
        all.push(seen.clone());
        let picked = instead.iter_mut().rev().find_map(|answer| answer(&seen));
        picked.unwrap_or_else(|| vendor.answer(&seen, violations))
    };
    tokio::time::sleep(answer.after).await;
    if answer.cut {
        let broken = || Err::<Vec<u8>, _>(std::io::Error::other("cut"));
        return Response::new(Body::from_stream(stream::once(async move { broken() })));
    }
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status.try_into().unwrap_or_default();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
