//! A database of a test's own, a connector to it, and calls as the runtime makes them: judged first.

use std::{
    collections::HashMap,
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
use test_servers::postgres::{HOST, PASSWORD, Postgres, USER};
use tokio_postgres::{Client, NoTls};

/// Skips the test where no server is installed.
#[macro_export]
macro_rules! server {
    () => {
        match test_servers::postgres::Postgres::shared() {
            Some(server) => server,
            None => return,
        }
    };
}

/// What a call came to, where it was not answered.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// By governance, and by which rule.
    Refused(&'static str, String),
    /// By the connector.
    Failed(ConnectorError),
}

impl Stopped {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Refused(_, why) => why.clone(),
            Self::Failed(error) => error.to_string(),
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
    pub(crate) clock: Arc<dyn Clock>,
}

impl Setup {
    /// As the superuser, without TLS.
    pub(crate) fn plain(port: u16, database: &str) -> Self {
        Self {
            url: format!("postgres://127.0.0.1:{port}/{database}?sslmode=disable"),
            options: json!({}),
            user: USER.into(),
            password: PASSWORD.into(),
            clock: Arc::new(SystemClock),
        }
    }

    pub(crate) fn egress(&self) -> Egress {
        let allow = AllowList::parse("127.0.0.0/8, *.test").unwrap();
        let rules = Rules::new(allow, None).unwrap();
        Egress::new(rules, Tls::new(None).unwrap(), Arc::new(Loopback), Arc::clone(&self.clock))
    }

    pub(crate) fn record(&self) -> ConnectorRecord {
        let now = SystemClock.now().wall;
        ConnectorRecord {
            id: uuid::Uuid::nil(),
            tenant_id: TenantId::parse("tenant-a").unwrap(),
            connector_name: ConnectorName::parse("orders").unwrap(),
            connector_type: ConnectorType::Postgres,
            display_name: "orders".into(),
            description: None,
            connection_url: Some(self.url.clone()),
            options: Options::check(&self.options, ConnectorType::Postgres, &Pointer::root()).unwrap(),
            credentials_secret_arn: None,
            timeout_ms: 30_000,
            max_retries: 3,
            enabled: true,
            health: Health { status: HealthStatus::Unknown, last_check: None, last_error: None, tests: 0 },
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    pub(crate) fn connector(&self) -> Result<Box<dyn Connector>, ConnectorError> {
        let secret =
            json!({"engine": "postgres", "username": self.user, "password": self.password, "port": 1});
        let credentials = Credentials::parse(&secret.to_string())?;
        connectors::connect(&self.record(), Some(credentials), &self.egress())
    }

    pub(crate) fn db(&self) -> Db {
        let policy = Policy::of(ConnectorType::Postgres, &self.record().options);
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

pub(crate) fn parameters(json: &Value) -> Parameters {
    Parameters::parse(json.to_string().as_bytes()).unwrap()
}

pub(crate) fn asked<'a>(statement: &'a str, parameters: &'a Parameters, limit: Option<usize>) -> Request<'a> {
    Request { statement: Some(statement), operation: None, parameters, limit, trace: None }
}

impl Db {
    fn judge(&self, route: Route, request: Request<'_>) -> Result<(), Stopped> {
        let operations =
            connectors::classify(ConnectorType::Postgres, route, request).map_err(Stopped::Failed)?;
        assert!(!operations.is_empty());
        operations.iter().try_for_each(|operation| {
            let judged = self.policy.judge(route, operation);
            judged.map_err(|refusal| Stopped::Refused(refusal.policy.policy_id, refusal.reason))
        })
    }

    pub(crate) async fn query_with(
        &self,
        statement: &str,
        given: Value,
        limit: Option<usize>,
        deadline: Deadline,
    ) -> Result<Rows, Stopped> {
        let given = parameters(&given);
        let request = asked(statement, &given, limit);
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
        given: Value,
        limit: Option<usize>,
        deadline: Deadline,
    ) -> Result<Executed, Stopped> {
        let given = parameters(&given);
        let request = asked(statement, &given, limit);
        self.judge(Route::Execute, request)?;
        self.connector.execute(request, deadline).await.map_err(Stopped::Failed)
    }

    pub(crate) async fn execute(&self, statement: &str) -> Result<Executed, Stopped> {
        self.execute_with(statement, json!({}), None, soon()).await
    }
}

/// The JSON texts of rows.
pub(crate) fn texts(rows: &Rows) -> Vec<&str> {
    rows.items().iter().map(|row| row.get()).collect()
}

/// A session of the superuser, past the connector.
pub(crate) async fn admin(server: &Postgres, database: &str) -> Client {
    let config =
        format!("host=127.0.0.1 port={} user={USER} password={PASSWORD} dbname={database}", server.port);
    let (client, connection) = tokio_postgres::connect(&config, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Makes a database and gives its name.
pub(crate) async fn database(server: &Postgres) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = admin(server, "postgres").await;
    // Two at once would stand in each other's way.
    admin.batch_execute("SELECT pg_advisory_lock(4711)").await.unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    name
}

/// A database of one's own: a connector to it, and a session past the connector.
pub(crate) async fn world(server: &Postgres) -> (Db, Client) {
    world_with(server, json!({})).await
}

pub(crate) async fn world_with(server: &Postgres, options: Value) -> (Db, Client) {
    let name = database(server).await;
    let setup = Setup { options, ..Setup::plain(server.port, &name) };
    (setup.db(), admin(server, &name).await)
}

/// One value that the server has, as text.
pub(crate) async fn value(admin: &Client, query: &str) -> String {
    let rows = admin.simple_query(query).await.unwrap();
    let row = rows.into_iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    row.unwrap().get(0).unwrap_or("NULL").to_owned()
}

/// Waits until the server says so, for at most twenty seconds.
pub(crate) async fn eventually(admin: &Client, query: &str, expected: &str) {
    let mut seen = HashMap::new();
    for _ in 0..400 {
        let found = value(admin, query).await;
        if found == expected {
            return;
        }
        *seen.entry(found).or_insert(0) += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{query} never gave {expected}, but {seen:?}");
}
