//! Jira Cloud.
#![cfg(test)]

mod access;
mod errors;
mod golden;
mod health;
mod hostile;
mod issues;
mod pages;
mod retries;
mod tokens;
mod workflow;

use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::{
    StandIn,
    jira::{API_TOKEN, CLIENT_ID, CLIENT_SECRET, CLOUD_ID, EMAIL, Jira},
};

use crate::setup::{Made, connect, connected};

async fn jira() -> StandIn<Jira> {
    StandIn::start_with(Jira::new).await
}

/// The account's e-mail address and its API token.
fn basic() -> Value {
    json!({"email": EMAIL, "api_token": API_TOKEN})
}

/// A service account's OAuth client.
fn oauth() -> Value {
    json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "cloud_id": CLOUD_ID})
}

/// A connector to the site itself.
fn at_site(jira: &StandIn<Jira>, max_retries: u8) -> Made {
    connected(ConnectorType::Jira, &jira.url(), &json!({"secret": basic(), "max_retries": max_retries}))
}

/// What leads to the gateway and the token endpoint, with a secret.
fn gateway(jira: &StandIn<Jira>, secret: &Value) -> Value {
    let url = jira.url();
    let options =
        json!({"cloud_id": CLOUD_ID, "gateway_url": url, "token_url": format!("{url}/oauth/token")});
    json!({"options": options, "secret": secret, "max_retries": 2})
}

/// A connector to the gateway.
fn at_gateway(jira: &StandIn<Jira>, secret: &Value) -> Made {
    connected(ConnectorType::Jira, "https://site.atlassian.net", &gateway(jira, secret))
}
