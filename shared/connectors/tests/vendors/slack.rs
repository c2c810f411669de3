//! Slack's connector against a strict stand-in for Slack, and against a server of Slack's API that others wrote.

mod emulate;
mod failures;
mod health;
mod hostile;
mod operations;
mod pages;
mod retries;
mod uploads;

use connectors::ConnectorError;
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::{StandIn, slack::Slack};

use crate::setup::{Made, connect, connected};

/// The token that the workspace issued.
const TOKEN: &str = "xoxb-CANARY-0123456789";
/// The channel that has the app, Ada, and a message of hers.
const GENERAL: &str = "C0GENERAL1";
const ADA: &str = "U0ADA00001";

async fn workspace() -> StandIn<Slack> {
    StandIn::start_with(|base| Slack::new(base, TOKEN)).await
}

/// A connector to it; `more` may hold `options`, `max_retries` and another `secret`.
fn connector(slack: &StandIn<Slack>, more: &Value) -> Made {
    connected(ConnectorType::Slack, &slack.url(), &with_secret(more))
}

fn refused(slack: &StandIn<Slack>, more: &Value) -> ConnectorError {
    connect(ConnectorType::Slack, &slack.url(), &with_secret(more)).err().unwrap()
}

fn with_secret(more: &Value) -> Value {
    let mut all = json!({"secret": {"bot_token": TOKEN}});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

async fn plain() -> (StandIn<Slack>, Made) {
    let slack = workspace().await;
    let made = connector(&slack, &json!({}));
    (slack, made)
}

/// The `ts` of Ada's message.
fn said(slack: &StandIn<Slack>) -> String {
    slack.vendor(|slack| slack.channels[GENERAL].messages[0].ts.clone())
}
