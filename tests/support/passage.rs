//! A passage to the tables and the secrets that notes what goes through it and holds back what it is told to: what
//! a container asks of AWS, word for word, and a store that is slow for one tenant alone.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Body,
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{Response, Uri},
};
use boot::{Boot, aws::Clients};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

use crate::World;

/// One request to AWS.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its operation, such as `GetItem`.
    pub operation: String,
    /// The trace that it says it belongs to.
    pub trace: Option<String>,
    /// What it says.
    pub body: Value,
}

/// The passage.
pub struct Passage {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    held: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

impl World {
    /// A passage that holds back, until it is opened, what `holds` says.
    pub async fn passage(&self, holds: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> Passage {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (open, opened) = watch::channel(false);
        let (asked, held) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicUsize>::default());
        let (log, holds, waiting, aws) =
            (Arc::clone(&asked), Arc::new(holds), Arc::clone(&held), self.stack.aws);
        let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
        let handler = move |request: Request| {
            let (log, holds, waiting) = (Arc::clone(&log), Arc::clone(&holds), Arc::clone(&waiting));
            let (client, mut opened) = (client.clone(), opened.clone());
            async move {
                let (mut parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
                let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
                let trace = parts.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
                let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
                let asked = Asked {
                    operation: operation.to_owned(),
                    trace: trace.map(str::to_owned),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                };
                let holds = holds(&asked);
                log.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
                if holds {
                    waiting.fetch_add(1, Ordering::SeqCst);
                    // An error says that the test is over.
                    let _ = opened.wait_for(|open| *open).await;
                }
                parts.uri = format!("http://{aws}/").parse::<Uri>().expect("an address");
                let answer = client.request(Request::from_parts(parts, Body::from(body))).await;
                answer.expect("AWS answers").map(Body::new) as Response<Body>
            }
        };
        tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
        Passage { address, asked, held, open }
    }

    /// A container of the agent that reaches AWS through a passage.
    pub fn agent_through(&self, passage: &Passage) -> agent_invoke::App {
        let own = &self.stack.boot;
        let boot = Boot {
            settings: own.settings.clone(),
            clients: Clients::local(&format!("http://{}", passage.address), local::stack::REGION)
                .expect("clients"),
            metrics: own.metrics.clone(),
            clock: Arc::clone(&own.clock),
            entropy: Arc::clone(&own.entropy),
        };
        agent_invoke::App::new(&boot).expect("the agent starts")
    }
}

impl Passage {
    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes what was asked so far, in order.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many requests were ever held back.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Lets everything through from now on.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}
