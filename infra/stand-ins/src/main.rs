//! `cargo run -p stand-ins`: every vendor on this machine, to try connectors without an account. What it prints is a
//! configuration file with a connector to each.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use stand_ins::{
    StandIn,
    amadeus::{self, Amadeus},
    hubspot::{HubSpot, PRIVATE_TOKEN},
    jira::{API_TOKEN, EMAIL, Jira},
    salesforce::Salesforce,
    servicenow::ServiceNow,
    slack::Slack,
};

const SLACK_TOKEN: &str = "xoxb-1-stand-in";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let amadeus = StandIn::start_with(Amadeus::new).await;
    let hubspot = StandIn::start_with(HubSpot::new).await;
    let jira = StandIn::start_with(Jira::new).await;
    let salesforce = StandIn::start_with(|url| Salesforce::new(url, now)).await;
    let servicenow = StandIn::start_with(ServiceNow::new).await;
    let slack = StandIn::start_with(|url| Slack::new(url, SLACK_TOKEN)).await;

    hubspot.vendor(|hubspot| drop((hubspot.seed("contacts", 5), hubspot.seed("deals", 5))));
    jira.vendor(|jira| drop(jira.seed("ENG", 5)));
    salesforce.vendor(|salesforce| {
        for name in ["Acme", "Nordlicht Logistik", "Zeta"] {
            salesforce.seed("Account", &json!({"Name": name, "Industry": "Energy"}));
        }
    });

    let client = json!({"client_id": amadeus::CLIENT.0, "client_secret": amadeus::CLIENT.1});
    let app = salesforce.vendor(|org| json!({"consumerKey": org.app.key, "consumerSecret": org.app.secret}));
    let mut out = std::io::stdout().lock();
    writeln!(out, "version: \"1.0\"\nconnectors:")?;
    for (kind, url, secret) in [
        ("amadeus", amadeus.url(), client),
        ("hubspot", hubspot.url(), json!({"access_token": PRIVATE_TOKEN})),
        ("jira", jira.url(), json!({"email": EMAIL, "api_token": API_TOKEN})),
        ("salesforce", salesforce.url(), app),
        ("servicenow", servicenow.url(), json!({"api_key": "now_key_of_ops"})),
        ("slack", format!("{}/api", slack.url()), json!({"bot_token": SLACK_TOKEN})),
    ] {
        writeln!(out, "{}", declared(kind, &url, &secret))?;
    }
    out.flush()?;
    drop(out);
    tokio::signal::ctrl_c().await
}

/// A connector as the configuration file has it, which is YAML and so takes JSON too.
fn declared(kind: &str, url: &str, secret: &Value) -> String {
    let connector = json!({"type": kind, "enabled": true, "connection_url": url, "credentials": secret});
    format!("  {kind}: {connector}")
}

#[expect(clippy::disallowed_methods, reason = "a server of its own, which needs the time of day")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
