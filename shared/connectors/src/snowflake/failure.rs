//! What the vendor said, in the words of callers. Its codes decide before the status does, because they tell a role
//! that lacks from a key that is wrong; its message is passed on without secrets and control characters.

use egress::{EgressError, Response};
use serde_json::Value;

use crate::{ConnectorError, error::Status, http::answer, message::passed_on};

/// The longest code that is shown.
const CODE_CHARS: usize = 16;

/// What the answer says against the request, if anything. `secrets` are taken out of the vendor's message.
pub(crate) fn of(response: &Response, host: &str, secrets: &[&str]) -> Option<ConnectorError> {
    let status = response.status.as_u16();
    if response.status.is_success() {
        return None;
    }
    let said = answer::small(response).unwrap_or_default();
    let text = |key: &str| said.get(key).and_then(Value::as_str).unwrap_or_default();
    let code: String = text("code").chars().filter(char::is_ascii_alphanumeric).take(CODE_CHARS).collect();
    let message = passed_on(text("message"), secrets);
    let shown = if code.is_empty() { Status::from(status) } else { Status::coded(status, &code) };
    let options = |what: &str| ConnectorError::Configuration(format!("{what} (code {code}){message}"));
    Some(match (code.as_str(), status) {
        ("390189", _) => options(
            "the role does not exist, or is not granted to the user; correct options.role, or grant it",
        ),
        ("390201", _) => options(
            "the warehouse, database or schema of the options does not exist, or the role may not use it",
        ),
        ("000606", _) => options(
            "no warehouse is selected; set options.warehouse, or the user's default, and grant its usage",
        ),
        (_, 401) => ConnectorError::CredentialsRefused(shown),
        (_, 403) => ConnectorError::Forbidden(shown),
        ("", 404) => ConnectorError::Upstream(format!(
            "{host} has no SQL API (status 404); correct connection_url to the account's host"
        )),
        (_, 408) => EgressError::Deadline { target: host.to_owned() }.into(),
        (_, 400..=499) if status != 429 => ConnectorError::Rejected { status: shown, message },
        (_, 500..) => ConnectorError::Upstream(format!("Snowflake is in trouble ({shown}){message}")),
        // A redirect, or too many requests.
        _ => return answer::refusal(response, secrets),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{StatusCode, header::HeaderMap};
    use serde_json::json;

    fn error(status: u16, code: &str, message: &str) -> ConnectorError {
        let body = json!({"code": code, "message": message, "sqlState": "42000"}).to_string();
        let status = StatusCode::from_u16(status).unwrap();
        let response = Response { status, headers: HeaderMap::new(), body: body.into() };
        of(&response, "acc.example", &["t0k-secret"]).unwrap()
    }

    #[test]
    fn what_the_vendor_says_is_told_apart() {
        use ConnectorError as E;
        assert!(matches!(error(401, "390144", "JWT token is invalid."), E::CredentialsRefused(_)));
        assert!(matches!(error(403, "390422", "IP not allowed"), E::Forbidden(_)));
        for code in ["390189", "390201", "000606"] {
            let error = error(422, code, "no such thing");
            assert!(matches!(error, E::Configuration(_)) && error.to_string().contains("options"), "{error}");
        }
        assert!(matches!(error(404, "", ""), E::Upstream(_)));
        assert!(matches!(error(404, "000404", ""), E::Rejected { .. }));
        assert!(matches!(error(408, "000630", ""), E::Egress(EgressError::Deadline { .. })));
        assert!(matches!(error(429, "", ""), E::RateLimited { retry_after: None }));
        assert!(matches!(error(302, "", ""), E::Upstream(_)));
        assert!(matches!(error(503, "", ""), E::Upstream(_)));
        let said = error(422, "002003", "Object 'T' does not exist, t0k-secret\u{7}").to_string();
        assert!(said.contains("status 422, code 002003): Object 'T' does not exist, ***"), "{said}");
    }
}
