//! A vendor's connector in a few words, short ways to ask it, and what requests look like.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use connectors::{Connector, ConnectorError, Credentials, Executed, Request, Rows, Stage, Stages};
use egress::{Egress, Resolver, Rules, SystemResolver, Tls};
use model::allow_list::AllowList;
use model::clock::{Clock, SystemClock};
use model::connector_type::ConnectorType;
use model::deadline::Deadline;
use model::fault::Pointer;
use model::health::Health;
use model::ids::{ConnectorName, TenantId};
use model::options::Options;
use model::parameters::Parameters;
use model::policy::{OperationClass, Route};
use model::record::ConnectorRecord;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use crate::ahead::Ahead;

/// A connector and the clock that it reads.
pub(crate) struct Made {
    pub(crate) kind: ConnectorType,
    pub(crate) connector: Box<dyn Connector>,
    pub(crate) clock: Arc<Ahead>,
}

/// The record of a vendor; `more` may hold `options` and `max_retries`.
fn record(kind: ConnectorType, url: &str, more: &Value) -> ConnectorRecord {
    let empty = json!({});
    let options = more.get("options").unwrap_or(&empty);
    let now = SystemClock.now().wall;
    ConnectorRecord {
        id: Uuid::nil(),
        tenant_id: TenantId::parse("tenant-a").unwrap(),
        connector_name: ConnectorName::parse("crm").unwrap(),
        connector_type: kind,
        display_name: "crm".into(),
        description: None,
        connection_url: (!url.is_empty()).then(|| url.to_owned()),
        options: Options::check(options, kind, &Pointer::root()).unwrap(),
        credentials_secret_arn: None,
        timeout_ms: 30_000,
        max_retries: more["max_retries"].as_u64().unwrap_or(0).try_into().unwrap(),
        enabled: true,
        health: Health::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A connector to a vendor; `more` may hold `options`, `max_retries` and `secret`.
pub(crate) fn connect(kind: ConnectorType, url: &str, more: &Value) -> Result<Made, ConnectorError> {
    connect_by(Arc::new(SystemResolver), kind, url, more)
}

/// The same where no name has an address, so that nothing leaves the machine.
pub(crate) fn unresolved(kind: ConnectorType, url: &str, more: &Value) -> Made {
    connect_by(Arc::new(Nameless), kind, url, more).unwrap_or_else(|error| panic!("{error}"))
}

struct Nameless;

#[async_trait::async_trait]
impl Resolver for Nameless {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

fn connect_by(
    resolver: Arc<dyn Resolver>,
    kind: ConnectorType,
    url: &str,
    more: &Value,
) -> Result<Made, ConnectorError> {
    let clock = Arc::new(Ahead::default());
    let rules = Rules::new(AllowList::parse("127.0.0.1,localhost").unwrap(), None).unwrap();
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let egress = Egress::new(rules, Tls::new(None).unwrap(), resolver, shared);
    let credentials = more.get("secret").map(|secret| Credentials::parse(&secret.to_string())).transpose()?;
    let connector = connectors::connect(&record(kind, url, more), credentials, &egress)?;
    Ok(Made { kind, connector, clock })
}

/// The same where it must succeed.
pub(crate) fn connected(kind: ConnectorType, url: &str, more: &Value) -> Made {
    connect(kind, url, more).unwrap_or_else(|error| panic!("{error}"))
}

/// What is asked, owned.
#[derive(Clone, Default)]
pub(crate) struct Ask {
    operation: Option<String>,
    statement: Option<String>,
    parameters: Parameters,
    limit: Option<usize>,
    millis: Option<u64>,
}

/// An operation by its name.
pub(crate) fn ask(operation: &str) -> Ask {
    Ask { operation: Some(operation.to_owned()), ..Ask::default() }
}

/// A statement in the vendor's language, or an operation's name as existing clients send it.
pub(crate) fn say(statement: &str) -> Ask {
    Ask { statement: Some(statement.to_owned()), ..Ask::default() }
}

impl Ask {
    pub(crate) fn with(self, parameters: Value) -> Self {
        Self { parameters: Parameters::parse(parameters.to_string().as_bytes()).unwrap(), ..self }
    }

    /// With a statement beside the operation's name.
    pub(crate) fn saying(self, statement: &str) -> Self {
        Self { statement: Some(statement.to_owned()), ..self }
    }

    pub(crate) fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    pub(crate) fn within(self, millis: u64) -> Self {
        Self { millis: Some(millis), ..self }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            statement: self.statement.as_deref(),
            operation: self.operation.as_deref(),
            parameters: &self.parameters,
            limit: self.limit,
            trace: None,
        }
    }
}

impl Made {
    pub(crate) fn deadline(&self, millis: Option<u64>) -> Deadline {
        Deadline::after(self.clock.now(), Duration::from_millis(millis.unwrap_or(20_000)))
    }

    /// As the runtime asks: judged to be a read, checked, sent.
    pub(crate) async fn query(&self, ask: Ask) -> Result<Vec<Value>, ConnectorError> {
        let operations = connectors::classify(self.kind, Route::Query, ask.request())?;
        assert!(operations.iter().all(|operation| operation.class == OperationClass::Read), "{operations:?}");
        connectors::check(self.kind, ask.request())?;
        let rows = self.connector.query(ask.request(), self.deadline(ask.millis)).await?;
        Ok(values(&rows))
    }

    pub(crate) async fn execute(&self, ask: Ask) -> Result<Executed, ConnectorError> {
        connectors::classify(self.kind, Route::Execute, ask.request())?;
        connectors::check(self.kind, ask.request())?;
        self.connector.execute(ask.request(), self.deadline(ask.millis)).await
    }

    /// The stages that the live test passed, with what was seen, and why it went no further.
    pub(crate) async fn health(&self) -> (Vec<(Stage, String)>, Option<ConnectorError>) {
        let clock = Arc::clone(&self.clock);
        let mut stages = Stages::new(&*clock);
        let ended = self.connector.health(&mut stages, self.deadline(None)).await;
        let passed = stages.all().iter().map(|passed| (passed.stage, passed.detail.clone())).collect();
        (passed, ended.err())
    }
}

/// The rows' values.
pub(crate) fn values(rows: &Rows) -> Vec<Value> {
    rows.items().iter().map(|row| serde_json::from_str(row.get()).unwrap()).collect()
}

/// Holds requests to what they looked like when somebody last compared them with the vendor's documentation:
/// `cargo insta review`, or `INSTA_UPDATE=always` in the environment, takes new ones.
pub(crate) fn golden(vendor: &str, name: &str, requests: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{vendor}/golden"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, requests));
}
