//! Slack: messages, channels, people and files, by the Web API. Calls are forms, which every method takes; a refusal
//! comes with status 200 and `ok: false`.
//!
//! The token is the one of the app's installation. Rotating tokens are renewed with one that works once: only one
//! place may do that, and it has to write the secret. A connector that runs in many containers is not that place.

mod operations;
mod parameters;
mod refusal;
mod scopes;
mod upload;

use egress::Response;
use model::connector_type::ConnectorType;

use crate::{
    ConnectorError,
    http::answer::small,
    message::passed_on,
    vendor::{
        Health, Vendor,
        op::Op,
        way::{Setup, Way},
    },
};

pub(crate) static SLACK: Vendor = Vendor {
    kind: ConnectorType::Slack,
    name: "Slack",
    operations: operations::OPERATIONS,
    language: None,
    way,
    refusal: refusal::refusal,
    health: Health { op: Op::read("health", "Who calls.").form("/auth.test"), told },
};

/// `{"bot_token"}`, `{"slackToken"}` or `{"access_token"}`. The API is Slack's own unless the record says otherwise; of
/// a host alone it is what lies below `/api`.
fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    const TOKEN: &[&str] = &["bot_token", "slackToken", "access_token"];
    // What is given beside a token, and calls nothing.
    const OTHERS: [(&str, &str); 2] = [("xapp-", "an app-level token"), ("xoxe-", "a refresh token")];
    let token = setup.credentials.require(TOKEN)?;
    if let Some((_, what)) = OTHERS.iter().find(|(start, _)| token.starts_with(start)) {
        let why = format!("the secret's token is {what}; the bot token begins with xoxb-");
        return Err(ConnectorError::Credentials(why));
    }
    let mut base = setup.base(&[], Some("https://slack.com/api"))?;
    if base.path() == "/" {
        base.set_path("/api/");
    }
    Ok(Way::new(base, setup.bearer(TOKEN)?))
}

/// The most characters of a name that are told.
const MOST_TOLD: usize = 100;

/// Who called where, and which operations lack a scope. A record that names the operations it is for needs all of
/// theirs.
fn told(response: &Response, setup: &Setup<'_>) -> Result<String, ConnectorError> {
    let body = small(response).unwrap_or_default();
    let secrets: Vec<&str> = setup.credentials.values().collect();
    let text = |key: &str| {
        let text =
            passed_on(body.get(key).and_then(serde_json::Value::as_str).unwrap_or("unknown"), &secrets);
        text.trim_start_matches(": ").chars().take(MOST_TOLD).collect::<String>()
    };
    let who = format!("auth.test: {} of {} ({})", text("user"), text("team"), text("team_id"));
    Ok(match scopes::judged(response, setup)? {
        Some(lacking) => format!("{who}; without a scope for {lacking}"),
        None => who,
    })
}
