//! The wire between the SDK and a service: it remembers what was sent, and fails as a test scripts it. A
//! connection that a script cuts is a real one, so that the SDK sees the errors it would see.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_sdk_dynamodb::config::{
    HttpClient, RuntimeComponents, SharedHttpClient,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket},
};

use crate::support::arn;

/// What happens to one request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// It is sent and answered.
    Pass,
    /// It is answered by an error of this code, and not sent.
    Refuse(&'static str),
    /// A transaction is answered as cancelled for these reasons, one an item, and not sent.
    Cancel(&'static [&'static str]),
    /// It is answered by what a function makes of its body, and not sent.
    Answer(fn(&Value) -> Value),
    /// It is sent and takes effect, but the connection breaks before the answer.
    LoseAnswer,
    /// Nothing listens.
    NoConnection,
    /// Nothing is answered.
    Silence,
}

/// One request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) operation: String,
    pub(crate) uri: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

/// An HTTP client that scripts its requests.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    inner: SharedHttpClient,
    cut: SocketAddr,
    closed: Arc<TcpSocket>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    script: VecDeque<Step>,
    otherwise: Step,
    sent: Vec<Sent>,
}

impl Wire {
    /// A wire in front of another client.
    pub(crate) async fn over(inner: SharedHttpClient) -> Self {
        let state = State { script: VecDeque::new(), otherwise: Step::Pass, sent: Vec::new() };
        Self { inner, cut: cutting().await, closed: closed(), state: Arc::new(Mutex::new(state)) }
    }

    /// Forgets what was sent, and scripts the next requests; what follows them passes.
    pub(crate) fn script(&self, steps: &[Step]) {
        let mut state = self.state();
        *state = State { script: steps.iter().copied().collect(), otherwise: Step::Pass, sent: Vec::new() };
    }

    /// Forgets what was sent, and does the same with every request.
    pub(crate) fn always(&self, step: Step) {
        *self.state() = State { script: VecDeque::new(), otherwise: step, sent: Vec::new() };
    }

    /// What was sent since the script began.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn next(&self, request: &HttpRequest) -> Step {
        let header = |name| request.headers().get(name).unwrap_or_default().to_owned();
        let target = header("x-amz-target");
        let sent = Sent {
            operation: target.rsplit('.').next().unwrap().to_owned(),
            uri: request.uri().to_owned(),
            authorization: header("authorization"),
            body: body_of(request),
        };
        let mut state = self.state();
        state.sent.push(sent);
        state.script.pop_front().unwrap_or(state.otherwise)
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { wire: self.clone(), inner })
    }
}

#[derive(Debug)]
struct Connector {
    wire: Wire,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let step = self.wire.next(&request);
        let (inner, cut) = (self.inner.clone(), self.wire.cut);
        let closed = self.wire.closed.local_addr().unwrap();
        HttpConnectorFuture::new(async move {
            match step {
                Step::Pass => inner.call(request).await,
                Step::Refuse(code) => Ok(answer(400, &json!({"__type": code, "message": told()}))),
                Step::Cancel(reasons) => Ok(answer(400, &cancelled(reasons))),
                Step::Answer(of) => Ok(answer(200, &of(&body_of(&request)))),
                Step::LoseAnswer => {
                    inner.call(request.try_clone().unwrap()).await?;
                    redirected(&inner, request, cut).await
                }
                Step::NoConnection => redirected(&inner, request, closed).await,
                Step::Silence => std::future::pending().await,
            }
        })
    }
}

fn body_of(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().bytes().unwrap()).unwrap()
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
}

/// AWS's messages quote what they are about.
fn told() -> String {
    format!("what was said of {} and of {}", arn().expose(), arn().masked())
}

fn cancelled(reasons: &[&str]) -> Value {
    let item = json!({"credentials_secret_arn": {"S": arn().expose()}});
    let reason = |code| json!({"Code": code, "Message": told(), "Item": item});
    let reasons: Vec<_> = reasons.iter().map(reason).collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": told(),
        "CancellationReasons": reasons,
    })
}

async fn redirected(
    inner: &SharedHttpConnector,
    mut request: HttpRequest,
    to: SocketAddr,
) -> Result<HttpResponse, ConnectorError> {
    request.set_uri(format!("http://{to}/")).unwrap();
    inner.call(request).await
}

/// A server that reads a little and hangs up.
async fn cutting() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4 * 1024]).await;
        }
    });
    address
}

/// A port where nothing listens, and nothing else can while the socket is held.
fn closed() -> Arc<TcpSocket> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    Arc::new(socket)
}
