//! What Slack's answers say against a request: `{"ok": false, "error": "code", …}`, whatever the status.

use egress::Response;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    http::answer::{self, MESSAGE_BODY_BYTES, small},
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

/// What tells a refusal from an answer, which may be megabytes.
#[derive(Default, Deserialize)]
struct Head<'b> {
    ok: Option<bool>,
    #[serde(borrow)]
    error: Option<&'b RawValue>,
}

fn head(response: &Response) -> Head<'_> {
    if response.status.is_success() || response.body.len() <= MESSAGE_BODY_BYTES {
        serde_json::from_slice(&response.body).unwrap_or_default()
    } else {
        Head::default()
    }
}

pub(super) fn refusal(response: &Response) -> Option<Refused> {
    let by_status = Said::by_status(response);
    let head = head(response);
    match head.ok.filter(|_| answer::is_json(response)) {
        Some(true) if by_status.is_none() => None,
        Some(false) => {
            let code = head.error.and_then(|error| serde_json::from_str(error.get()).ok());
            let code: String = code.unwrap_or_default();
            let words = words(&code, &small(response).unwrap_or_default());
            Some(Refused::new(said(&code, response.status), code, words))
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

    fn read(status: u16, body: &str) -> Option<(Said, String, String)> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let status = StatusCode::from_u16(status).unwrap();
        let refused = refusal(&Response { status, headers, body: body.to_owned().into() })?;
        Some((refused.said, refused.code, refused.words))
    }

    #[test]
    fn of_a_success_nothing_is_read_but_that_it_is_one() {
        // What is kept as values is read no deeper than 127 levels.
        let rows = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(read(200, &format!(r#"{{"rows":{rows},"ok":true,"error":null}}"#)), None);
        let long = format!(r#"{{"ok":false,"error":"invalid_auth","rows":{rows}}}"#);
        assert_eq!(read(200, &long), Some((Said::Credentials, "invalid_auth".into(), String::new())));
    }

    #[test]
    fn a_refusal_is_read_up_to_64_kibibytes() {
        let body = |size: usize| {
            let text = r#"{"ok":false,"error":"x","response_metadata":{"messages":["why"]},"y":""}"#;
            text.replace(r#""y":"""#, &format!(r#""y":"{}""#, "y".repeat(size - text.len())))
        };
        let full = Some((Said::Rejected, "x".to_owned(), "why".to_owned()));
        assert_eq!(read(400, &body(MESSAGE_BODY_BYTES)), full);
        assert_eq!(
            read(400, &body(MESSAGE_BODY_BYTES + 1)),
            Some((Said::Foreign, String::new(), String::new()))
        );
        assert_eq!(
            read(200, &body(MESSAGE_BODY_BYTES + 1)),
            Some((Said::Rejected, "x".into(), String::new()))
        );
    }
}
