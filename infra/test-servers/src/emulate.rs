//! emulate, a server of Slack's Web API that nobody of this project wrote: conversations, messages, threads, reactions,
//! people and files in its memory. It comes from npm's registry into a folder of its own with the Node that it needs,
//! the first time over a network; nothing that it brings is run while it is installed. It takes a token that it does
//! not know for its first user's.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{kept::Kept, lacking, maven::target};

/// Every package by its version and checksum, and what asks for them.
const LOCK: &str = include_str!("../emulate/package-lock.json");
const PACKAGE: &str = include_str!("../emulate/package.json");
/// The workspace at first.
const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/emulate/slack.yaml");

/// A running server. It ends when this is dropped, or with the process.
pub struct Emulate {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    _kept: Kept,
}

impl Emulate {
    /// A server of Slack of one's own, if it can be had.
    pub fn slack() -> Option<Self> {
        let packages = packages()?;
        let kept = Kept::start("emulate", &node(&packages), |server, port, _| {
            server.arg(packages.join("emulate/dist/index.js"));
            server.args(["start", "--service", "slack", "--seed", SEED]);
            // What it says of itself, the URLs of uploads among it, holds an address and no name.
            let url = format!("http://127.0.0.1:{port}");
            server.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--base-url", &url]);
        });
        Some(Self { port: kept.port, _kept: kept })
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The folder of its packages.
fn packages() -> Option<PathBuf> {
    static PACKAGES: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found =
        PACKAGES.get_or_init(|| installed().inspect_err(|why| lacking(&format!("emulate ({why})"))).ok());
    found.clone()
}

/// Node's program: each processor has a package of its own.
fn node(packages: &Path) -> PathBuf {
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    packages.join(format!("node-linux-{processor}/bin/node"))
}

/// Several test programs may want it at once: one installs while the others wait. What marks it as whole is written
/// last, so that what was cut half-way is never taken for it.
fn installed() -> Result<PathBuf, String> {
    let cache = target().join("test-servers");
    fs::create_dir_all(&cache).expect("a folder for what is fetched");
    let lock = File::create(cache.join("emulate.lock")).expect("a file to lock");
    // Until the end of this function, or of this process.
    lock.lock().expect("the lock");
    let folder = cache.join("emulate");
    let (packages, whole) = (folder.join("node_modules"), folder.join("whole.json"));
    if fs::read_to_string(&whole).is_ok_and(|installed| installed == LOCK) {
        return Ok(packages);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("nothing else uses it");
    }
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("package.json"), PACKAGE).expect("a file");
    fs::write(folder.join("package-lock.json"), LOCK).expect("a file");
    let run = Command::new("npm")
        // Exactly what the lock says, running nothing of it and asking for no more than it.
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output()
        .map_err(|_| "it comes by npm, Debian: npm".to_owned())?;
    if !run.status.success() {
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        let fault = told.lines().find(|line| line.starts_with("npm error")).unwrap_or_default();
        return Err(format!("npm could not fetch it: {fault}"));
    }
    if !node(&packages).exists() {
        return Err("there is no Node for this processor among its packages".to_owned());
    }
    fs::write(&whole, LOCK).expect("a file");
    Ok(packages)
}
