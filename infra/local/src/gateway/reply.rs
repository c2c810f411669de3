//! What goes back to the client: the function's response as HTTP, or the gateway's own refusal.

use std::{collections::BTreeMap, io};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

/// The largest response that Lambda takes from a function.
const RESPONSE_LIMIT: usize = 6_291_556;

/// Headers of the connection, which are the gateway's to set.
const DROPPED: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// An answer that the gateway makes itself, in its own shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A request that no event can be made of.
    BadRequest,
    /// A body that did not arrive in time.
    RequestTimeout,
    /// A body or an event over its limit.
    EntityTooLarge,
    /// A request line and headers over their limit.
    HeadTooLarge,
    /// A function that failed, or answered what is no response.
    Internal,
    /// A function that did not answer in time.
    Unavailable,
}

impl Refusal {
    pub(super) fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
            Self::EntityTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::HeadTooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        let body = format!("{{\"message\":\"{message}\"}}");
        (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

/// A function's response in payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    status_code: u16,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// Turns a function's response into HTTP; one that is too large or is no response is an internal error.
pub(super) fn to_http(answer: Value, request_id: &str) -> Result<Response, Refusal> {
    let length = json_length(&answer);
    if length > RESPONSE_LIMIT {
        tracing::error!(request_id, length, "function's response is over Lambda's limit");
        return Err(Refusal::Internal);
    }
    let reply = serde_json::from_value(answer).ok().and_then(build);
    reply.ok_or_else(|| {
        tracing::error!(request_id, "function's answer is not a response of payload format 2.0");
        Refusal::Internal
    })
}

fn build(reply: Reply) -> Option<Response> {
    let status = StatusCode::from_u16(reply.status_code).ok().filter(|status| status.as_u16() >= 200)?;
    let mut headers = HeaderMap::new();
    let single = reply.headers.unwrap_or_default().into_iter().map(|(name, value)| (name, vec![value]));
    for (name, values) in single.chain(reply.multi_value_headers.unwrap_or_default()) {
        let name = HeaderName::try_from(name).ok()?;
        if DROPPED.contains(&name) {
            continue;
        }
        for value in values {
            headers.append(&name, HeaderValue::try_from(value).ok()?);
        }
    }
    for cookie in reply.cookies.unwrap_or_default() {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    let body = match reply.body.unwrap_or_default() {
        text if reply.is_base64_encoded.unwrap_or_default() => BASE64_STANDARD.decode(text).ok()?,
        text => text.into_bytes(),
    };
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    let body = if bodiless { Body::empty() } else { Body::from(body) };
    Some((status, headers, body).into_response())
}

/// The length of a value's JSON, without making it.
fn json_length(value: &Value) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Writing to a counter cannot fail; were it to, the response would be no smaller than any limit.
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::*;

    async fn body(response: Response) -> Vec<u8> {
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    #[tokio::test]
    async fn headers_cookies_and_text_go_back() {
        let answer = json!({
            "statusCode": 201,
            "headers": { "content-type": "text/plain", "content-length": "99", "connection": "close" },
            "multiValueHeaders": { "link": ["<a>", "<b>"] },
            "cookies": ["a=1; Secure", "b=2"],
            "body": "héllo",
            "isBase64Encoded": false,
        });
        let response = to_http(answer, "id").unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let all =
            |name| response.headers().get_all(name).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(all("set-cookie"), ["a=1; Secure", "b=2"]);
        assert_eq!(all("link"), ["<a>", "<b>"]);
        assert_eq!(all("content-type"), ["text/plain"]);
        assert!(all("content-length").is_empty() && all("connection").is_empty());
        assert_eq!(body(response).await, "héllo".as_bytes());
    }

    #[tokio::test]
    async fn a_base64_body_is_decoded() {
        let answer = json!({ "statusCode": 200, "body": "//4=", "isBase64Encoded": true });
        assert_eq!(body(to_http(answer, "id").unwrap()).await, b"\xFF\xFE");
    }

    #[tokio::test]
    async fn statuses_without_a_body_carry_none() {
        for status in [204, 304] {
            let response = to_http(json!({ "statusCode": status, "body": "x" }), "id").unwrap();
            assert_eq!(response.status(), status);
            assert!(body(response).await.is_empty());
        }
    }

    #[test]
    fn what_is_no_response_is_an_internal_error() {
        for answer in [
            json!(null),
            json!({ "body": "x" }),
            json!({ "statusCode": 99 }),
            json!({ "statusCode": 100 }),
            json!({ "statusCode": 1000 }),
            json!({ "statusCode": 200, "body": "*", "isBase64Encoded": true }),
            json!({ "statusCode": 200, "headers": { "a b": "c" } }),
            json!({ "statusCode": 200, "headers": { "a": "b\nc" } }),
        ] {
            assert_eq!(to_http(answer.clone(), "id").unwrap_err(), Refusal::Internal, "{answer}");
        }
    }

    #[test]
    fn a_response_larger_than_lambda_takes_is_an_internal_error() {
        let sized = |length: usize| to_http(json!({ "statusCode": 200, "body": "x".repeat(length) }), "id");
        let rest = json_length(&json!({ "statusCode": 200, "body": "" }));
        assert!(sized(RESPONSE_LIMIT - rest).is_ok());
        assert_eq!(sized(RESPONSE_LIMIT - rest + 1).unwrap_err(), Refusal::Internal);
    }
}
