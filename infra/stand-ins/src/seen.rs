//! A request as it arrived.

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use url::form_urlencoded;

/// One request.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Its path, escapes left as they were sent.
    pub path: String,
    /// Its query string, as sent; empty where there is none.
    pub query: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Seen {
    /// A header's text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The content type without its parameters, in lower case.
    pub fn content_type(&self) -> String {
        self.header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The query parameters, decoded, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// A query parameter's first value.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query_pairs().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The form that the body is, decoded, in order.
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A form field's first value.
    pub fn field(&self, name: &str) -> Option<String> {
        self.form_pairs().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The JSON that the body is; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The bearer token; empty where there is none.
    pub fn bearer(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
    }

    /// User and password of HTTP Basic.
    pub fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header("authorization").strip_prefix("Basic ")?;
        let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// The path's segments, decoded. The path `/a/b%2Fc` has two.
    pub fn segments(&self) -> Vec<String> {
        let decoded = |segment: &str| {
            // A plus is itself in a path.
            let text = segment.replace('+', "%2B");
            form_urlencoded::parse(text.as_bytes())
                .next()
                .map_or(String::new(), |(name, _)| name.into_owned())
        };
        self.path.split('/').skip(1).map(decoded).collect()
    }
}
