//! A keyspace of a test's own, a connector to it, and calls as the runtime makes them: judged first.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use connectors::{Connector, ConnectorError, Credentials, Executed, Request, Rows};
use egress::{Egress, Resolver, Rules, Tls};
use model::{
    allow_list::AllowList,
    clock::{Clock, Moment, SystemClock},
    connector_type::ConnectorType,
    deadline::Deadline,
    fault::Pointer,
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    options::Options,
    parameters::Parameters,
    policy::{Policy, Route},
    record::ConnectorRecord,
};
use serde_json::{Value, json};
use test_servers::cassandra::{Cassandra, Cql, HOST, PASSWORD, USER};

/// Skips the test where no server can be started.
#[macro_export]
macro_rules! server {
    () => {
        match test_servers::cassandra::Cassandra::shared() {
            Some(server) => server,
            None => return,
        }
    };
}

/// What a call came to, where it was not answered.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// By governance, and why.
    Refused(String),
    /// By the connector.
    Failed(ConnectorError),
}

impl Stopped {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Refused(why) => why.clone(),
            Self::Failed(error) => error.to_string(),
        }
    }

    pub(crate) fn error(self) -> ConnectorError {
        match self {
            Self::Failed(error) => error,
            refused @ Self::Refused(..) => panic!("{refused:?}"),
        }
    }
}

/// A clock that a test moves.
#[derive(Default)]
pub(crate) struct Moved(Mutex<Duration>);

impl Moved {
    pub(crate) fn on(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Moved {
    fn now(&self) -> Moment {
        let now = SystemClock.now();
        // As after a freeze: only the wall's time went on.
        Moment { wall: now.wall + *self.0.lock().unwrap(), ..now }
    }
}

/// A name of this machine that no certificate is for.
pub(crate) const OTHER_HOST: &str = "other.test";

struct Loopback;

#[async_trait::async_trait]
impl Resolver for Loopback {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        if [HOST, OTHER_HOST].contains(&host) {
            Ok(vec![IpAddr::from([127, 0, 0, 1])])
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

/// How a connector is set up.
pub(crate) struct Setup {
    pub(crate) url: String,
    pub(crate) options: Value,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) max_retries: u8,
    pub(crate) allow: &'static str,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Setup {
    /// As the superuser, without TLS.
    pub(crate) fn plain(port: u16, keyspace: &str) -> Self {
        Self {
            url: format!("cassandra://127.0.0.1:{port}/{keyspace}"),
            options: json!({"tls": false}),
            user: USER.into(),
            password: PASSWORD.into(),
            max_retries: 3,
            allow: "127.0.0.0/8, *.test",
            clock: Arc::new(SystemClock),
        }
    }

    pub(crate) fn egress(&self) -> Egress {
        let allow = AllowList::parse(self.allow).unwrap();
        let rules = Rules::new(allow, None).unwrap();
        Egress::new(rules, Tls::new(None).unwrap(), Arc::new(Loopback), Arc::clone(&self.clock))
    }

    pub(crate) fn record(&self) -> ConnectorRecord {
        let now = SystemClock.now().wall;
        ConnectorRecord {
            id: uuid::Uuid::nil(),
            tenant_id: TenantId::parse("tenant-a").unwrap(),
            connector_name: ConnectorName::parse("orders").unwrap(),
            connector_type: ConnectorType::Cassandra,
            display_name: "orders".into(),
            description: None,
            connection_url: Some(self.url.clone()),
            options: Options::check(&self.options, ConnectorType::Cassandra, &Pointer::root()).unwrap(),
            credentials_secret_arn: None,
            timeout_ms: 30_000,
            max_retries: self.max_retries,
            enabled: true,
            health: Health { status: HealthStatus::Unknown, last_check: None, last_error: None, tests: 0 },
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    pub(crate) fn connector(&self) -> Result<Box<dyn Connector>, ConnectorError> {
        let secret = json!({"username": self.user, "password": self.password});
        let credentials = Credentials::parse(&secret.to_string())?;
        connectors::connect(&self.record(), Some(credentials), &self.egress())
    }

    pub(crate) fn db(&self) -> Db {
        let policy = Policy::of(ConnectorType::Cassandra, &self.record().options);
        Db { connector: self.connector().unwrap(), policy }
    }
}

/// A connector as callers reach it.
pub(crate) struct Db {
    pub(crate) connector: Box<dyn Connector>,
    policy: Policy,
}

pub(crate) fn soon() -> Deadline {
    within(60_000)
}

pub(crate) fn within(millis: u64) -> Deadline {
    Deadline::after(SystemClock.now(), Duration::from_millis(millis))
}

impl Db {
    fn judge(&self, route: Route, request: Request<'_>) -> Result<(), Stopped> {
        let operations =
            connectors::classify(ConnectorType::Cassandra, route, request).map_err(Stopped::Failed)?;
        assert!(!operations.is_empty());
        operations.iter().try_for_each(|operation| {
            let judged = self.policy.judge(route, operation);
            judged.map_err(|refusal| Stopped::Refused(refusal.reason))
        })
    }

    pub(crate) async fn query_with(
        &self,
        statement: &str,
        given: Value,
        limit: Option<usize>,
        deadline: Deadline,
    ) -> Result<Rows, Stopped> {
        let given = Parameters::parse(given.to_string().as_bytes()).unwrap();
        let request =
            Request { statement: Some(statement), operation: None, parameters: &given, limit, trace: None };
        self.judge(Route::Query, request)?;
        self.connector.query(request, deadline).await.map_err(Stopped::Failed)
    }

    pub(crate) async fn query(&self, statement: &str) -> Result<Rows, Stopped> {
        self.query_with(statement, json!({}), None, soon()).await
    }

    /// The JSON text of the only row.
    pub(crate) async fn row(&self, statement: &str, given: Value) -> String {
        let rows = self.query_with(statement, given, None, soon()).await.unwrap();
        assert_eq!(rows.items().len(), 1, "{statement}");
        rows.items()[0].get().to_owned()
    }

    pub(crate) async fn execute_with(
        &self,
        statement: &str,
        given: &str,
        deadline: Deadline,
    ) -> Result<Executed, Stopped> {
        let given = Parameters::parse(given.as_bytes()).unwrap();
        let request = Request {
            statement: Some(statement),
            operation: None,
            parameters: &given,
            limit: None,
            trace: None,
        };
        self.judge(Route::Execute, request)?;
        self.connector.execute(request, deadline).await.map_err(Stopped::Failed)
    }

    pub(crate) async fn execute(&self, statement: &str) -> Result<Executed, Stopped> {
        self.execute_with(statement, "{}", soon()).await
    }
}

/// The JSON texts of rows.
pub(crate) fn texts(rows: &Rows) -> Vec<&str> {
    rows.items().iter().map(|row| row.get()).collect()
}

/// The name of a keyspace that nobody has.
pub(crate) fn unused() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Makes a keyspace and gives its name, and a session past the connector.
pub(crate) fn keyspace(server: &Cassandra) -> (String, Cql) {
    let name = unused();
    let mut admin = server.admin();
    admin.run(&format!(
        "CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
    ));
    (name, admin)
}

/// A keyspace of one's own: a connector to it, a session past the connector, and its name.
pub(crate) fn world(server: &Cassandra) -> (Db, Cql, String) {
    let (name, admin) = keyspace(server);
    (Setup::plain(server.port, &name).db(), admin, name)
}
