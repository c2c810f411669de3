//! PostgreSQL as Debian installs it. Root may not run it, so root starts it as the user `postgres`.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use crate::{Certificates, free_port, lacking};

/// The superuser.
pub const USER: &str = "postgres";
/// Its password.
pub const PASSWORD: &str = "super-secret-4711";
/// A name that the server's certificate is for; the other is `localhost`, which every resolver knows.
pub const HOST: &str = "db.test";

/// A running server. It ends when this is dropped, or with the process.
pub struct Postgres {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    /// The PEM text of the CA that its certificate is by.
    pub ca: String,
    folder: PathBuf,
    programs: PathBuf,
    /// Ends the server when its input ends.
    keeper: Option<Child>,
}

/// Starts the server, waits for the end of its own input, then ends the server and removes the folder.
const KEEPER: &str = r#"
folder=$1; shift
"$@" >"$folder/log" 2>&1 &
cat >/dev/null
pid=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then kill -INT "$pid"; fi
wait
if [ -e "$folder/keep" ]; then rm "$folder/keep"; else rm -rf "$folder"; fi
"#;

impl Postgres {
    /// The server that all tests of this process share, if one is installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server of one's own, if one is installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            lacking("PostgreSQL (Debian: postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir().expect("a folder").keep();
        let certificates = Certificates::for_names(&[HOST, "localhost"]);
        let own = |name: &str, text: &str, mode: u32| {
            let path = folder.join(name);
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
            give(&path);
        };
        own("password", PASSWORD, 0o600);
        own("server.crt", &certificates.certificate, 0o644);
        own("server.key", &certificates.key, 0o600);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("its mode");
        give(&folder);
        let initdb = [
            &folder.join("data").display().to_string(),
            "--auth=scram-sha-256",
            "--username",
            USER,
            "--pwfile",
            &folder.join("password").display().to_string(),
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        .map(str::to_owned);
        let made =
            unprivileged(&programs.join("initdb"), &["-D".to_owned()]).args(initdb).output().expect("initdb");
        assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = Self { port: free_port(), ca: certificates.ca, folder, programs, keeper: None };
        server.run();
        Some(server)
    }

    /// Ends the server as an operator would, and starts it again on the same port.
    pub fn restart(&mut self) {
        fs::write(self.folder.join("keep"), "").expect("a file");
        self.stop();
        self.run();
    }

    fn run(&mut self) {
        let folder = self.folder.display();
        let arguments = [
            "-D".to_owned(),
            format!("{folder}/data"),
            "-p".to_owned(),
            self.port.to_string(),
            "-k".to_owned(),
            folder.to_string(),
        ];
        let settings = [
            "listen_addresses=127.0.0.1",
            "fsync=off",
            "ssl=on",
            &format!("ssl_cert_file={folder}/server.crt"),
            &format!("ssl_key_file={folder}/server.key"),
            "max_connections=60",
            "max_prepared_transactions=2",
        ]
        .map(str::to_owned);
        let server = unprivileged(&self.programs.join("postgres"), &arguments);
        let mut keeper = Command::new("/bin/sh");
        keeper
            .args(["-c", KEEPER, "keeper", &folder.to_string()])
            .arg(server.get_program())
            .args(server.get_args());
        for setting in settings {
            keeper.args(["-c", &setting]);
        }
        // In a group of its own: what a terminal sends to the tests must not stop it from cleaning up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.keeper = Some(keeper.spawn().expect("a shell"));
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        for _ in 0..600 {
            let asked = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status();
            if asked.is_ok_and(|status| status.success()) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start: {log}");
    }

    fn stop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            // The end of its input.
            drop(keeper.stdin.take());
            // Nothing is left to do if waiting fails.
            let _ = keeper.wait();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder of `initdb` and the rest.
fn programs() -> Option<PathBuf> {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    told.into_iter().chain(debian.into_iter().rev()).find(|folder| folder.join("initdb").exists())
}

/// A command that does not run as root.
fn unprivileged(program: &Path, arguments: &[String]) -> Command {
    let mut command;
    if account().is_some() {
        command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(program);
    } else {
        command = Command::new(program);
    }
    command.args(arguments).current_dir("/");
    command
}

/// Gives a file to the user that the server runs as.
fn give(path: &Path) {
    if let Some((user, group)) = account() {
        chown(path, Some(user), Some(group)).expect("root may give files away");
    }
}

/// The user and group to run as, where this process is root.
fn account() -> Option<(u32, u32)> {
    let own = fs::read_to_string("/proc/self/status").ok()?;
    let uid = own.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.to_owned();
    if uid != "0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut entry = users.lines().find(|line| line.starts_with("postgres:"))?.split(':').skip(2);
    Some((entry.next()?.parse().ok()?, entry.next()?.parse().ok()?))
}
