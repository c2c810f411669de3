//! Bodies and words that many tests begin with.

use end_to_end::Reply;
use model::rules::DeploymentMode;
use serde_json::{Value, json};

pub(crate) const CONNECTORS: &str = "/api/v1/connectors";
pub(crate) const ARN: &str =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/tenant-a/finance-snowflake-AbCdEf";
pub(crate) const MASKED: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/...masked";

/// Both deployment modes, for what must hold in each.
pub(crate) const MODES: [DeploymentMode; 2] = [DeploymentMode::Saas, DeploymentMode::Invpc];

pub(crate) fn path(name: &str) -> String {
    format!("{CONNECTORS}/{name}")
}

/// The least that makes a connector.
pub(crate) fn slack(name: &str) -> Value {
    json!({"connector_name": name, "connector_type": "slack"})
}

/// A connector with every field that a client may write.
pub(crate) fn snowflake() -> Value {
    json!({
        "connector_name": "finance-snowflake",
        "connector_type": "snowflake",
        "display_name": "Finance Snowflake",
        "description": "The finance team's warehouse",
        "connection_url": "finance-org.us-east-1.snowflakecomputing.com",
        "options": {"warehouse": "FINANCE_WH", "database": "FINANCE", "schema": "PUBLIC", "role": "REPORTER"},
        "credentials_secret_arn": ARN,
        "timeout_ms": 20_000,
        "max_retries": 5,
        "enabled": false,
    })
}

/// A body with one field set to something else.
pub(crate) fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// The names of a list's records, in its order.
pub(crate) fn names(list: &Reply) -> Vec<String> {
    let records = list.json();
    let records = records.as_array().unwrap_or_else(|| panic!("no array: {records}"));
    records.iter().map(|record| record["connector_name"].as_str().unwrap().to_owned()).collect()
}

/// The path of the next page, where the list has one.
pub(crate) fn next(list: &Reply) -> Option<String> {
    let link = list.headers.get("link")?.to_str().unwrap();
    let path = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    Some(path.unwrap_or_else(|| panic!("no link: {link}")).to_owned())
}
