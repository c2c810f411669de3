//! snowduck, a server of Snowflake's SQL API that nobody of this project wrote: Snowflake's dialect on `DuckDB`. It
//! comes from the Python package index into an environment of its own, the first time over a network. It checks no
//! credentials and makes every column text.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{kept::Kept, lacking, maven::target};

/// Every package by its version: what it needs is as much a part of it.
const REQUIREMENTS: &str = include_str!("../snowduck/requirements.txt");

/// A running server, empty at first; everything is in its memory. It ends when this is dropped, or with the process.
pub struct Snowduck {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    _kept: Kept,
}

impl Snowduck {
    /// The server that all tests of this process share, if it can be had.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Snowduck>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server of one's own, if it can be had.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let kept = Kept::start("snowduck", &programs.join("snowduck"), |server, port, _| {
            server.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
            server.env("PYTHONDONTWRITEBYTECODE", "1");
        });
        Some(Self { port: kept.port, _kept: kept })
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
