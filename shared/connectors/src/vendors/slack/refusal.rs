//! What Slack's answers say against a request: `{"ok": false, "error": "code", …}`, whatever the status.

use egress::Response;
use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    http::answer,
    vendor::said::{Refused, Said},
};

const CREDENTIALS: [&str; 5] =
    ["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"];
/// Of the token, of who holds it, or of the workspace's rules.
const LACKS: [&str; 13] = [
    "access_denied",
    "accesslimited",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authorized",
    "org_login_required",
    "team_access_not_granted",
    "two_factor_setup_required",
    "user_is_restricted",
    "user_is_ultra_restricted",
];
/// The vendor says of these that nothing more is wrong than the moment.
const DOWN: [&str; 3] = ["request_timeout", "service_unavailable", "team_added_to_org"];
/// The vendor says of these that some of it may have been done.
const FAILED: [&str; 2] = ["fatal_error", "internal_error"];

pub(super) fn refusal(response: &Response) -> Option<Refused> {
    let by_status = Said::by_status(response);
    let body = model::json::parse(&response.body).unwrap_or_default();
    let code = body.get("error").and_then(Value::as_str).unwrap_or_default();
    match body.get("ok").and_then(Value::as_bool).filter(|_| answer::is_json(response)) {
        Some(true) if by_status.is_none() => None,
        Some(false) => Some(Refused::new(said(code, response.status), code, words(code, &body))),
        // Of a page, or of somebody else's API, the status alone says something.
        _ => Some(Refused::new(
            by_status
                .filter(|said| matches!(said, Said::Burst { .. } | Said::Failed))
                .unwrap_or(Said::Foreign),
            "",
            "",
        )),
    }
}

fn said(code: &str, status: StatusCode) -> Said {
    match code {
        "ratelimited" | "rate_limited" => Said::Burst { wait: None },
        _ if status == StatusCode::TOO_MANY_REQUESTS => Said::Burst { wait: None },
        // What a workspace without a plan may send.
        "message_limit_exceeded" => Said::Quota,
        code if CREDENTIALS.contains(&code) => Said::Credentials,
        code if LACKS.contains(&code) || code.starts_with("restricted_action") => Said::Lacks,
        code if DOWN.contains(&code) => Said::Down,
        code if FAILED.contains(&code) => Said::Failed,
        _ => Said::Rejected,
    }
}

/// Slack gives codes; what to do about the commonest is ours to say.
fn words(code: &str, body: &Value) -> String {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    match code {
        "missing_scope" => format!(
            "the token lacks the scope {}: add it to the app and install the app again",
            text("needed")
        ),
        "not_in_channel" => "the app is not in the channel: invite it there".to_owned(),
        "channel_not_found" => {
            "there is no such conversation, or it is private and the app is not in it".to_owned()
        }
        "users_not_found" => "nobody of the workspace has this address".to_owned(),
        _ => listed(body),
    }
}

/// What is wrong with each argument, or each person.
fn listed(body: &Value) -> String {
    let messages = body.pointer("/response_metadata/messages").and_then(Value::as_array);
    let messages = messages.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let people = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    let people = people.filter_map(|error| {
        Some(format!("{}: {}", error.get("user")?.as_str()?, error.get("error")?.as_str()?))
    });
    messages.chain(people).collect::<Vec<_>>().join("; ")
}
