//! From a service's answer to rows: an array gives one row an element, an object one row, text `{"body": "…"}`,
//! an empty body none.

use egress::Response;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Value, json, value::RawValue};

use crate::{error::ConnectorError, json, rows::Rows};

/// The longest part of an upstream's own message that is passed on.
const MESSAGE_CHARS: usize = 300;
/// The shortest value that is taken out of a message: shorter ones are parts of ordinary words.
const HIDDEN_BYTES: usize = 4;

/// The rows of an answer, or what its status says.
pub(super) fn rows(
    response: &Response,
    data_path: Option<&str>,
    limit: Option<usize>,
    secrets: &[&str],
) -> Result<Rows, ConnectorError> {
    match response.status.as_u16() {
        200..=299 => {}
        status @ (401 | 403) => return Err(ConnectorError::CredentialsRefused(status)),
        429 => {
            return Err(ConnectorError::RateLimited { retry_after: header(response, RETRY_AFTER.as_str()) });
        }
        status @ 300..=399 => {
            let why = format!(
                "the upstream answered with a redirect (status {status}); set connection_url to where it leads"
            );
            return Err(ConnectorError::Upstream(why));
        }
        status @ 400..=499 => {
            return Err(ConnectorError::Rejected { status, message: message(response, secrets) });
        }
        status => return Err(ConnectorError::Upstream(format!("the upstream failed (status {status})"))),
    }
    let mut rows = Rows::up_to(limit);
    let Some(value) = value(response)? else { return Ok(rows) };
    let value = match data_path.map(|path| (path, json::at(&value, path))) {
        None => value.as_ref(),
        Some((_, Some(found))) => found,
        Some((path, None)) => {
            let why = format!("the upstream's answer has nothing at options.data_path {path}");
            return Err(ConnectorError::Upstream(why));
        }
    };
    match json::elements(value) {
        Some(elements) => {
            for element in elements {
                if !rows.push(element) {
                    break;
                }
            }
        }
        None if value.get() == "null" => {}
        None if value.get().starts_with('{') => drop(rows.push(value.to_owned())),
        None => drop(rows.push(raw(&format!("{{\"body\":{}}}", value.get()))?)),
    }
    Ok(rows)
}

/// The body as JSON; text becomes a JSON string.
fn value(response: &Response) -> Result<Option<Box<RawValue>>, ConnectorError> {
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let text = std::str::from_utf8(&response.body)
        .map_err(|_| ConnectorError::Upstream("the upstream's answer is not text".into()))?;
    let kind = header(response, CONTENT_TYPE.as_str()).unwrap_or_default();
    if is_json(&kind) {
        let json = text.trim().strip_prefix('\u{feff}').unwrap_or(text.trim());
        let value = serde_json::from_str(json);
        return value.map(Some).map_err(|_| {
            ConnectorError::Upstream("the upstream says that it answers in JSON, and does not".into())
        });
    }
    raw(&json!(text).to_string()).map(Some)
}

fn raw(json: &str) -> Result<Box<RawValue>, ConnectorError> {
    RawValue::from_string(json.to_owned()).map_err(|_| ConnectorError::Upstream("unreadable answer".into()))
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// What the upstream says of its refusal, where it says it in a usual member of a JSON object; nothing else of
/// its body is passed on. Some services repeat the credentials that they refuse.
fn message(response: &Response, secrets: &[&str]) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let texts = ["detail", "message", "error_description", "error", "title"];
    let text = texts.iter().find_map(|key| body.get(key).and_then(Value::as_str)).unwrap_or_default();
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    // Cut last: half a secret would not be found.
    let clean: String = without(printable, secrets).chars().take(MESSAGE_CHARS).collect();
    if clean.is_empty() { clean } else { format!(": {clean}") }
}

/// The text with each secret replaced, the longest first: one may hold another.
fn without(text: String, secrets: &[&str]) -> String {
    let mut secrets: Vec<&str> =
        secrets.iter().copied().filter(|secret| secret.len() >= HIDDEN_BYTES).collect();
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text, |text, secret| text.replace(secret, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{StatusCode, header::HeaderMap};

    fn response(status: u16, kind: &str, body: &str) -> Response {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
        Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_owned().into() }
    }

    fn shown(kind: &str, body: &str, data_path: Option<&str>) -> Vec<String> {
        let rows = rows(&response(200, kind, body), data_path, None, &[]).unwrap();
        rows.items().iter().map(|row| row.get().to_owned()).collect()
    }

    #[test]
    fn bodies_become_rows_by_their_shape() {
        let json = "application/json; charset=utf-8";
        assert_eq!(shown(json, r#" [{"n":1.00}, 2, "x"] "#, None), [r#"{"n":1.00}"#, "2", r#""x""#]);
        assert_eq!(shown(json, r#"{"a":1}"#, None), [r#"{"a":1}"#]);
        assert_eq!(shown(json, "7", None), [r#"{"body":7}"#]);
        assert_eq!(shown("text/plain", "a \"b\"", None), [r#"{"body":"a \"b\""}"#]);
        assert_eq!(shown(json, r#"{"data":[1,2]}"#, Some("/data")), ["1", "2"]);
        assert!(shown(json, "", None).is_empty() && shown(json, "null", None).is_empty());
    }

    #[test]
    fn statuses_are_told_apart() {
        let error =
            |status, body| rows(&response(status, "application/json", body), None, None, &[]).unwrap_err();
        assert_eq!(error(401, ""), ConnectorError::CredentialsRefused(401));
        assert_eq!(error(429, ""), ConnectorError::RateLimited { retry_after: None });
        let rejected = ConnectorError::Rejected { status: 404, message: ": no such order".into() };
        assert_eq!(error(404, r#"{"message":"no such\u0007 order"}"#), rejected);
        assert!(matches!(error(302, ""), ConnectorError::Upstream(_)));
        assert!(matches!(error(503, ""), ConnectorError::Upstream(_)));
        assert!(matches!(error(200, "{"), ConnectorError::Upstream(_)));
        let binary = Response { body: vec![0xff, 0xfe].into(), ..response(200, "image/png", "") };
        assert!(rows(&binary, None, None, &[]).is_err());
    }

    #[test]
    fn secrets_are_taken_out_of_a_message_before_it_is_cut() {
        let text = format!("{} longer-secret, secret, no", "x".repeat(MESSAGE_CHARS - 8));
        let response = response(400, "application/json", &json!({ "message": text }).to_string());
        let message = message(&response, &["secret", "longer-secret", "no", ""]);
        assert!(message.ends_with("x ***, **"), "{message}");
    }
}
