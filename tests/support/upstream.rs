//! An HTTP service that a test scripts: it answers as told and remembers what it was sent.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{HeaderMap, Response},
};
use http_body_util::{BodyExt, Collected};
use tokio::net::TcpListener;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

/// A service on a free port of loopback.
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Upstream {
    /// Starts a service that answers each request by a function of it.
    pub async fn start(answer: impl Fn(&Seen) -> Response<Body> + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = Arc::clone(&seen);
        let handler = move |request: Request| {
            let (answer, log) = (answer.clone(), Arc::clone(&log));
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
                let target = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
                let body = String::from_utf8_lossy(&body).into_owned();
                let seen = Seen { method: parts.method.to_string(), target, headers: parts.headers, body };
                let response = answer(&seen);
                log.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
                response
            }
        };
        tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
        Self { address, seen }
    }

    /// A service that answers everything with one JSON text.
    pub async fn json(body: &'static str) -> Self {
        Self::start(move |_| {
            Response::builder()
                .header("content-type", "application/json")
                .body(Body::from(body))
                .expect("a response")
        })
        .await
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was sent so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
