//! Apache Cassandra, one node or two. Its jars come from Maven Central, so it takes Java 17 and, the first time, Maven
//! and a network. It asks for a login, knows rights, and takes TLS and plain text at the same port.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use crate::{Certificates, lacking, maven};

mod cql;
mod java;

pub use cql::Cql;

/// A superuser.
pub const USER: &str = "chief";
/// Its password.
pub const PASSWORD: &str = "super-secret-4711";
/// The superuser that every server comes with, and its password. Its logins need a quorum of the nodes.
const BUILT_IN: &str = "cassandra";
/// A name that the servers' certificates are for; the other is `localhost`, which every resolver knows.
pub const HOST: &str = "cassandra.test";
/// The data centre of every node.
pub const DATA_CENTRE: &str = "datacenter1";

const POM: &str = include_str!("../cassandra/pom.xml");
const CONFIGURATION: &str = include_str!("../cassandra/cassandra.yaml");
const LOGGING: &str = include_str!("../cassandra/logback.xml");

/// A running server or cluster, empty at first. It ends when this is dropped, or with the process.
pub struct Cassandra {
    /// Where every node listens, each on its own address.
    pub port: u16,
    /// The PEM text of the CA that the nodes' certificates are by.
    pub ca: String,
    storage_port: u16,
    jars: PathBuf,
    nodes: Vec<Node>,
}

struct Node {
    folder: PathBuf,
    /// Ends the server when its input ends.
    keeper: Option<Child>,
}

/// Starts the server, waits for the end of its own input, then kills the server, as a node dies: what it would do in
/// good order takes seconds, and no test needs it.
const KEEPER: &str = r#"
folder=$1; shift
cd "$folder"
"$@" >"$folder/log" 2>&1 &
cat >/dev/null
kill -9 $!
wait
if [ -e "$folder/keep" ]; then rm "$folder/keep"; else rm -rf "$folder"; fi
"#;

impl Cassandra {
    /// The server of one node that all tests of this process share, if it can be started.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cassandra>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server of one node of one's own, if it can be started.
    pub fn start() -> Option<Self> {
        Self::with_nodes(1)
    }

    /// Two nodes, on 127.0.0.1 and 127.0.0.2, which know each other, if they can be started. Logins work at either
    /// while the other is down.
    pub fn cluster() -> Option<Self> {
        Self::with_nodes(2)
    }

    fn with_nodes(count: u8) -> Option<Self> {
        let jars = jars()?;
        let certificates = Certificates::for_names(&[HOST, "localhost"]);
        let [port, storage_port] = free_ports();
        let mut server = Self { port, ca: certificates.ca.clone(), storage_port, jars, nodes: Vec::new() };
        server.add(1, &certificates);
        let mut admin = Cql::connect(&address(1), port, BUILT_IN, BUILT_IN).expect("the first session");
        admin.run(&format!(
            "CREATE ROLE {USER} WITH PASSWORD = '{PASSWORD}' AND LOGIN = true AND SUPERUSER = true"
        ));
        if count > 1 {
            // Before the others come, so that they fetch it.
            admin.run(&format!(
                "ALTER KEYSPACE system_auth WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': {count}}}"
            ));
        }
        for number in 2..=count {
            server.add(number, &certificates);
        }
        Some(server)
    }

    fn add(&mut self, number: u8, certificates: &Certificates) {
        let folder = tempfile::Builder::new().prefix("cassandra-").tempdir().expect("a folder").keep();
        let own = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
        let configuration = CONFIGURATION
            .replace("@ADDRESS@", &address(number))
            .replace("@NATIVE@", &self.port.to_string())
            .replace("@STORAGE@", &self.storage_port.to_string())
            .replace("@FOLDER@", &folder.display().to_string());
        own("cassandra.yaml", &configuration);
        own("logback.xml", LOGGING);
        own("server.pem", &format!("{}{}", certificates.key, certificates.certificate));
        self.nodes.push(Node { folder, keeper: None });
        self.start_node(number);
    }

    /// Kills a node, the first being 1. What it holds is kept.
    pub fn stop_node(&mut self, number: u8) {
        let node = self.node(number);
        fs::write(node.folder.join("keep"), "").expect("a file");
        node.stop();
    }

    /// Starts a node that was stopped, on the address and port that it had.
    pub fn start_node(&mut self, number: u8) {
        let mut keeper = Command::new("/bin/sh");
        let jars = self.jars.clone();
        let node = self.node(number);
        keeper.args(["-c", KEEPER, "keeper"]).arg(&node.folder);
        keeper.args(java::command(&jars, &node.folder, number));
        // In a group of its own: what a terminal sends to the tests must not stop it from cleaning up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        node.keeper = Some(keeper.spawn().expect("a shell"));
        self.wait_until_ready(number);
    }

    /// A session of the superuser, at the first node.
    pub fn admin(&self) -> Cql {
        self.admin_at(1)
    }

    /// The same at another node.
    pub fn admin_at(&self, number: u8) -> Cql {
        Cql::connect(&address(number), self.port, USER, PASSWORD).expect("the superuser's session")
    }

    fn node(&mut self, number: u8) -> &mut Node {
        self.nodes.get_mut(usize::from(number) - 1).expect("a node of that number")
    }

    /// Until it takes a login: the first superuser is made some time after the port opens.
    fn wait_until_ready(&mut self, number: u8) {
        let mut last = String::new();
        for _ in 0..1_200 {
            for (user, password) in [(USER, PASSWORD), (BUILT_IN, BUILT_IN)] {
                match Cql::connect(&address(number), self.port, user, password) {
                    Ok(_) => return,
                    Err(why) => last = why,
                }
            }
            thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.node(number).folder.join("log")).unwrap_or_default();
        panic!("Cassandra did not start: {last}\n{log}");
    }
}

impl Node {
    fn stop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            // The end of its input.
            drop(keeper.stdin.take());
            // Nothing is left to do if waiting fails.
            let _ = keeper.wait();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
        // One that was stopped before has kept its folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The address of a node, the first being 1.
fn address(number: u8) -> String {
    format!("127.0.0.{number}")
}

/// Two ports that were free a moment ago on both addresses.
fn free_ports() -> [u16; 2] {
    let mut found = Vec::new();
    // Held until both are found.
    let mut held = Vec::new();
    while found.len() < 2 {
        let first = std::net::TcpListener::bind((address(1), 0)).expect("a port");
        let port = first.local_addr().expect("an address").port();
        if let Ok(second) = std::net::TcpListener::bind((address(2), port)) {
            found.push(port);
            held.extend([first, second]);
        }
    }
    found.try_into().expect("two of them")
}

/// The folder of the jars.
fn jars() -> Option<PathBuf> {
    static JARS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = JARS.get_or_init(|| {
        let java = Command::new("java").arg("-version").output();
        let found = match java {
            Ok(run) if run.status.success() => maven::jars("cassandra", POM),
            _ => Err("it runs on Java 17, Debian: openjdk-17-jre-headless".to_owned()),
        };
        found.inspect_err(|why| lacking(&format!("Apache Cassandra ({why})"))).ok()
    });
    found.as_deref().map(Path::to_path_buf)
}
