//! A connector to an account, and short ways to ask it.

use std::sync::Arc;
use std::time::Duration;

use connectors::{Connector, ConnectorError, Credentials, Executed, Request, Rows};
use egress::{Egress, Rules, SystemResolver, Tls};
use model::allow_list::AllowList;
use model::clock::{Clock, SystemClock};
use model::connector_type::ConnectorType;
use model::deadline::Deadline;
use model::fault::Pointer;
use model::health::Health;
use model::ids::{ConnectorName, TenantId};
use model::options::Options;
use model::parameters::Parameters;
use model::record::ConnectorRecord;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use crate::ahead::Ahead;

use crate::stub::Stub;

/// A connector and the clock that it reads.
pub(crate) struct Made {
    pub(crate) connector: Box<dyn Connector>,
    pub(crate) clock: Arc<Ahead>,
}

/// A secret with the test's own key.
pub(crate) fn key_pair() -> Value {
    json!({"account": "acme-test", "user": "svc_agent", "privateKey": include_str!("keys/key.p8")})
}

/// The record of an account; `more` may hold `options` and `max_retries`.
fn record(url: &str, more: &Value) -> ConnectorRecord {
    let empty = json!({});
    let options = more.get("options").unwrap_or(&empty);
    let now = SystemClock.now().wall;
    ConnectorRecord {
        id: Uuid::nil(),
        tenant_id: TenantId::parse("tenant-a").unwrap(),
        connector_name: ConnectorName::parse("warehouse").unwrap(),
        connector_type: ConnectorType::Snowflake,
        display_name: "warehouse".into(),
        description: None,
        connection_url: Some(url.to_owned()),
        options: Options::check(options, ConnectorType::Snowflake, &Pointer::root()).unwrap(),
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

/// A connector to a URL by a clock; `more` may hold `options`, `max_retries` and `secret`, else the test's own key.
pub(crate) fn connect(url: &str, clock: &Arc<Ahead>, more: &Value) -> Result<Made, ConnectorError> {
    let rules = Rules::new(AllowList::parse("127.0.0.1,localhost").unwrap(), None).unwrap();
    let shared = Arc::clone(clock) as Arc<dyn Clock>;
    let egress = Egress::new(rules, Tls::new(None).unwrap(), Arc::new(SystemResolver), shared);
    let secret = more.get("secret").cloned().unwrap_or_else(key_pair);
    let credentials = if secret.is_null() { None } else { Some(Credentials::parse(&secret.to_string())?) };
    let connector = connectors::connect(&record(url, more), credentials, &egress)?;
    Ok(Made { connector, clock: Arc::clone(clock) })
}

/// A connector to the stand-in.
pub(crate) fn connected(stub: &Stub, more: &Value) -> Made {
    connect(&stub.url(), &stub.clock, more).unwrap_or_else(|error| panic!("{error}"))
}

/// What is asked, owned.
pub(crate) struct Ask {
    statement: String,
    parameters: Parameters,
    limit: Option<usize>,
    pub(crate) millis: u64,
}

pub(crate) fn ask(statement: &str) -> Ask {
    Ask { statement: statement.into(), parameters: Parameters::default(), limit: None, millis: 20_000 }
}

impl Ask {
    pub(crate) fn with(self, parameters: &str) -> Self {
        Self { parameters: Parameters::parse(parameters.as_bytes()).unwrap(), ..self }
    }

    pub(crate) fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    pub(crate) fn within(self, millis: u64) -> Self {
        Self { millis, ..self }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            statement: Some(&self.statement),
            operation: None,
            parameters: &self.parameters,
            limit: self.limit,
            trace: None,
        }
    }
}

impl Made {
    pub(crate) fn deadline(&self, millis: u64) -> Deadline {
        Deadline::after(self.clock.now(), Duration::from_millis(millis))
    }

    pub(crate) async fn rows(&self, ask: Ask) -> Result<Rows, ConnectorError> {
        self.connector.query(ask.request(), self.deadline(ask.millis)).await
    }

    pub(crate) async fn query(&self, ask: Ask) -> Result<Vec<String>, ConnectorError> {
        Ok(texts(&self.rows(ask).await?))
    }

    pub(crate) async fn execute(&self, ask: Ask) -> Result<Executed, ConnectorError> {
        self.connector.execute(ask.request(), self.deadline(ask.millis)).await
    }
}

/// The rows' JSON texts.
pub(crate) fn texts(rows: &Rows) -> Vec<String> {
    rows.items().iter().map(|row| row.get().to_owned()).collect()
}
