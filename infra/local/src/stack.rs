//! Start and end of the whole: what is opened in which order, and what is said when something can't be.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use boot::{Boot, Settings, SettingsError, aws::Clients};
use dynoxide::Database;
use model::{
    clock::{Clock, SystemClock},
    entropy::{Entropy, SystemEntropy},
    rules::DeploymentMode,
};
use telemetry::Metrics;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{
    aws_endpoint, demo,
    error::StartError,
    files,
    functions::{self, Apis},
    identity::{Endpoints, Identity, LOOPBACK},
    secrets_manager::SecretsManager,
    seed,
};

/// The region and account that local ARNs name.
pub const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";
/// How often the seeded sessions are renewed, so that they outlive a day of work.
const RENEWAL: Duration = Duration::from_hours(1);

/// What to start.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the command's flags, which --help explains")]
pub struct Config {
    pub portal_port: u16,
    pub agent_port: u16,
    pub aws_port: u16,
    pub demo_port: u16,
    pub data_dir: PathBuf,
    pub mode: DeploymentMode,
    pub containers: u8,
}

/// The running system.
pub struct Stack {
    /// Where the portal API listens.
    pub portal: SocketAddr,
    /// Where the agent API listens.
    pub agent: SocketAddr,
    /// Where DynamoDB and Secrets Manager listen.
    pub aws: SocketAddr,
    /// Where the demo upstream listens.
    pub demo: SocketAddr,
    /// Keys, licenses and sessions.
    pub identity: Arc<Identity>,
    /// What the functions started from.
    pub boot: Arc<Boot>,
    /// The data folder.
    pub data_dir: PathBuf,
    stop: watch::Sender<bool>,
    servers: JoinSet<()>,
    renewal: JoinHandle<()>,
    // Held until the end: a second process on the same folder is refused.
    _lock: File,
}

impl Stack {
    /// Opens the folder, binds the ports, seeds, serves.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let unusable = |why: String| StartError::DataDir { path: config.data_dir.clone(), why };
        let lock = files::claim(&config.data_dir).map_err(|error| unusable(error.to_string()))?;
        let database = open_database(&config.data_dir).map_err(unusable)?;
        let folder = config.data_dir.join("secrets");
        let secrets =
            SecretsManager::open(&folder, REGION, ACCOUNT, Arc::clone(&clock), Arc::clone(&entropy))
                .map_err(|error| unusable(error.to_string()))?;
        let identity = Identity::open(&config.data_dir, clock.as_ref(), entropy.as_ref())
            .map_err(|error| unusable(error.to_string()))?;

        let portal_listener = listen("portal API", "--portal-port", config.portal_port).await?;
        let agent_listener = listen("agent API", "--agent-port", config.agent_port).await?;
        let aws_listener = listen("AWS endpoint", "--aws-port", config.aws_port).await?;
        let demo_listener = listen("demo upstream", "--demo-port", config.demo_port).await?;
        let dynamo_listener = listen("embedded DynamoDB", "--aws-port", 0).await?;
        let [portal, agent, aws, demo, dynamo] =
            [&portal_listener, &agent_listener, &aws_listener, &demo_listener, &dynamo_listener]
                .map(|listener| listener.local_addr().unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));

        let settings = settings(config.mode, &identity, &[portal, agent, aws, dynamo])?;
        let clients = Clients::local(&format!("http://{aws}"), REGION)
            .map_err(|error| StartError::Internal(error.to_string()))?;
        // Metrics are for operators; on this machine they would stand between the lines of the log.
        let boot = Arc::new(Boot { settings, clients, metrics: Metrics::off(), clock, entropy });
        // The configuration file is read here: its faults stop the start before anything is stored.
        let Apis { portal: portal_api, agent: agent_api } = functions::apis(&boot, config.containers)?;
        let (stop, stopped) = watch::channel(false);
        let mut servers = JoinSet::new();
        let ended = || ended(stopped.clone());
        servers.spawn(report(
            "DynamoDB",
            dynoxide::server::serve_with_shutdown(dynamo_listener, database, ended()),
        ));
        servers.spawn(report(
            "AWS endpoint",
            aws_endpoint::serve(aws_listener, secrets.clone(), dynamo, ended()),
        ));
        servers.spawn(report("demo upstream", demo::serve(demo_listener, secrets.clone(), ended())));

        let internal = |error: store::StoreError| StartError::Internal(error.to_string());
        store::schema::create_all(&boot.clients.dynamo, &boot.settings.tables).await.map_err(internal)?;
        let identity = Arc::new(identity);
        seed::sessions(&boot, &identity).await.map_err(internal)?;
        seed::demo_connectors(&boot, &secrets, demo).await.map_err(StartError::Internal)?;

        servers.spawn(report("portal API", portal_api.serve(portal_listener, ended())));
        servers.spawn(report("agent API", agent_api.serve(agent_listener, ended())));
        let renewal = tokio::spawn(renew(Arc::clone(&boot), Arc::clone(&identity)));

        let data_dir = config.data_dir;
        let stack =
            Self { portal, agent, aws, demo, identity, boot, data_dir, stop, servers, renewal, _lock: lock };
        stack.write_credentials().map_err(|error| StartError::Internal(error.to_string()))?;
        Ok(stack)
    }

    /// Lets running requests finish, then ends.
    pub async fn stop(mut self) {
        self.renewal.abort();
        let _ = self.stop.send(true);
        let all = async { while self.servers.join_next().await.is_some() {} };
        // A client that keeps a connection busy does not keep the process.
        let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
    }

    fn write_credentials(&self) -> std::io::Result<()> {
        let url = |address: SocketAddr| format!("http://{address}");
        let (portal, agent, aws, demo) = (url(self.portal), url(self.agent), url(self.aws), url(self.demo));
        let at = Endpoints { portal: &portal, agent: &agent, aws: &aws, demo: &demo, region: REGION };
        let document = self.identity.document(at);
        files::write_private(&self.data_dir, "credentials.json", document.as_bytes())?;
        let environment = self.identity.environment(at);
        files::write_private(&self.data_dir, "env", environment.as_bytes())
    }
}

/// Settings as a deployment has them, with this stack's own keys and loopback opened to connectors.
///
/// No connector may reach the stack's own ports, as none may reach the runtime API inside Lambda. DynamoDB and Secrets
/// Manager take any signature here: whoever reached them could read every tenant's records. The two APIs check
/// whoever calls, but a call that comes back in through a connector is a loop, and no connector needs one.
fn settings(
    mode: DeploymentMode,
    identity: &Identity,
    own: &[SocketAddr],
) -> Result<Settings, SettingsError> {
    let jwks = identity.public_jwks();
    let guarded = own.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let settings = Settings::from_environment_with(|name| match name {
        "DEPLOYMENT_MODE" => Some(mode.as_str().to_owned()),
        "LICENSE_PUBLIC_KEYS" => Some(jwks.clone()),
        "AWS_LAMBDA_RUNTIME_API" => Some(guarded.clone()),
        _ => None,
    })?;
    if settings.egress_allow.is_empty() {
        let egress_allow = LOOPBACK.parse().unwrap_or_default();
        return Ok(Settings { egress_allow, ..settings });
    }
    Ok(settings)
}

fn open_database(folder: &Path) -> Result<Database, String> {
    let path = folder.join("dynamodb.sqlite");
    let path = path.to_str().ok_or("its path is not valid text")?;
    // Before it is opened: the files that SQLite adds beside it take its mode.
    files::make_private(Path::new(path)).map_err(|error| error.to_string())?;
    Database::new(path).map_err(|error| format!("the database can't be opened: {error}"))
}

async fn listen(what: &'static str, flag: &'static str, port: u16) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|error| StartError::Port { what, flag, port, error })
}

async fn ended(mut stopped: watch::Receiver<bool>) {
    // An error says that the stack itself is gone.
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn report<E: std::fmt::Display>(what: &'static str, server: impl Future<Output = Result<(), E>>) {
    if let Err(error) = server.await {
        tracing::error!(what, %error, "server ended");
    }
}

async fn renew(boot: Arc<Boot>, identity: Arc<Identity>) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        if let Err(error) = seed::sessions(&boot, &identity).await {
            tracing::warn!(%error, "seeded sessions not renewed");
        }
    }
}
