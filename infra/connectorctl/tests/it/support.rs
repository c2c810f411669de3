//! One run of the binary, with nothing of this process's own environment.

use std::{path::PathBuf, process::Stdio, time::Duration};

use end_to_end::{World, canary};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// How long a test waits for what must happen in the end; far longer than it takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// An operator's desk: a folder for files and an environment.
pub(crate) struct Desk {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Desk {
    /// A desk with an empty environment.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// A desk with the environment that the local stack writes for a shell, and its signing key in a file.
    pub(crate) fn at(world: &World) -> Self {
        let mut desk = Self::bare();
        let sourced = std::fs::read_to_string(world.stack.data_dir.join("env")).unwrap();
        desk.environment = sourced
            .lines()
            .map(|line| {
                let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
                (name.to_owned(), value.trim_matches('\'').to_owned())
            })
            .collect();
        let key = world.stack.identity.key().unwrap();
        let pem = pem::encode(&pem::Pem::new("PRIVATE KEY", key.to_pkcs8()));
        std::fs::write(desk.path("issuer.pem"), pem).unwrap();
        desk
    }

    /// A file on the desk.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a variable holds.
    pub(crate) fn variable(&self, name: &str) -> &str {
        &self.environment.iter().find(|(key, _)| key == name).unwrap().1
    }

    /// Sets a variable, or takes it away.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        self.environment.retain(|(key, _)| key != name);
        self.environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// Runs the words of a line; relative names of files are files on the desk.
    pub(crate) async fn run(&self, line: &str) -> Ended {
        self.run_with(line, "").await
    }

    /// Runs with something on standard input.
    pub(crate) async fn run_with(&self, line: &str, stdin: &str) -> Ended {
        let mut child = self.command(line).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A run that reads nothing may be over before this is written.
        let _ = pipe.write_all(stdin.as_bytes()).await;
        drop(pipe);
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ended = Ended {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        assert!(!ended.stderr.contains("panicked"), "{line}: {ended:?}");
        canary::check_program("connectorctl", &ended.stdout, &ended.stderr);
        ended
    }

    /// The command of a line.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
        command.args(shlex::split(line).unwrap()).current_dir(self.folder.path());
        command.env_clear().envs(self.environment.iter().cloned());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a line that is expected to be done, and gives what it printed, without the line break at the end.
    pub(crate) async fn done(&self, line: &str) -> String {
        let ended = self.run(line).await;
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
        ended.stdout.strip_suffix('\n').unwrap_or_default().to_owned()
    }

    /// Runs a line with `--output json` and reads what it printed.
    pub(crate) async fn json(&self, line: &str) -> Value {
        let text = self.done(&format!("{line} --output json")).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"))
    }

    /// Runs a line that is expected to be refused with a status, and with words that help.
    pub(crate) async fn refused(&self, line: &str, code: i32, words: &[&str]) -> Ended {
        let ended = self.run(line).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{line}: {ended:?}");
        assert!(ended.stderr.starts_with("error: "), "{line}: {ended:?}");
        for word in words {
            assert!(ended.stderr.contains(word), "{line}: {word}: {ended:?}");
        }
        ended
    }
}

/// The array of a JSON list.
pub(crate) fn rows(list: &Value) -> &Vec<Value> {
    list.as_array().unwrap()
}

/// A text that JSON holds.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name}: {value}"))
}
