//! A way to AWS on which every request is judged first: what a network and a service do wrong, done on purpose, at the
//! wire, so that the SDK's own retries and time-outs are part of what is tested.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{Response, Uri, header::CONTENT_LENGTH, request::Parts},
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

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

/// What becomes of one request.
pub enum Fault {
    /// Nothing: it is answered.
    None,
    /// It is answered with this error and does nothing.
    Refused(Value),
    /// It is answered with 500 and this error, and does nothing.
    Failed(Value),
    /// It is done, but its answer is lost: 500 comes in its place.
    AnswerLost,
    /// It is done, but nothing comes back, and the connection ends.
    HungUpAfter,
    /// It is not done: the connection ends.
    HungUpBefore,
    /// It is done after a while, whether somebody still waits for it or not.
    Late(Duration),
    /// It is done when this becomes true.
    Held(watch::Receiver<bool>),
    /// Of a `BatchGetItem`, the request of this body is done in its place, and the answer says that these keys were not
    /// processed.
    Partial(Value, Value),
    /// The request of this body is done in its place.
    Replaced(Value),
    /// It is not done, and answered with 200 and this body.
    Pretended(Value),
}

impl Fault {
    /// A request that is not done, for a reason that DynamoDB gives a name.
    pub fn refused(kind: &str) -> Self {
        Self::Refused(
            json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "c4n4ry"}),
        )
    }

    /// A transaction that met another one.
    pub fn conflict() -> Self {
        let reasons = json!([{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]);
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        Self::Refused(json!({"__type": kind, "message": "c4n4ry", "CancellationReasons": reasons}))
    }
}

/// Opens a way to AWS on a free port of loopback; gives where it begins.
pub async fn between(
    aws: SocketAddr,
    judge: impl Fn(&Asked) -> Fault + Clone + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let way = Way { aws, client: Client::builder(TokioExecutor::new()).build_http() };
    tokio::spawn(serve(listener, move |request| {
        let (judge, way) = (judge.clone(), way.clone());
        async move { way.answer(request, &judge).await }
    }));
    address
}

/// Serves HTTP by a function that answers, or hangs up.
pub async fn serve<F, A>(listener: TcpListener, answer: F)
where
    F: Fn(Request) -> A + Clone + Send + 'static,
    A: Future<Output = Option<Response<Body>>> + Send + 'static,
{
    loop {
        // What was taken away again before it was accepted, or a moment without file descriptors.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let answer = answer.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let answer = answer(request.map(Body::new));
            async move { answer.await.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionReset)) }
        });
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            // An error is the client's hanging up, or ours.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

#[derive(Clone)]
struct Way {
    aws: SocketAddr,
    client: Client<HttpConnector, Body>,
}

impl Way {
    async fn answer(&self, request: Request, judge: impl Fn(&Asked) -> Fault) -> Option<Response<Body>> {
        let (parts, body) = request.into_parts();
        // Whoever does not send a whole request gets no answer.
        let body = axum::body::to_bytes(body, usize::MAX).await.ok()?;
        match judge(&asked(&parts, &body)) {
            Fault::None => self.pass(parts, body).await,
            Fault::Refused(error) => Some(json_of(400, &error)),
            Fault::Failed(error) => Some(json_of(500, &error)),
            Fault::AnswerLost => {
                self.pass(parts, body).await?;
                Some(json_of(500, &json!({"__type": "InternalServerError"})))
            }
            Fault::HungUpAfter => {
                self.pass(parts, body).await?;
                None
            }
            Fault::HungUpBefore => None,
            Fault::Late(wait) => {
                // A task of its own: the client's hanging up does not undo what it has sent.
                let way = self.clone();
                let late = tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    way.pass(parts, body).await
                });
                late.await.ok().flatten()
            }
            Fault::Held(mut open) => {
                // An error says that the test is over.
                let _ = open.wait_for(|open| *open).await;
                self.pass(parts, body).await
            }
            Fault::Partial(done, left) => {
                let answer = self.pass(parts, done.to_string().into()).await?;
                let (status, answer) = (answer.status().as_u16(), answer.into_body());
                let answer = axum::body::to_bytes(answer, usize::MAX).await.ok()?;
                let mut answer: Value = serde_json::from_slice(&answer).ok()?;
                if status == 200 {
                    answer["UnprocessedKeys"] = left;
                }
                Some(json_of(status, &answer))
            }
            Fault::Replaced(body) => self.pass(parts, body.to_string().into()).await,
            Fault::Pretended(answer) => Some(json_of(200, &answer)),
        }
    }

    async fn pass(&self, mut parts: Parts, body: Bytes) -> Option<Response<Body>> {
        parts.uri = format!("http://{}/", self.aws).parse::<Uri>().expect("an address");
        // The body may be another than came.
        parts.headers.remove(CONTENT_LENGTH);
        let answer = self.client.request(Request::from_parts(parts, Body::from(body))).await;
        answer.ok().map(|answer| answer.map(Body::new))
    }
}

fn asked(parts: &Parts, body: &Bytes) -> Asked {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let operation = header("x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default();
    Asked {
        operation: operation.to_owned(),
        trace: header("x-amzn-trace-id").map(str::to_owned),
        body: serde_json::from_slice(body).unwrap_or_default(),
    }
}

fn json_of(status: u16, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(body.to_string())).expect("a response")
}
