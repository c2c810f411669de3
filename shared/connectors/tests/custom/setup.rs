//! A connector in a few words, and short ways to ask it.

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
use telemetry::Trace;
use uuid::Uuid;

pub(crate) use crate::ahead::Ahead;

/// A connector and the clock that it reads.
pub(crate) struct Made {
    pub(crate) connector: Box<dyn Connector>,
    pub(crate) clock: Arc<Ahead>,
}

/// The record of a service; `more` may hold `options` and `max_retries`.
fn record(url: &str, more: &Value) -> ConnectorRecord {
    let empty = json!({});
    let options = more.get("options").unwrap_or(&empty);
    let now = SystemClock.now().wall;
    ConnectorRecord {
        id: Uuid::nil(),
        tenant_id: TenantId::parse("tenant-a").unwrap(),
        connector_name: ConnectorName::parse("crm").unwrap(),
        connector_type: ConnectorType::Custom,
        display_name: "crm".into(),
        description: None,
        connection_url: Some(url.to_owned()),
        options: Options::check(options, ConnectorType::Custom, &Pointer::root()).unwrap(),
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

/// A connector to a service; `more` may hold `options`, `max_retries` and `secret`.
pub(crate) fn connect(url: &str, more: &Value) -> Result<Made, ConnectorError> {
    let clock = Arc::new(Ahead::default());
    let rules = Rules::new(AllowList::parse("127.0.0.1,localhost").unwrap(), None).unwrap();
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let egress = Egress::new(rules, Tls::new(None).unwrap(), Arc::new(SystemResolver), shared);
    let credentials = more.get("secret").map(|secret| Credentials::parse(&secret.to_string())).transpose()?;
    let connector = connectors::connect(&record(url, more), credentials, &egress)?;
    Ok(Made { connector, clock })
}

/// The same where it must succeed.
pub(crate) fn connected(url: &str, more: &Value) -> Made {
    connect(url, more).unwrap_or_else(|error| panic!("{error}"))
}

/// What is asked, owned.
pub(crate) struct Ask {
    statement: String,
    action: Option<&'static str>,
    parameters: Parameters,
    limit: Option<usize>,
    pub(crate) millis: u64,
    trace: Option<Trace>,
}

pub(crate) fn ask(statement: &str) -> Ask {
    Ask {
        statement: statement.into(),
        action: None,
        parameters: Parameters::default(),
        limit: None,
        millis: 20_000,
        trace: None,
    }
}

impl Ask {
    pub(crate) fn action(self, action: &'static str) -> Self {
        Self { action: Some(action), ..self }
    }

    pub(crate) fn with(self, parameters: &str) -> Self {
        Self { parameters: Parameters::parse(parameters.as_bytes()).unwrap(), ..self }
    }

    pub(crate) fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    pub(crate) fn traced(self, header: &str) -> Self {
        Self { trace: Trace::parse(header), ..self }
    }

    pub(crate) fn within(self, millis: u64) -> Self {
        Self { millis, ..self }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            statement: Some(&self.statement),
            operation: self.action,
            parameters: &self.parameters,
            limit: self.limit,
            trace: self.trace,
        }
    }
}

impl Made {
    pub(crate) fn deadline(&self, millis: u64) -> Deadline {
        Deadline::after(self.clock.now(), Duration::from_millis(millis))
    }

    pub(crate) async fn query(&self, ask: Ask) -> Result<Vec<String>, ConnectorError> {
        let rows = self.connector.query(ask.request(), self.deadline(ask.millis)).await?;
        Ok(texts(&rows))
    }

    pub(crate) async fn execute(&self, ask: Ask) -> Result<Executed, ConnectorError> {
        self.connector.execute(ask.request(), self.deadline(ask.millis)).await
    }
}

/// The rows' JSON texts.
pub(crate) fn texts(rows: &Rows) -> Vec<String> {
    rows.items().iter().map(|row| row.get().to_owned()).collect()
}
