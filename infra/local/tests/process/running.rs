//! One run of the binary, on free ports, with nothing of this process's own environment.

use std::{fs, path::Path, process::Stdio, time::Duration};

use end_to_end::{Call, canary};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

/// How long a test waits for what must happen in the end; far longer than it takes.
const PATIENCE: Duration = Duration::from_mins(2);
const PORTS: [&str; 4] = ["--portal-port", "--agent-port", "--aws-port", "--demo-port"];

/// What a run left behind.
pub(crate) struct Ended {
    /// The exit status; none where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// A run that has said that it is ready.
pub(crate) struct Running {
    child: Child,
    /// What was printed up to the last line of the welcome.
    pub(crate) welcome: String,
    rest: JoinHandle<String>,
    stderr: JoinHandle<String>,
    /// `credentials.json`.
    pub(crate) credentials: Value,
}

fn command(folder: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    for port in PORTS.iter().filter(|port| !flags.contains(port)) {
        command.args([port, "0"]);
    }
    command.arg("--data-dir").arg(folder).args(flags);
    command.env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A run that is expected to end by itself.
pub(crate) async fn run(folder: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Ended {
    let output = timeout(PATIENCE, command(folder, flags, environment).output()).await;
    let output = output.expect("it ends").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ended =
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    canary::check_program("the stack", &ended.stdout, &ended.stderr);
    ended
}

impl Running {
    /// Starts the binary and waits until it is ready.
    pub(crate) async fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = command(folder, &[], environment).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let stderr = tokio::spawn(read(stderr));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut welcome = String::new();
        let read_welcome = async {
            // The welcome ends with how to stop.
            while !welcome.contains("Ctrl-C") {
                if stdout.read_line(&mut welcome).await.unwrap() == 0 {
                    return false;
                }
            }
            true
        };
        let ready = timeout(PATIENCE, read_welcome).await.expect("it says that it is ready");
        assert!(ready, "it ended: {}", stderr.await.unwrap());
        assert!(welcome.starts_with("Ready.\n"), "{welcome}");
        let rest = tokio::spawn(read(stdout));
        let credentials = fs::read(folder.join("credentials.json")).unwrap();
        let credentials = serde_json::from_slice(&credentials).unwrap();
        Self { child, welcome, rest, stderr, credentials }
    }

    /// A call of the portal as tenant-a's editor.
    pub(crate) fn portal(&self, method: &str, path: &str) -> Call {
        let portal = &self.credentials["portal"];
        let url = format!("{}{path}", portal["url"].as_str().unwrap());
        Call::new(method, url).session(portal["sessions"]["tenant-a"].as_str().unwrap())
    }

    /// A call of the agent under tenant-a's license.
    pub(crate) fn agent(&self, method: &str, path: &str) -> Call {
        let agent = &self.credentials["agent"];
        let url = format!("{}{path}", agent["url"].as_str().unwrap());
        Call::new(method, url).header("x-license-key", agent["licenses"]["tenant-a"].as_str().unwrap())
    }

    /// A query of the agent under tenant-a's license.
    pub(crate) fn query(&self, body: &Value) -> Call {
        self.agent("POST", "/mcp/resources/query").json(body)
    }

    /// An execute of the agent under tenant-a's license.
    pub(crate) fn execute(&self, body: &Value) -> Call {
        self.agent("POST", "/mcp/tools/execute").json(body)
    }

    /// A call of the endpoint that stands for AWS.
    pub(crate) fn secrets(&self, operation: &str, body: &Value) -> Call {
        let endpoint = self.credentials["aws"]["endpoint"].as_str().unwrap();
        let call = Call::new("POST", format!("{endpoint}/")).json(body);
        call.header("x-amz-target", &format!("secretsmanager.{operation}")).unsearched()
    }

    /// The identifier of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id().expect("it is running")
    }

    /// Sends a signal by name and waits for the end.
    pub(crate) async fn signal(self, name: &str) -> Ended {
        self.send_signal(name).await;
        self.ended().await
    }

    /// Sends a signal by name, while others may still be using the run.
    pub(crate) async fn send_signal(&self, name: &str) {
        let id = self.process();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        let stdout = self.welcome + &self.rest.await.unwrap();
        let stderr = self.stderr.await.unwrap();
        canary::check_program("the stack", &stdout, &stderr);
        Ended { code: status.code(), stdout, stderr }
    }
}

async fn read(mut stream: impl AsyncReadExt + Unpin) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}
