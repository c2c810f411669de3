//! A stand-in for an account: strict about every request, and answering as the test says. What it finds wrong fails
//! the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, Response},
};
use model::clock::Clock;
use tokio::net::TcpListener;

use crate::reply::Reply;
use crate::setup::Ahead;
use crate::strict;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn is_cancel(&self) -> bool {
        self.target.ends_with("/cancel")
    }

    pub(crate) fn token(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
    }
}

/// What requests came, and what was wrong with them.
#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    faults: Vec<String>,
}

/// An account on a free port of loopback.
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<Ahead>,
    log: Arc<Mutex<Log>>,
}

impl Stub {
    /// Answers each request by a function of it and of how many came before. A cancellation is always granted, and a
    /// signed token that does not hold is refused before anything is asked.
    pub(crate) async fn start(
        answer: impl Fn(&Seen, usize) -> Reply + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (clock, log): (Arc<Ahead>, Arc<Mutex<Log>>) = Default::default();
        let router = router(Arc::clone(&clock), Arc::clone(&log), answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, clock, log }
    }

    /// Gives each request its next answer, and from then on the last one.
    pub(crate) async fn answering(replies: Vec<Reply>) -> Self {
        Self::start(move |_, index| replies[index.min(replies.len() - 1)].clone()).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().seen.clone()
    }

    pub(crate) fn targets(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
    }

    /// Waits until the requests are those that are wanted.
    pub(crate) async fn wait_for(&self, wanted: impl Fn(&[Seen]) -> bool) {
        for _ in 0..6_000 {
            if wanted(&self.seen()) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("what was waited for did not come: {:#?}", self.targets());
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let faults = self.log.lock().unwrap().faults.clone();
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }
}

fn router(
    clock: Arc<Ahead>,
    log: Arc<Mutex<Log>>,
    answer: impl Fn(&Seen, usize) -> Reply + Clone + Send + Sync + 'static,
) -> Router {
    Router::new().fallback(move |request: Request| {
        let (answer, log, clock) = (answer.clone(), Arc::clone(&log), Arc::clone(&clock));
        async move { answered(request, &log, &clock, answer).await }
    })
}

async fn answered(
    request: Request,
    log: &Mutex<Log>,
    clock: &Ahead,
    answer: impl Fn(&Seen, usize) -> Reply,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let target = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let seen = Seen { method: head.method.to_string(), target, headers: head.headers, body };
    let signed = seen.header("x-snowflake-authorization-token-type") == "KEYPAIR_JWT";
    let now = clock.now().epoch_seconds();
    let refused = signed.then(|| strict::token_fault(seen.token(), now)).flatten();
    let reply = {
        let mut log = log.lock().unwrap();
        log.faults.extend(strict::faults(&seen));
        let index = log.seen.iter().filter(|seen| !seen.is_cancel()).count();
        log.seen.push(seen.clone());
        match refused {
            Some(why) => Reply::failure(401, "390144", &format!("JWT token is invalid. ({why})")),
            None if seen.is_cancel() => Reply::failure(200, "000604", "successfully canceled"),
            None => answer(&seen, index),
        }
    };
    reply.send().await
}

/// A token endpoint, and how many tokens it has issued.
pub(crate) async fn tokens_at() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/oauth/token", listener.local_addr().unwrap());
    let issued = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&issued);
    let router = Router::new().fallback(move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let body = serde_json::json!({
            "access_token": format!("issued-{number}"), "token_type": "Bearer", "expires_in": 600,
        });
        async move { Response::builder().body(Body::from(body.to_string())).unwrap() }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, issued)
}
