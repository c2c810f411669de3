//! What stands between functions and AWS on the wire, so that the SDK's own time-outs and retries are tested with ours.
//! A judge says of each request what becomes of it.
//!
//! What is sent on is done even when the caller has given up meanwhile, as AWS does it: a write that was answered with
//! an error can still come true a moment later. [`Proxy::settled`] waits until nothing can any more.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    http::{Response, StatusCode, Uri, header::CONTENT_LENGTH, request::Parts},
};
use boot::aws::Clients;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Fault, Loss,
    faults::{response, server_error},
    wire::{self, Heard, HungUp},
};

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

/// A proxy before DynamoDB and Secrets Manager, for as long as its runtime.
#[derive(Clone)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    aws: SocketAddr,
    judge: Box<dyn Fn(&Asked) -> Fault + Send + Sync>,
    client: Client<HttpConnector, Body>,
    /// How many requests are on their way to AWS.
    pending: watch::Sender<usize>,
}

impl Proxy {
    /// A proxy on a free port before what listens at `aws`.
    pub async fn start(aws: SocketAddr, judge: impl Fn(&Asked) -> Fault + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (judge, pending) = (Box::new(judge), watch::Sender::new(0));
        let shared = Arc::new(Shared { aws, judge, client, pending });
        let answers = Arc::clone(&shared);
        tokio::spawn(wire::serve(listener, move |request| Arc::clone(&answers).answer(request)));
        Self { address, shared }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Clients that reach AWS through it.
    pub fn clients(&self) -> Clients {
        Clients::local(&self.url(), local::stack::REGION).expect("clients")
    }

    /// Waits until all that was ever sent on is done.
    pub async fn settled(&self) {
        let mut pending = self.shared.pending.subscribe();
        pending.wait_for(|pending| *pending == 0).await.expect("the sender is held");
    }
}

impl Shared {
    async fn answer(self: Arc<Self>, request: hyper::Request<Incoming>) -> Heard {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| HungUp)?.to_bytes();
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let operation = header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let asked = Asked {
            operation: operation.unwrap_or_default().to_owned(),
            trace: header("x-amzn-trace-id").map(str::to_owned),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        let fault = (self.judge)(&asked);
        if let Some(answer) = fault.answer(&asked) {
            return Ok(answer);
        }
        match fault {
            Fault::Lost(loss) => lost(loss, None).await,
            Fault::AnswerLost(loss) => lost(loss, Some(self.pass(parts, body, None).await?)).await,
            Fault::AnswerLate(wait) => {
                let answer = self.pass(parts, body, None).await;
                tokio::time::sleep(wait).await;
                answer
            }
            Fault::Unread(keys) => self.read_in_part(parts, asked, keys).await,
            Fault::ShortPage(items) => self.pass(parts, short_page(asked, items), None).await,
            Fault::Replaced(body) => self.pass(parts, body.to_string().into(), None).await,
            fault => self.pass(parts, body, Some(fault)).await,
        }
    }

    /// Sends a request on, first waiting as the fault says; to its end, whether or not anybody waits for it.
    async fn pass(self: &Arc<Self>, mut parts: Parts, body: Bytes, first: Option<Fault>) -> Heard {
        let shared = Arc::clone(self);
        self.pending.send_modify(|pending| *pending += 1);
        let done = tokio::spawn(async move {
            match first {
                Some(Fault::Late(wait)) => tokio::time::sleep(wait).await,
                // An error says that the test is over.
                Some(Fault::Held(mut open)) => drop(open.wait_for(|open| *open).await),
                _ => {}
            }
            parts.uri = format!("http://{}/", shared.aws).parse::<Uri>().expect("an address");
            parts.headers.remove(CONTENT_LENGTH);
            let request = hyper::Request::from_parts(parts, Body::from(body));
            let answer = shared.client.request(request).await;
            // Read to its end: only then is it done.
            let answer = match answer {
                Ok(answer) => whole(answer).await,
                Err(_) => Err(HungUp),
            };
            shared.pending.send_modify(|pending| *pending -= 1);
            answer
        });
        done.await.unwrap_or(Err(HungUp))
    }

    /// A batch of which the first keys are left for another time.
    async fn read_in_part(self: &Arc<Self>, parts: Parts, mut asked: Asked, keys: usize) -> Heard {
        let Some(tables) = asked.body["RequestItems"].as_object_mut() else {
            return self.pass(parts, asked.body.to_string().into(), None).await;
        };
        let (mut unread, mut left) = (Map::new(), keys);
        for (table, wanted) in tables.iter_mut() {
            let Some(keys) = wanted["Keys"].as_array_mut() else { continue };
            let skipped: Vec<Value> = keys.drain(..left.min(keys.len())).collect();
            left -= skipped.len();
            if !skipped.is_empty() {
                let mut rest = wanted.clone();
                rest["Keys"] = Value::Array(skipped);
                unread.insert(table.clone(), rest);
            }
        }
        tables.retain(|_, wanted| wanted["Keys"].as_array().is_some_and(|keys| !keys.is_empty()));
        let mut answer = json!({"Responses": {}});
        if !tables.is_empty() {
            let read = self.pass(parts, asked.body.to_string().into(), None).await?;
            let read = read.into_body().collect().await.map_err(|_| HungUp)?.to_bytes();
            answer = serde_json::from_slice(&read).map_err(|_| HungUp)?;
        }
        answer["UnprocessedKeys"] = Value::Object(unread);
        Ok(response(StatusCode::OK, &answer))
    }
}

/// What is heard of a request that is lost, or of its answer.
async fn lost(loss: Loss, answer: Option<Response<Body>>) -> Heard {
    match loss {
        Loss::ServerError => Ok(server_error()),
        Loss::HangUp => Err(HungUp),
        Loss::Silence => std::future::pending().await,
        Loss::Cut => {
            let whole = answer.unwrap_or_else(server_error);
            let text = whole.into_body().collect().await.map_err(|_| HungUp)?.to_bytes();
            let half = Ok(text.slice(..text.len() / 2));
            let body = Body::from_stream(futures_util::stream::iter([half, Err(HungUp)]));
            let announced = Response::builder().header(CONTENT_LENGTH, text.len());
            announced.body(body).map_err(|_| HungUp)
        }
    }
}

async fn whole(answer: Response<Incoming>) -> Heard {
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| HungUp)?.to_bytes();
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The same query or scan, of which a page holds no more than so many items.
fn short_page(mut asked: Asked, items: usize) -> Bytes {
    if ["Query", "Scan"].contains(&asked.operation.as_str()) {
        let limit = asked.body["Limit"].as_u64().unwrap_or(u64::MAX);
        asked.body["Limit"] = json!(limit.min(items.max(1) as u64));
    }
    asked.body.to_string().into()
}
