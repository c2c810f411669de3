//! The processes of the stack: this program again, in another role. Each says in one line where it listens, and ends
//! when whoever started it is gone: its standard input ends then.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(2);

/// A running process.
pub(crate) struct Process {
    child: Child,
    /// What it said first.
    pub(crate) hello: Value,
}

impl Process {
    /// Starts this program in a role, and hands every line but the first that it prints to `heard`.
    pub(crate) fn start(
        role: &[&str],
        environment: &[(String, String)],
        heard: impl Fn(&str) + Send + 'static,
    ) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.args(role).envs(environment.iter().cloned());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process of the stack");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (tell, first) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = output.lines().map_while(Result::ok);
            let _ = tell.send(lines.next().unwrap_or_default());
            lines.for_each(|line| heard(&line));
        });
        let hello = first.recv_timeout(PATIENCE).expect("the process starts");
        let hello = serde_json::from_str(&hello).expect("where it listens");
        Self { child, hello }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A text of what it said first.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.hello.get(name).and_then(Value::as_str).expect("what the process says of itself")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// In a process of the stack: says where it listens, and waits until it is to end.
pub(crate) async fn serve(hello: Value) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{hello}").and_then(|()| output.flush());
    drop(output);
    let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    let _ = ended.await;
}
