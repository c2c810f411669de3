//! A Lambda runtime API on loopback and a function's own binary behind it: a container that can be frozen and
//! thawed as Lambda does it, and measured from outside.

use std::{
    collections::HashMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path as Parameters, State},
    http::{Response, StatusCode},
    routing::{get, post},
};
use model::clock::{Clock, SystemClock};
use serde_json::Value;
use tempfile::NamedTempFile;
use test_servers::canary::{self, Output};
use tokio::{
    net::TcpListener,
    sync::{Mutex as Turn, mpsc, oneshot, watch},
};

use crate::World;

/// How long a test waits for what must happen in the end; far longer than it takes.
const PATIENCE: Duration = Duration::from_mins(2);
const TIMEOUT_MS: i64 = 29_000;

struct Invocation {
    id: String,
    event: Value,
    trace: Option<String>,
    answer: oneshot::Sender<Value>,
}

struct Shared {
    next: Turn<mpsc::UnboundedReceiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Value>>>,
    /// How often the function has asked for an invocation.
    asked: watch::Sender<u64>,
}

/// The runtime API of one container.
pub struct LambdaRuntime {
    address: SocketAddr,
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<Invocation>,
}

/// A function's process. It ends with this.
pub struct Container {
    child: Child,
    output: NamedTempFile,
}

impl LambdaRuntime {
    /// Starts to listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (queue, next) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            next: Turn::new(next),
            running: Mutex::default(),
            asked: watch::Sender::new(0),
        });
        let app = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_invocation))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(response))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, shared, queue }
    }

    /// Starts a function with these variables and no others, and waits until it asks for work.
    pub async fn container(&self, binary: &Path, environment: &[(String, String)]) -> Container {
        let before = *self.shared.asked.borrow();
        let container = self.spawn(binary, environment);
        let mut asked = self.shared.asked.subscribe();
        let ready = tokio::time::timeout(PATIENCE, asked.wait_for(|asked| *asked > before)).await;
        ready.expect("the function starts").expect("the runtime API runs");
        container
    }

    /// Starts a function and waits for nothing.
    pub fn spawn(&self, binary: &Path, environment: &[(String, String)]) -> Container {
        let mut command = Command::new(binary);
        command.env_clear().envs(environment.iter().cloned());
        command.env("AWS_LAMBDA_RUNTIME_API", self.address.to_string());
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "log"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "log"),
        ] {
            command.env(name, value);
        }
        let output = NamedTempFile::new().expect("a file");
        let written = output.reopen().expect("the file");
        command.stdin(Stdio::null()).stdout(written).stderr(Stdio::inherit());
        Container { child: command.spawn().expect("the function's process"), output }
    }

    /// Hands an event to the function and waits for its answer.
    pub async fn invoke(&self, event: Value) -> Value {
        self.invoke_traced(event, None).await
    }

    /// The same as a part of a trace, whose header is given as Lambda would.
    pub async fn invoke_traced(&self, event: Value, trace: Option<&str>) -> Value {
        let (answer, answered) = oneshot::channel();
        let id = SystemClock.now().wall.as_nanosecond().to_string();
        let trace = trace.map(str::to_owned);
        assert!(self.queue.send(Invocation { id, event, trace, answer }).is_ok(), "the runtime API runs");
        let answer = tokio::time::timeout(PATIENCE, answered).await;
        answer.expect("an answer in time").expect("an answer")
    }
}

impl Container {
    /// Stops the process where it is, as Lambda does between two invocations.
    pub fn freeze(&self) {
        self.signal("STOP");
        // The signal is delivered when the kernel says so.
        while self.state() != "T" {
            std::thread::yield_now();
        }
    }

    /// What it has written to its standard output.
    pub fn output(&self) -> String {
        fs::read_to_string(self.output.path()).expect("its output")
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// The physical memory that it holds, in KiB.
    pub fn rss_kib(&self) -> u64 {
        let line = self.status("VmRSS:");
        line.trim_end_matches("kB").trim().parse().expect("a number")
    }

    /// The processor time that its threads have used, in milliseconds; 0 where the kernel does not tell.
    pub fn cpu_ms(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("a process");
        let nanoseconds = tasks.flatten().filter_map(|task| {
            let schedule = fs::read_to_string(task.path().join("schedstat")).ok()?;
            schedule.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum()).as_secs_f64() * 1e3
    }

    fn state(&self) -> String {
        self.status("State:").chars().take(1).collect()
    }

    fn status(&self, field: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        value.expect("a field").trim().to_owned()
    }

    fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let status = kill.arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name}");
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // It may have ended by itself; frozen or not, this ends it.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let written = fs::read(self.output.path()).unwrap_or_default();
        canary::check("a function's output", Output::Log, &written);
        let leaks = canary::leaks();
        assert!(leaks.is_empty() || std::thread::panicking(), "{}", leaks.join("\n"));
    }
}

impl World {
    /// What a function of a deployment over this stack's tables and secrets finds in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let stack = &self.stack;
        let variables = [
            ("AWS_ENDPOINT_URL", format!("http://{}", stack.aws)),
            ("AWS_REGION", local::stack::REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("DEPLOYMENT_MODE", stack.boot.settings.mode.as_str().to_owned()),
            ("LICENSE_PUBLIC_KEYS", stack.identity.public_jwks()),
            ("EGRESS_ALLOW", local::identity::LOOPBACK.to_owned()),
            ("LOG_LEVEL", "warn".to_owned()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }
}

async fn next_invocation(State(shared): State<Arc<Shared>>) -> Response<Body> {
    shared.asked.send_modify(|asked| *asked += 1);
    let Some(Invocation { id, event, trace, answer }) = shared.next.lock().await.recv().await else {
        return Response::builder().status(StatusCode::GONE).body(Body::empty()).expect("a response");
    };
    shared.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), answer);
    let deadline = SystemClock.now().wall.as_millisecond() + TIMEOUT_MS;
    let head = Response::builder();
    let head = trace.into_iter().fold(head, |head, trace| head.header("lambda-runtime-trace-id", trace));
    head.header("lambda-runtime-aws-request-id", id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:f")
        .header("content-type", "application/json")
        .body(Body::from(event.to_string()))
        .expect("a response")
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Parameters(id): Parameters<String>,
    body: Bytes,
) -> StatusCode {
    let answer = shared.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    let body = serde_json::from_slice(&body).unwrap_or_default();
    // Nobody waits any more where the test is over.
    answer.map(|answer| answer.send(body));
    StatusCode::ACCEPTED
}
