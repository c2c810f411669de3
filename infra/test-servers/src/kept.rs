//! A server in a process and a folder of its own, which end when it is dropped or with this process.

use std::{
    ffi::OsStr,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::{self, Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::free_port;

/// Starts the server, waits for the end of its own input, then ends the server and removes the folder. What the server
/// has started and left behind is in the keeper's own group, which ends last.
const KEEPER: &str = r#"
folder=$1; shift
cd "$folder"
"$@" >"$folder/log" 2>&1 &
cat >/dev/null
kill $!
wait
rm -rf "$folder"
kill -KILL 0
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
    /// Starts a program and waits until it takes connections. Its folder is where it works and its home; what it needs
    /// to be told of its port and its folder is `told` it, in arguments or variables.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        told: impl FnOnce(&mut Command, u16, &Path),
    ) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("{name}-")).tempdir().expect("a folder").keep();
        let port = free_port();
        let mut keeper = Command::new("/bin/sh");
        keeper.args([OsStr::new("-c"), OsStr::new(KEEPER), OsStr::new("keeper")]);
        // It is started in its folder.
        keeper.arg(&folder).arg(path::absolute(program).expect("a path"));
        keeper.env("HOME", &folder);
        told(&mut keeper, port, &folder);
        // In a group of its own: what a terminal sends to the tests must not stop it from cleaning up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { port, name, folder, keeper: Some(keeper.spawn().expect("a shell")) };
        server.wait_until_ready();
        server
    }

    /// What it has written.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn wait_until_ready(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        for _ in 0..1_200 {
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{} did not start: {}", self.name, self.log());
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
