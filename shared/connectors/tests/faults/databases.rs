//! Databases behind a proxy that harms connections: every harm, at every moment, for every kind of call.
//!
//! The servers are real; where one is not installed its test says so and is skipped.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use connectors::{Connector, ConnectorError, Credentials, Request, Stages};
use egress::{Egress, EgressError, Resolver, Rules};
use model::{
    allow_list::AllowList, clock::SystemClock, connector_type::ConnectorType, parameters::Parameters,
};
use serde_json::json;
use test_servers::{
    cassandra,
    cassandra::Cassandra,
    misbehaving::{CANARY, Carried, Harm, When},
    postgres,
    postgres::Postgres,
};

use crate::upstreams::{Call, record, soon, trust};

/// What a call gets that ends by itself, and what one that does not.
const PATIENT: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(1_500);
/// By when any call has ended, long after its deadline.
const PATIENCE: Duration = Duration::from_mins(1);

/// When a connection is harmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// As soon as it stands.
    Begun,
    /// When the statement is sent, or what makes it last.
    Asked,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// 502: no connection, or none that lasts, or one over which more is announced than is ever read.
    Gone,
    /// 504: the time was over.
    Late,
    /// 504: a write may have been done.
    Unknown,
}

fn meaning(moment: Moment, call: Call, harm: Harm) -> Meaning {
    let silent = match harm {
        Harm::Silence | Harm::Drip => true,
        Harm::Cut | Harm::CutOnceTaken | Harm::Reset | Harm::Half | Harm::Garbage => false,
    };
    match (moment, call) {
        (Moment::Asked, Call::Execute) => Meaning::Unknown,
        (Moment::Begun, _) | (Moment::Asked, Call::Query | Call::Health) if silent => Meaning::Late,
        (Moment::Begun, _) | (Moment::Asked, Call::Query | Call::Health) => Meaning::Gone,
    }
}

fn is(meaning: Meaning, error: &ConnectorError) -> bool {
    match meaning {
        Meaning::Gone => matches!(
            error,
            ConnectorError::Egress(
                EgressError::Connect { .. } | EgressError::Broken { .. } | EgressError::BodyTooLarge { .. }
            )
        ),
        Meaning::Late => matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })),
        Meaning::Unknown => matches!(error, ConnectorError::OutcomeUnknown(_)),
    }
}

/// A database of a test's own.
struct Database {
    kind: ConnectorType,
    port: u16,
    /// Between the port and the options of a URL.
    path: String,
    secret: serde_json::Value,
    options: serde_json::Value,
    /// What goes by when a call asks what it is to be harmed at.
    marks: fn(Call) -> &'static [u8],
    query: &'static str,
    execute: &'static str,
    /// What the execute takes.
    values: &'static str,
}

struct Nameless;

#[async_trait::async_trait]
impl Resolver for Nameless {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

impl Database {
    fn connector(&self, hosts: &str) -> Box<dyn Connector> {
        let url = format!("{}://{hosts}/{}", self.kind.as_str(), self.path);
        let rules = Rules::new(AllowList::parse("127.0.0.1").unwrap(), None).unwrap();
        let egress = Egress::new(rules, trust(), Arc::new(Nameless), Arc::new(SystemClock));
        let credentials = Credentials::parse(&self.secret.to_string()).unwrap();
        connectors::connect(&record(self.kind, &url, &self.options), Some(credentials), &egress).unwrap()
    }

    async fn ask(
        &self,
        connector: &dyn Connector,
        call: Call,
        within: Duration,
    ) -> Result<(), ConnectorError> {
        let values = if call == Call::Execute { self.values } else { "{}" };
        let parameters = Parameters::parse(values.as_bytes()).unwrap();
        let statement = Some(if call == Call::Query { self.query } else { self.execute });
        let request = Request { statement, parameters: &parameters, ..Request::NOTHING };
        match call {
            Call::Query => connector.query(request, soon(within)).await.map(drop),
            Call::Execute => connector.execute(request, soon(within)).await.map(drop),
            Call::Health => connector.health(&mut Stages::new(&SystemClock), soon(within)).await,
        }
    }

    /// Every case; `done` tells how often the execute was done.
    async fn all(&self, done: impl AsyncFn() -> usize) {
        let calls = Call::ALL.map(|call| self.each(call, &done));
        let failed = futures_util::future::join_all(calls).await.concat();
        assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
    }

    /// Every case of one kind of call, one after the other, so that writes can be told apart.
    async fn each(&self, call: Call, done: &impl AsyncFn() -> usize) -> Vec<String> {
        let mut failed = Vec::new();
        for moment in [Moment::Begun, Moment::Asked] {
            for harm in Harm::ALL {
                let before = done().await;
                let ended = self.run(call, moment, harm).await;
                // The harmed one, and the one after it.
                let repeated = call == Call::Execute && done().await - before > 2;
                let why = ended.err().or_else(|| repeated.then(|| "it was done twice".to_owned()));
                failed.extend(why.map(|why| format!("{call:?} {moment:?} {harm:?}: {why}")));
            }
        }
        failed
    }

    async fn run(&self, call: Call, moment: Moment, harm: Harm) -> Result<(), String> {
        let when = match moment {
            Moment::Begun => When::Begun(usize::MAX),
            Moment::Asked => When::Asked((self.marks)(call).into()),
        };
        let proxy = Carried::start(self.port, when, harm).await;
        let connector = self.connector(&format!("127.0.0.1:{}", proxy.port));
        let meaning = meaning(moment, call, harm);
        let silent = matches!(harm, Harm::Silence | Harm::Drip);
        let asking = self.ask(&*connector, call, if silent { SHORT } else { PATIENT });
        let ended = tokio::time::timeout(PATIENCE, asking).await.map_err(|_| "it never ended".to_owned())?;
        let error = ended.err().ok_or("it is answered")?;
        let told = error.to_string();
        let secrets = [postgres::PASSWORD, cassandra::PASSWORD, CANARY];
        if !is(meaning, &error) || secrets.iter().any(|secret| told.contains(secret)) || told.len() > 600 {
            return Err(format!("it should be {meaning:?}: {error:?}"));
        }
        proxy.heal();
        let again = self.ask(&*connector, call, PATIENT).await;
        again.map_err(|error| format!("again it behaves, and yet: {error:?}"))
    }
}

#[tokio::test]
async fn postgres_may_fail_in_every_way() {
    let Some(server) = Postgres::shared() else { return };
    let config = format!(
        "host=127.0.0.1 port={} user={} password={} dbname=postgres",
        server.port,
        postgres::USER,
        postgres::PASSWORD
    );
    let (admin, connection) = tokio_postgres::connect(&config, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    admin.batch_execute("CREATE TABLE written (n int)").await.unwrap();
    let database = Database {
        kind: ConnectorType::Postgres,
        port: server.port,
        path: "postgres?sslmode=disable".into(),
        secret: json!({"username": postgres::USER, "password": postgres::PASSWORD}),
        options: json!({}),
        marks: |call| match call {
            Call::Query => b"a-mark",
            Call::Execute => b"COMMIT",
            // Whatever it asks, it asks it behind the login.
            Call::Health => b"SELECT",
        },
        query: "SELECT 'a-mark'",
        execute: "INSERT INTO written VALUES (1)",
        values: "{}",
    };
    let done = async || {
        let count: i64 = admin.query_one("SELECT count(*) FROM written", &[]).await.unwrap().get(0);
        usize::try_from(count).unwrap()
    };
    database.all(done).await;
}

const MARK: [u8; 8] = 7_777_777_i64.to_be_bytes();

#[tokio::test]
async fn cassandra_may_fail_in_every_way() {
    let Some(server) = Cassandra::shared() else { return };
    let database = cassandra(server, "every_way");
    let direct = database.connector(&format!("127.0.0.1:{}", server.port));
    let done = async || {
        let none = Parameters::parse(b"{}").unwrap();
        let request =
            Request { statement: Some("SELECT a FROM written"), parameters: &none, ..Request::NOTHING };
        direct.query(request, soon(PATIENT)).await.unwrap().items().len()
    };
    database.all(done).await;
}

/// A keyspace and a table of a test's own.
fn cassandra(server: &Cassandra, keyspace: &str) -> Database {
    let mut admin = server.admin();
    admin.run(&format!(
        "CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
    ));
    admin.run(&format!("CREATE TABLE {keyspace}.written (n uuid PRIMARY KEY, a bigint)"));
    Database {
        kind: ConnectorType::Cassandra,
        port: server.port,
        path: keyspace.into(),
        secret: json!({"username": cassandra::USER, "password": cassandra::PASSWORD}),
        options: json!({"tls": false}),
        marks: |call| match call {
            Call::Query => b"a_mark",
            // The value, as the protocol has it: what is prepared does not hold it.
            Call::Execute => &MARK,
            Call::Health => b"SELECT release_version",
        },
        query: "SELECT n AS a_mark FROM written",
        execute: "INSERT INTO written (n, a) VALUES (uuid(), :a)",
        values: r#"{"a": 7777777}"#,
    }
}

#[tokio::test]
async fn a_contact_point_that_is_silent_holds_no_session_up() {
    let Some(server) = Cassandra::shared() else { return };
    let database = cassandra(server, "silent_point");
    let proxy = Carried::start(server.port, When::Begun(usize::MAX), Harm::Silence).await;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", proxy.port, server.port);
    // The driver begins with any of them.
    let all = (0..6).map(|_| async {
        let connector = database.connector(&hosts);
        database.ask(&*connector, Call::Query, Duration::from_secs(25)).await
    });
    for ended in futures_util::future::join_all(all).await {
        ended.unwrap();
    }
}
