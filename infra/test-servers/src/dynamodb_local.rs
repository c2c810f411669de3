//! AWS's own DynamoDB Local, for tests only: stricter than the embedded one, and the nearest to the real one that runs
//! on a machine. Its jars come from Maven Central, so it takes Java 17 and, the first time, Maven and a network.
//!
//! Its own main class listens on every address and tells AWS that it was started; `server.xml` sets the same server up
//! without either.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use crate::{lacking, maven};

const POM: &str = include_str!("../dynamodb-local/pom.xml");
const SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/dynamodb-local/server.xml");

/// A running server, empty at first; everything is in its memory. It ends when this is dropped, or with the process.
pub struct DynamoDbLocal {
    /// Where it listens, on 127.0.0.1 alone.
    pub port: u16,
    /// Ends the server when its input ends.
    keeper: Child,
}

/// Starts the server, waits for the end of its own input, then ends the server and removes the folder. The server's
/// output is this shell's, so that a server that ends early ends the output too.
const KEEPER: &str = r#"
folder=$1; shift
cd "$folder"
"$@" 2>"$folder/log" &
exec >/dev/null
cat
kill $!
wait
rm -rf "$folder"
"#;

/// Whether the server can be started; if not, says what lacks.
pub fn is_installed() -> bool {
    jars().is_some()
}

impl DynamoDbLocal {
    /// The server that all tests of this process share, if one is installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<DynamoDbLocal>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server of one's own, if one is installed.
    pub fn start() -> Option<Self> {
        let jars = jars()?;
        let folder = tempfile::Builder::new().prefix("dynamodb-local-").tempdir().expect("a folder").keep();
        let mut keeper = Command::new("/bin/sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder);
        // A short life: what is compiled at once is enough.
        keeper.args(["java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp"]).arg(jars.join("*"));
        keeper.arg(format!("-Djava.library.path={}", jars.display()));
        keeper.args(["org.eclipse.jetty.xml.XmlConfiguration", SETTINGS]);
        // In a group of its own: what a terminal sends to the tests must not stop it from cleaning up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = keeper.spawn().expect("a shell");
        let mut told = BufReader::new(keeper.stdout.take().expect("its output"));
        let mut port = String::new();
        // The end of the output, if the server ends before it listens.
        told.read_line(&mut port).expect("a line");
        let Ok(port) = port.trim().parse() else {
            let mut rest = String::new();
            let _ = told.read_to_string(&mut rest);
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            panic!("DynamoDB Local did not start: {port}{rest}{log}");
        };
        Some(Self { port, keeper })
    }
}

impl Drop for DynamoDbLocal {
    fn drop(&mut self) {
        // The end of its input.
        drop(self.keeper.stdin.take());
        // Nothing is left to do if waiting fails.
        let _ = self.keeper.wait();
    }
}

/// The folder of the jars.
fn jars() -> Option<PathBuf> {
    static JARS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = JARS.get_or_init(|| {
        let java = Command::new("java").arg("-version").output();
        let found = match java {
            Ok(run) if run.status.success() => maven::jars("dynamodb-local", POM),
            _ => Err("it runs on Java 17, Debian: openjdk-17-jre-headless".to_owned()),
        };
        found.inspect_err(|why| lacking(&format!("DynamoDB Local ({why})"))).ok()
    });
    found.clone()
}
