//! ServiceNow's connector against a strict stand-in of an instance.

mod changes;
mod failures;
mod health;
mod hostile;
mod incidents;
mod operations;
mod pages;
mod tokens;

use connectors::{ConnectorError, Executed};
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::{StandIn, servicenow::ServiceNow};

use crate::setup::{self, Ask, Made, ask, values};

pub(crate) const KIND: ConnectorType = ConnectorType::Servicenow;

/// What was seeded, by its `sys_id`.
#[derive(Clone)]
pub(crate) struct Ids {
    pub(crate) incident: String,
    pub(crate) change: String,
    pub(crate) template: String,
    pub(crate) group: String,
    pub(crate) server: String,
    pub(crate) database: String,
}

/// An instance with a little of everything, and a connector that calls it with a client's credentials.
pub(crate) async fn world() -> (StandIn<ServiceNow>, Made, Ids) {
    let instance = StandIn::start_with(ServiceNow::new).await;
    let ids = instance.vendor(seeded);
    let made = connected(&instance, &json!({ "secret": client() }));
    (instance, made, ids)
}

fn seeded(v: &mut ServiceNow) -> Ids {
    let group = v.seed("sys_user_group", &[("name", "Network")]);
    let item = v.seed("cmdb_ci", &[("name", "web-1")]);
    let server = v.seed("cmdb_ci_linux_server", &[("name", "web-1"), ("ip_address", "10.0.0.7")]);
    let database = v.seed("cmdb_ci_linux_server", &[("name", "db-1"), ("ip_address", "10.0.0.8")]);
    v.relate(&server, &database);
    let first = [("short_description", "No VPN"), ("assignment_group", &group), ("cmdb_ci", &item)];
    let incident = v.seed("incident", &first);
    v.seed("incident", &[("short_description", "Slow mail"), ("state", "2"), ("urgency", "2")]);
    let change = v.seed("change_request", &[("short_description", "New firmware"), ("cmdb_ci", &item)]);
    let emergency = [("short_description", "New disk"), ("cmdb_ci", &item), ("type", "emergency")];
    v.seed("change_request", &emergency);
    v.seed("problem", &[("short_description", "Memory leak"), ("priority", "1"), ("active", "true")]);
    let producer = [("sys_name", "Clear BGP"), ("short_description", "Clear BGP sessions on a router")];
    let template = v.seed("std_change_record_producer", &producer);
    Ids { incident, change, template, group, server, database }
}

/// The secret of an OAuth client.
pub(crate) fn client() -> Value {
    json!({"client_id": "client-1", "client_secret": "oauth-secret"})
}

/// `more` holds `secret`, and may hold `options` and `max_retries`.
pub(crate) fn connected(instance: &StandIn<ServiceNow>, more: &Value) -> Made {
    setup::connected(KIND, &instance.url(), more)
}

pub(crate) async fn read(
    made: &Made,
    operation: &str,
    parameters: Value,
) -> Result<Vec<Value>, ConnectorError> {
    made.query(ask(operation).with(parameters)).await
}

pub(crate) async fn write(
    made: &Made,
    operation: &str,
    parameters: Value,
) -> Result<Executed, ConnectorError> {
    made.execute(ask(operation).with(parameters)).await
}

/// The one row that a write gave back.
pub(crate) fn row(done: &Executed) -> Value {
    let mut rows = done.rows.as_ref().map(values).unwrap_or_default();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.swap_remove(0)
}

/// The fields' values of each row.
pub(crate) fn column(rows: &[Value], field: &str) -> Vec<String> {
    let text = |row: &Value| {
        let value = &row[field];
        let value = value.get("value").unwrap_or(value);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    rows.iter().map(text).collect()
}

/// How many of the API's own requests there were.
pub(crate) fn calls(instance: &StandIn<ServiceNow>) -> usize {
    instance.seen().iter().filter(|seen| seen.path != "/oauth_token.do").count()
}

/// A question that is asked again.
pub(crate) fn list() -> Ask {
    ask("list_incidents")
}
