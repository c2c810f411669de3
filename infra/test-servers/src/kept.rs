//! A server in a process and a folder of its own, which end when it is dropped or with this process.

use std::{
    ffi::OsStr,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::free_port;

/// Starts the server, waits for the end of its own input, then ends the server and removes the folder.
const KEEPER: &str = r#"
folder=$1; shift
cd "$folder"
"$@" >"$folder/log" 2>&1 &
cat >/dev/null
kill $!
wait
rm -rf "$folder"
"#;

/// A running server.
pub(crate) struct Kept {
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
    name: &'static str,
    folder: PathBuf,
    /// Ends the server when its input ends.
    keeper: Option<Child>,
}

impl Kept {
    /// Starts a program with the arguments that go with its port, and waits until it takes connections. Its folder is
    /// its home.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        environment: &[(&str, &str)],
        arguments: impl FnOnce(u16) -> Vec<String>,
    ) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("{name}-")).tempdir().expect("a folder").keep();
        let port = free_port();
        let mut keeper = Command::new("/bin/sh");
        keeper.args([OsStr::new("-c"), OsStr::new(KEEPER), OsStr::new("keeper")]);
        keeper.arg(&folder).arg(program).args(arguments(port));
        keeper.env("HOME", &folder).envs(environment.iter().copied());
        // In a group of its own: what a terminal sends to the tests must not stop it from cleaning up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { port, name, folder, keeper: Some(keeper.spawn().expect("a shell")) };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        for _ in 0..1_200 {
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("{} did not start: {log}", self.name);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Some(mut keeper) = self.keeper.take() else { return };
        // The end of its input.
        drop(keeper.stdin.take());
        // Nothing is left to do if waiting fails.
        let _ = keeper.wait();
    }
}
