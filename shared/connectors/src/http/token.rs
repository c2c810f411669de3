//! A token endpoint's answer (RFC 6749, 5). No part of it is ever repeated, but for the error codes that the standard
//! names; the token and the text that it came in are zeroised.

use std::time::Duration;

use egress::Response;
use reqwest::header::RETRY_AFTER;
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use super::{answer::header, proof::Proof};
use crate::error::ConnectorError;

/// How long a token is good for where its answer does not say. Short: a token that ran out costs a refusal.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::from_mins(5);
/// The longest that any token is believed to be good for.
pub(crate) const LONGEST_LIFETIME: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "zeroizing")]
    access_token: Zeroizing<String>,
    token_type: Option<String>,
    expires_in: Option<Seconds>,
    /// Where the token is good, as Salesforce says.
    instance_url: Option<String>,
}

/// The standard says a number; some write it as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

#[derive(Default, Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// What a vendor means by the code and the words of a refusal; nothing where they are the standard's. The words are
/// to be understood and not to be repeated.
pub(crate) type Meaning = fn(&str, &str) -> Option<ConnectorError>;

/// The token and how long it is good for, or why there is none. `unsaid` is how long where the answer does not say.
pub(crate) fn read(
    response: Response,
    unsaid: Duration,
    meaning: Option<Meaning>,
) -> Result<(Proof, Duration), ConnectorError> {
    let status = response.status.as_u16();
    if status == 429 {
        let retry_after = header(&response, RETRY_AFTER.as_str());
        return Err(ConnectorError::RateLimited { retry_after });
    }
    if !response.status.is_success() {
        let said: Denied = serde_json::from_slice(&response.body).unwrap_or_default();
        let own = meaning.and_then(|meaning| meaning(&said.error, &said.error_description));
        return Err(own.unwrap_or_else(|| denied(status, &said.error)));
    }
    let granted: Option<Granted> = serde_json::from_slice(&response.body).ok();
    if let Ok(mut body) = response.body.try_into_mut() {
        body.as_mut().zeroize();
    }
    let unusable = |why: &str| ConnectorError::Upstream(format!("the token endpoint's answer {why}"));
    let granted = granted.filter(|granted| !granted.access_token.is_empty());
    let granted = granted.ok_or_else(|| unusable("holds no access token"))?;
    if granted.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unusable("holds a token that is no bearer token"));
    }
    let proof = Proof::bearer(&granted.access_token);
    let proof = proof.map_err(|_| unusable("holds a token that no header can carry"))?;
    let base = granted.instance_url.as_deref().map(base).transpose();
    let base = base.map_err(|()| unusable("holds an instance_url that is no URL"))?;
    Ok((proof.good_at(base), lifetime(granted.expires_in, unsaid)))
}

fn base(text: &str) -> Result<Url, ()> {
    let url = Url::parse(text).map_err(|_| ())?;
    // What stands behind the host would be lost below it.
    url.join("/").map_err(|_| ())
}

fn lifetime(stated: Option<Seconds>, unsaid: Duration) -> Duration {
    let seconds = match stated {
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => text.trim().parse().ok(),
        None => None,
    };
    let stated = seconds.map(|seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)));
    stated.map_or(unsaid, |stated| stated.unwrap_or(LONGEST_LIFETIME).min(LONGEST_LIFETIME))
}

fn denied(status: u16, code: &str) -> ConnectorError {
    match (status, code) {
        (401, _) | (400, "invalid_client" | "unauthorized_client" | "invalid_grant") => {
            ConnectorError::CredentialsRefused(status.into())
        }
        (403, _) => ConnectorError::Forbidden(status.into()),
        (400, "invalid_scope") => {
            ConnectorError::Credentials("the token endpoint refuses the secret's scope".into())
        }
        (400, known @ ("invalid_request" | "unsupported_grant_type")) => ConnectorError::Upstream(format!(
            "the token endpoint refused the request ({known}); options.oauth2_client_auth `body` may be what it needs"
        )),
        (300..=399, _) => ConnectorError::Upstream(format!(
            "the token endpoint answered with a redirect (status {status}); set token_url to where it leads"
        )),
        (400..=499, _) => {
            ConnectorError::Upstream(format!("the token endpoint refused the request (status {status})"))
        }
        _ => ConnectorError::Upstream(format!("the token endpoint failed (status {status})")),
    }
}

fn zeroizing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    // The library's own message would quote what stands there instead.
    let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("no token"))?;
    Ok(Zeroizing::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{StatusCode, header::HeaderMap};

    fn read_text(status: u16, body: &str) -> Result<(String, u64), ConnectorError> {
        let status = StatusCode::from_u16(status).unwrap();
        let response = Response { status, headers: HeaderMap::new(), body: body.to_owned().into() };
        read(response, DEFAULT_LIFETIME, None)
            .map(|(proof, lifetime)| (proof.secret().to_owned(), lifetime.as_secs()))
    }

    #[test]
    fn a_token_is_good_for_as_long_as_its_answer_says() {
        for (more, expected) in [
            (r#", "expires_in": 3600"#, 3600),
            (r#", "expires_in": "1799""#, 1799),
            (r#", "expires_in": 59.9, "token_type": "bearer""#, 59),
            (r#", "expires_in": 0"#, 0),
            (r#", "expires_in": -5"#, 0),
            (r#", "expires_in": 1e300"#, LONGEST_LIFETIME.as_secs()),
            (r#", "expires_in": "soon""#, DEFAULT_LIFETIME.as_secs()),
            (r#", "expires_in": null, "nested": {"a": [1]}"#, DEFAULT_LIFETIME.as_secs()),
            ("", DEFAULT_LIFETIME.as_secs()),
        ] {
            let body = format!(r#"{{"access_token": "t0k"{more}}}"#);
            assert_eq!(read_text(200, &body), Ok(("t0k".into(), expected)), "{more}");
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_refused_and_not_repeated() {
        for body in [
            "CANARY",
            r#"{"access_token": ""}"#,
            r#"{"access_token": ["CANARY"]}"#,
            r#"{"access_token": "CANARY", "token_type": "mac"}"#,
            r#"{"access_token": "CANARY\r\nX: 1"}"#,
            r#"{"error": "CANARY"}"#,
        ] {
            let error = read_text(200, body).unwrap_err();
            assert!(matches!(error, ConnectorError::Upstream(_)), "{body}: {error:?}");
            assert!(!error.to_string().contains("CANARY"), "{error}");
        }
    }

    #[test]
    fn a_vendor_s_own_refusals_come_before_the_standard_s() {
        let own: Meaning =
            |code, words| (code == "odd" && words == "w").then(|| ConnectorError::Forbidden(400.into()));
        let error = |body: &str| {
            let response = Response {
                status: StatusCode::BAD_REQUEST,
                headers: HeaderMap::new(),
                body: body.to_owned().into(),
            };
            read(response, DEFAULT_LIFETIME, Some(own)).err().unwrap()
        };
        assert_eq!(
            error(r#"{"error":"odd","error_description":"w"}"#),
            ConnectorError::Forbidden(400.into())
        );
        assert_eq!(error(r#"{"error":"invalid_grant"}"#), ConnectorError::CredentialsRefused(400.into()));
        assert!(matches!(error(r#"{"error":"odd"}"#), ConnectorError::Upstream(_)));
        assert!(matches!(error("<html>"), ConnectorError::Upstream(_)));
    }

    #[test]
    fn refusals_are_told_apart() {
        let error = |status, code: &str| read_text(status, &format!(r#"{{"error":"{code}"}}"#)).unwrap_err();
        assert_eq!(error(400, "invalid_client"), ConnectorError::CredentialsRefused(400.into()));
        assert_eq!(error(401, "anything"), ConnectorError::CredentialsRefused(401.into()));
        assert_eq!(error(403, ""), ConnectorError::Forbidden(403.into()));
        assert_eq!(error(429, ""), ConnectorError::RateLimited { retry_after: None });
        assert!(matches!(error(400, "invalid_scope"), ConnectorError::Credentials(_)));
        for (status, code) in [(400, "invalid_request"), (400, "CANARY"), (302, ""), (404, ""), (500, "")] {
            let error = error(status, code);
            assert!(matches!(error, ConnectorError::Upstream(_)), "{error:?}");
            assert!(!error.to_string().contains("CANARY"), "{error}");
        }
    }
}
