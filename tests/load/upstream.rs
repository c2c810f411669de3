//! The upstream of every connector: it shows with which state of its record and with which secret it was called, keeps
//! a list of the calls that it had, and misbehaves by chance and weather.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::Response,
};
use end_to_end::wire;
use futures_util::stream;
use model::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    arrival::{Arrival, Manner, mark},
    book::Book,
    dice::Dice,
    sky::Flaw,
    weather::{Forecast, rate},
};

/// Of a thousand calls, in usual and in heavy weather.
const USUAL: usize = 40;
const HEAVY: usize = 200;
/// Longer than any connector waits.
const HANGING: Duration = Duration::from_secs(40);

/// The upstream.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    forecast: Arc<Forecast>,
    book: Arc<Book>,
    flaw: Option<Flaw>,
    state: Mutex<State>,
}

struct State {
    dice: Dice,
    /// Queries by their nonce, until somebody asks.
    queries: HashMap<String, Vec<Arrival>>,
    /// Writes by their nonce, all of them.
    writes: HashMap<String, Vec<Arrival>>,
    /// The lowest token that counts, by tenant and connector.
    valid: HashMap<(String, String), usize>,
}

impl Upstream {
    pub(crate) async fn start(
        forecast: Arc<Forecast>,
        book: Arc<Book>,
        dice: Dice,
        flaw: Option<Flaw>,
    ) -> Self {
        let state = State { dice, queries: HashMap::new(), writes: HashMap::new(), valid: HashMap::new() };
        let shared = Arc::new(Shared { forecast, book, flaw, state: Mutex::new(state) });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let own = Arc::clone(&shared);
        tokio::spawn(wire::serve(listener, move |request| {
            let shared = Arc::clone(&own);
            async move { shared.answer(request).await }
        }));
        Self { address, shared }
    }

    /// The base URL of a connector in a state.
    pub(crate) fn url(&self, tenant: &str, connector: &str, state: usize) -> String {
        format!("http://{}/{}/{connector}/{state}", self.address, mark(tenant))
    }

    /// From now on only this token of a connector counts, and later ones.
    pub(crate) fn revoke_before(&self, tenant: &str, connector: &str, token: usize) {
        self.shared.lock().valid.insert((tenant.to_owned(), connector.to_owned()), token);
    }

    /// How a query came here, each attempt of it.
    pub(crate) fn query(&self, nonce: &str) -> Vec<Arrival> {
        self.shared.lock().queries.remove(nonce).unwrap_or_default()
    }

    /// How a write came here, each attempt of it.
    pub(crate) fn write(&self, nonce: &str) -> Vec<Arrival> {
        self.shared.lock().writes.get(nonce).cloned().unwrap_or_default()
    }
}

impl Shared {
    async fn answer(&self, request: Request) -> Option<Response<Body>> {
        let (parts, body) = request.into_parts();
        axum::body::to_bytes(body, usize::MAX).await.ok()?;
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let method = parts.method.as_str();
        let Some((arrival, nonce)) = Arrival::read(parts.uri.path(), parts.uri.query(), &header) else {
            self.book.wrong(format!("the upstream was called as no record says: {method} {}", parts.uri));
            return Some(told(400, &json!({})));
        };
        let (arrival, wait) = self.receive(arrival, method, &nonce);
        tokio::time::sleep(wait).await;
        match arrival.manner {
            Manner::Answered => {
                let row = self.row(&arrival, &nonce, header("authorization"));
                Some(told(if method == "POST" { 201 } else { 200 }, &row))
            }
            Manner::Unauthorized => Some(told(401, &json!({"error": "this token does not count"}))),
            Manner::Limited => {
                let mut limited = told(429, &json!({"error": "too often"}));
                limited.headers_mut().insert("retry-after", "1".parse().ok()?);
                Some(limited)
            }
            Manner::Refused => Some(told(409, &json!({"error": "not like this"}))),
            Manner::Failed => Some(told(500, &json!({"error": "failed"}))),
            Manner::Unavailable => Some(told(503, &json!({"error": "down"}))),
            Manner::HungUp | Manner::Hung => None,
            Manner::Cut => Some(cut()),
        }
    }

    /// Throws how the call is taken, and writes it down.
    fn receive(&self, mut arrival: Arrival, method: &str, nonce: &str) -> (Arrival, Duration) {
        let weather = self.forecast.at(SystemClock.now().ticks);
        let mut state = self.lock();
        let key = (arrival.tenant.clone(), arrival.connector.clone());
        let lowest = state.valid.get(&key).copied().unwrap_or_default();
        let mut wait = Duration::ZERO;
        if arrival.token.is_some_and(|token| token < lowest) {
            arrival.manner = Manner::Unauthorized;
        } else if state.dice.chance(rate(weather, USUAL, HEAVY)) {
            let (manner, kind) = *state.dice.pick(&[
                (Manner::Limited, "429"),
                (Manner::Refused, "409"),
                (Manner::Failed, "500"),
                (Manner::Unavailable, "503"),
                (Manner::HungUp, "hung up"),
                (Manner::Cut, "body cut"),
                (Manner::Hung, "never answered"),
                (Manner::Answered, "slow"),
                (Manner::Answered, "slow"),
            ]);
            wait = match manner {
                Manner::Answered => state.dice.millis(10, 2_000),
                Manner::Hung => HANGING,
                _ => Duration::ZERO,
            };
            self.book.fault("upstream", kind);
            arrival.manner = manner;
        }
        if method == "POST" {
            let twice = self.flaw == Some(Flaw::TwiceTaken) && state.dice.chance(100);
            let before = state.writes.entry(nonce.to_owned()).or_default();
            if before.iter().any(Arrival::may_be_taken) {
                let told =
                    format!("a write that may have been taken was sent again: {before:?}, {arrival:?}");
                self.book.wrong(told);
            }
            before.extend(std::iter::repeat_n(arrival.clone(), if twice { 2 } else { 1 }));
        } else if !nonce.is_empty() {
            state.queries.entry(nonce.to_owned()).or_default().push(arrival.clone());
        }
        (arrival, wait)
    }

    fn row(&self, arrival: &Arrival, nonce: &str, authorization: Option<&str>) -> Value {
        let foreign = self.flaw == Some(Flaw::ForeignRows) && nonce.ends_with('7');
        let mark = if foreign { mark("other") } else { mark(&arrival.tenant) };
        let mut row = json!({
            "mark": mark, "connector": arrival.connector, "state": arrival.state, "token": arrival.token,
            "nonce": nonce,
        });
        if let (Some(Flaw::ShownSecrets), Some(row)) = (self.flaw, row.as_object_mut()) {
            row.insert("came_with".to_owned(), json!(authorization));
        }
        row
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(status: u16, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(body.to_string())).expect("a response")
}

/// An answer that ends before it has said what it promised.
fn cut() -> Response<Body> {
    let pieces = [Ok(Bytes::from_static(b"{\"mark\":")), Err(std::io::Error::other("cut"))];
    let response = Response::builder().header("content-type", "application/json");
    response
        .header("content-length", "400")
        .body(Body::from_stream(stream::iter(pieces)))
        .expect("a response")
}
