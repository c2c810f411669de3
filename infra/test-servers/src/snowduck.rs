//! snowduck, a server of Snowflake's SQL API that nobody of this project wrote: Snowflake's dialect on `DuckDB`. It
//! comes from the Python package index into an environment of its own, the first time over a network. It checks no
//! credentials and makes every column text.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use crate::{free_port, lacking, maven::target};

/// Every package by its version: what it needs is as much a part of it.
const REQUIREMENTS: &str = include_str!("../snowduck/requirements.txt");

/// A running server, empty at first; everything is in its memory. It ends when this is dropped, or with the process.
pub struct Snowduck {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    folder: PathBuf,
    /// Ends the server when its input ends.
    keeper: Option<Child>,
}

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

impl Snowduck {
    /// The server that all tests of this process share, if it can be had.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Snowduck>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server of one's own, if it can be had.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("snowduck-").tempdir().expect("a folder").keep();
        let port = free_port();
        let mut keeper = Command::new("/bin/sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder).arg(programs.join("snowduck"));
        keeper.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        keeper.env("HOME", &folder).env("PYTHONDONTWRITEBYTECODE", "1");
        // In a group of its own: what a terminal sends to the tests must not stop it from cleaning up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { port, folder, keeper: Some(keeper.spawn().expect("a shell")) };
        server.wait_until_ready();
        Some(server)
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
        panic!("snowduck did not start: {log}");
    }
}

impl Drop for Snowduck {
    fn drop(&mut self) {
        let Some(mut keeper) = self.keeper.take() else { return };
        // The end of its input.
        drop(keeper.stdin.take());
        // Nothing is left to do if waiting fails.
        let _ = keeper.wait();
    }
}

/// The folder of its programs.
pub(crate) fn programs() -> Option<PathBuf> {
    static PROGRAMS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found =
        PROGRAMS.get_or_init(|| installed().inspect_err(|why| lacking(&format!("snowduck ({why})"))).ok());
    found.clone()
}

/// Several test programs may want it at once: one installs while the others wait. The list of packages is written
/// last, so that what was cut half-way is never taken for the whole.
fn installed() -> Result<PathBuf, String> {
    let cache = target().join("test-servers");
    fs::create_dir_all(&cache).expect("a folder for what is fetched");
    let lock = File::create(cache.join("snowduck.lock")).expect("a file to lock");
    // Until the end of this function, or of this process.
    lock.lock().expect("the lock");
    let folder = cache.join("snowduck");
    let list = folder.join("requirements.txt");
    if fs::read_to_string(&list).is_ok_and(|installed| installed == REQUIREMENTS) {
        return Ok(folder.join("bin"));
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("nothing else uses it");
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder), "Debian: python3-venv")?;
    let wanted = cache.join("snowduck.txt");
    fs::write(&wanted, REQUIREMENTS).expect("a file");
    let mut install = Command::new(folder.join("bin/python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
    ]);
    run(install.arg("-r").arg(&wanted), "it comes from the Python package index")?;
    move_to(&wanted, &list);
    Ok(folder.join("bin"))
}

fn run(command: &mut Command, hint: &str) -> Result<(), String> {
    let run = command.output().map_err(|_| format!("it takes Python; {hint}"))?;
    if run.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    Err(format!("{hint}: {}", told.lines().last().unwrap_or_default()))
}

fn move_to(from: &Path, to: &Path) {
    fs::rename(from, to).expect("a name for what is whole");
}
