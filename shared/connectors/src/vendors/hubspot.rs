//! HubSpot's CRM: records of any type, by the dated API or the numbered one before it.

mod operations;
mod parts;
mod values;

use std::time::Duration;

use egress::Response;
use model::connector_type::ConnectorType;
use serde_json::Value;

use self::operations::OPERATIONS;
use crate::{
    ConnectorError,
    http::{
        answer::{header, small},
        oauth::Grant,
    },
    message::passed_on,
    vendor::{
        Health, Vendor,
        op::Op,
        said::{Refused, Said},
        way::{Setup, Way},
    },
};

pub(crate) static HUBSPOT: Vendor = Vendor {
    kind: ConnectorType::Hubspot,
    name: "HubSpot",
    operations: OPERATIONS,
    language: None,
    way,
    refusal,
    health: Health {
        op: Op::read("health", "Whose account it is.").get("/{$account}/details"),
        told: |response, setup| {
            let account = small(response).unwrap_or_default();
            let number = account.get("portalId").and_then(Value::as_u64).unwrap_or_default();
            let secrets: Vec<&str> = setup.credentials.values().collect();
            let place = passed_on(text(&account, "/dataHostingLocation"), &secrets);
            let place = place.trim_start_matches(": ").chars().take(100).collect::<String>();
            Ok(format!("GET of account-info: account {number}, hosted in {place}"))
        },
    },
};

/// The limits count calls in windows of one and of ten seconds; an answer says which was hit and not how long to wait.
const BURST_WAIT: Duration = Duration::from_secs(1);

/// `{"access_token"}`: a service key or a private app's token; or `{"client_id", "client_secret", "refresh_token"}`.
fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let base = setup.base(&[], Some("https://api.hubapi.com"))?;
    let version = setup.options().text("api_version").unwrap_or("2026-09");
    let secret = setup.credentials;
    let is_app = secret.get(&["refresh_token"]).is_some() || secret.get(&["client_id"]).is_some();
    let auth = if is_app {
        let keys = ["client_secret", "USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET"];
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", secret.require(&["client_id"])?),
            ("client_secret", secret.require(&keys)?),
            ("refresh_token", secret.require(&["refresh_token"])?),
        ];
        let url = Setup::below(&base, &format!("oauth/{version}/token"))?;
        setup.tokens(Grant::of(url, &form))?
    } else {
        setup.bearer(&["access_token"])?
    };
    let dated = |what: &str| format!("crm/{what}/{version}");
    let [objects, associations, owners, pipelines] = if version == "v3" {
        // The numbered API has its default associations in a version of their own.
        ["crm/v3/objects", "crm/v4/objects", "crm/v3/owners", "crm/v3/pipelines"].map(str::to_owned)
    } else {
        ["objects", "objects", "owners", "pipelines"].map(dated)
    };
    Ok(Way::new(base, auth)
        .variable("$objects", objects)
        .variable("$associations", associations)
        .variable("$owners", owners)
        .variable("$pipelines", pipelines)
        .variable("$account", format!("account-info/{version}")))
}

/// `{"status":"error","message","category","errors":[{message,context}]}`; a refused rate has `policyName` instead of a
/// category. A batch of which a part went wrong is a 207.
fn refusal(response: &Response) -> Option<Refused> {
    let status = response.status.as_u16();
    let by_status = match status {
        207 => None,
        // Another write holds the record: nothing was done.
        423 => Some(Said::Busy),
        // The account moves to another data centre, and says how long that takes.
        477 => Some(Said::Burst { wait: None }),
        _ => Some(Said::by_status(response)?),
    };
    let Some(said) = by_status else { return parts::refusal(response) };
    let body = small(response).unwrap_or_default();
    if status == 429 {
        let policy = text(&body, "/policyName");
        let left = header(response, "x-hubspot-ratelimit-daily-remaining");
        let daily = policy == "DAILY" || left.is_some_and(|left| left == "0");
        let said = if daily { Said::Quota } else { Said::Burst { wait: Some(BURST_WAIT) } };
        return Some(Refused::new(said, policy, text(&body, "/message")));
    }
    Some(Refused::new(said, text(&body, "/category"), words(&body)))
}

/// The message, with what each of its details adds.
fn words(body: &Value) -> String {
    let detail = |detail: &Value| {
        let scopes = items(detail, "/context/requiredGranularScopes").filter_map(Value::as_str);
        let words = [text(detail, "/message")].into_iter().chain(scopes);
        words.collect::<Vec<_>>().join(" ")
    };
    let details: Vec<String> = items(body, "/errors").map(detail).collect();
    let message = text(body, "/message");
    if details.is_empty() {
        return message.to_owned();
    }
    // What the message quotes of them in JSON is said better by themselves.
    let head = message.split(": [").next().unwrap_or_default();
    format!("{head} {}", details.join("; "))
}

fn text<'v>(value: &'v Value, at: &str) -> &'v str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

fn items<'v>(value: &'v Value, at: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(at).and_then(Value::as_array).into_iter().flatten()
}
