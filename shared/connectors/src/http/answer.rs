//! What an answer's status says, and the upstream's own word on a refusal.

use egress::{EgressError, Response};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::Value;

use crate::{error::ConnectorError, message::passed_on};

/// The largest body that is searched for a message.
pub(crate) const MESSAGE_BODY_BYTES: usize = 64 * 1024;

/// What the status says against the answer, if anything. `secrets` are taken out of the upstream's message.
pub(crate) fn refusal(response: &Response, secrets: &[&str]) -> Option<ConnectorError> {
    Some(match response.status.as_u16() {
        200..=299 => return None,
        401 => ConnectorError::CredentialsRefused(401.into()),
        403 => ConnectorError::Forbidden(403.into()),
        429 => ConnectorError::RateLimited { retry_after: header(response, RETRY_AFTER.as_str()) },
        status @ 300..=399 => ConnectorError::Upstream(format!(
            "the upstream answered with a redirect (status {status}); set connection_url to where it leads"
        )),
        status @ 400..=499 => {
            ConnectorError::Rejected { status: status.into(), message: message(response, secrets) }
        }
        status => ConnectorError::Upstream(format!("the upstream failed (status {status})")),
    })
}

/// A request without an answer. Where it writes and may have gone out, it may have been done: by this attempt, or by one
/// before it.
pub(crate) fn unanswered(error: EgressError, writes: bool, taken_before: bool) -> ConnectorError {
    if writes && (taken_before || !error.nothing_was_sent()) {
        ConnectorError::OutcomeUnknown(error.to_string())
    } else {
        error.into()
    }
}

/// Whether the answer says that it is JSON.
pub(crate) fn is_json(response: &Response) -> bool {
    let kind = header(response, CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

pub(crate) fn header(response: &Response, name: &str) -> Option<String> {
    response.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The JSON of an answer that is small enough to be read whole, as refusals are.
pub(crate) fn small(response: &Response) -> Option<Value> {
    small_text(&response.body)
}

/// The same of a part of an answer.
pub(crate) fn small_text(text: &[u8]) -> Option<Value> {
    let readable = text.len() <= MESSAGE_BODY_BYTES;
    readable.then(|| model::json::parse(text).ok()).flatten()
}

/// Whether the answer is a page for people, where an API answers in JSON: one to sign in at, or of a host that is
/// something else.
pub(crate) fn is_page(response: &Response) -> bool {
    !response.body.is_empty() && !is_json(response)
}

/// What the upstream says of its refusal, where it says it in a usual member of a JSON object; nothing else of
/// its body is passed on.
fn message(response: &Response, secrets: &[&str]) -> String {
    let body = small(response).unwrap_or_default();
    let texts = ["detail", "message", "error_description", "error", "title"];
    let text = texts.iter().find_map(|key| body.get(key).and_then(Value::as_str)).unwrap_or_default();
    passed_on(text, secrets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{StatusCode, header::HeaderMap};
    use serde_json::json;

    fn response(status: u16, kind: &str, body: &str) -> Response {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
        Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_owned().into() }
    }

    #[test]
    fn statuses_are_told_apart() {
        let error = |status, body| refusal(&response(status, "application/json", body), &[]).unwrap();
        assert_eq!(error(401, ""), ConnectorError::CredentialsRefused(401.into()));
        assert_eq!(error(403, ""), ConnectorError::Forbidden(403.into()));
        assert_eq!(error(429, ""), ConnectorError::RateLimited { retry_after: None });
        let rejected = ConnectorError::Rejected { status: 404.into(), message: ": no such order".into() };
        assert_eq!(error(404, r#"{"message":"no such\u0007 order"}"#), rejected);
        assert!(matches!(error(302, ""), ConnectorError::Upstream(_)));
        assert!(matches!(error(503, ""), ConnectorError::Upstream(_)));
    }

    #[test]
    fn a_message_is_looked_for_in_bodies_of_up_to_64_kibibytes() {
        let body = |size: usize| {
            let text = json!({"message": "no", "filler": ""}).to_string();
            text.replace(r#""filler":"""#, &format!(r#""filler":"{}""#, "x".repeat(size - text.len())))
        };
        let said = |size| message(&response(400, "application/json", &body(size)), &[]);
        assert_eq!((said(MESSAGE_BODY_BYTES).as_str(), said(MESSAGE_BODY_BYTES + 1).as_str()), (": no", ""));
    }
}
