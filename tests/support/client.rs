//! An HTTP client of a few lines: what is sent is what the test wrote, header by header.

use std::error::Error;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request},
};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// A request in the making.
#[derive(Clone)]
pub struct Call {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Connections that are kept, for whoever calls often.
#[derive(Clone)]
pub struct Line(Client<HttpConnector, Body>);

impl Default for Line {
    fn default() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Call {
    /// A request without headers or body.
    pub fn new(method: &str, url: String) -> Self {
        Self { method: method.to_owned(), url, headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds the session cookie.
    #[must_use]
    pub fn session(self, token: &str) -> Self {
        self.header("cookie", &format!("axonflow_session={token}"))
    }

    /// Sets a JSON body with its content type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string().into_bytes())
    }

    /// Sets a body and no content type.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self) -> Reply {
        self.try_send().await.expect("an answer")
    }

    /// The same, where the other side may be gone before it has answered.
    pub async fn try_send(self) -> Result<Reply, Box<dyn Error + Send + Sync>> {
        // A runtime of its own for each test: connections are not shared between them.
        self.send_on(&Line::default()).await
    }

    /// The same over connections that are kept.
    pub async fn send_on(self, line: &Line) -> Result<Reply, Box<dyn Error + Send + Sync>> {
        let request = Request::builder().method(self.method.as_str()).uri(&self.url);
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = request.body(Body::from(self.body)).expect("a request");
        let (parts, body) = line.0.request(request).await?.into_parts();
        let bytes: Bytes = body.collect().await?.to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, text })
    }
}

impl Reply {
    /// Expects a status.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the status may be all that is asked")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Expects a problem of a status and kind, in the one shape that every error has, and gives its body.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(body["type"], format!("urn:axonflow:problem:{kind}"), "{body}");
        assert_eq!(body["status"], status);
        for member in ["title", "detail"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {body}");
        }
        assert_eq!(body["instance"], self.header("apigw-requestid"), "the request id");
        assert_eq!(body["errors"].is_array(), status == 422, "{body}");
        for (needing, header) in
            [(401, "www-authenticate"), (405, "allow"), (429, "retry-after"), (503, "retry-after")]
        {
            assert!(status != needing || !self.header(header).is_empty(), "{status} without {header}");
        }
        body
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        model::json::parse(self.text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header, the empty string where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text header"))
    }

    /// The pointers of a 422, sorted.
    pub fn pointers(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<String> =
            errors.iter().map(|error| error["pointer"].as_str().unwrap_or_default().to_owned()).collect();
        pointers.sort();
        pointers
    }
}
