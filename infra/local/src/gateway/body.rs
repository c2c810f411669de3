//! The request's body: read up to the gateway's limit, then told as text or as base64.

use std::str;

use axum::body::{Body, Bytes};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http_body_util::BodyExt as _;

use super::reply::Refusal;

/// The largest body an HTTP API takes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// How much of a body that is too large is still taken off the wire. An answer sent while the client is
/// writing is lost to a reset, so the usual mistake is read to its end and told its name.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// The types that an HTTP API tells as text. Amazon does not document them; these were measured, and so was
/// that forms, other `+json` types and bodies without a type are base64.
const TEXT_TYPES: [&str; 4] =
    ["application/json", "application/javascript", "application/xml", "application/graphql"];

/// Reads a whole body.
pub(super) async fn read(mut body: Body) -> Result<Vec<u8>, Refusal> {
    let mut kept = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let data: Bytes = frame.map_err(|_| Refusal::BadRequest)?.into_data().unwrap_or_default();
        length += data.len();
        if length <= BODY_LIMIT {
            kept.extend_from_slice(&data);
        } else if length > DRAIN_LIMIT {
            break;
        }
    }
    if length > BODY_LIMIT { Err(Refusal::EntityTooLarge) } else { Ok(kept) }
}

/// The event's `body` and `isBase64Encoded`. Text that is not UTF-8 cannot be told as text.
pub(super) fn tell(body: &[u8], content_type: Option<&str>) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match str::from_utf8(body) {
        Ok(text) if content_type.is_some_and(is_text) => (Some(text.to_owned()), false),
        _ => (Some(BASE64_STANDARD.encode(body)), true),
    }
}

fn is_text(content_type: &str) -> bool {
    let content_type = content_type.to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let charset = parts.find_map(|parameter| parameter.strip_prefix("charset="));
    let known = media_type.starts_with("text/") || TEXT_TYPES.contains(&media_type);
    known && charset.is_none_or(|charset| charset.trim_matches('"') == "utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_types_are_told_as_text() {
        for content_type in [
            "text/plain",
            "text/csv",
            "TEXT/PLAIN; CHARSET=UTF-8",
            "application/json",
            "application/json;charset=\"utf-8\"",
            "application/xml",
            "application/javascript",
        ] {
            assert_eq!(tell("é".as_bytes(), Some(content_type)), (Some("é".into()), false), "{content_type}");
        }
    }

    #[test]
    fn other_types_are_told_as_base64() {
        for content_type in [
            None,
            Some("text/plain; charset=iso-8859-1"),
            Some("application/octet-stream"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/problem+json"),
            Some("image/svg+xml"),
        ] {
            assert_eq!(tell(b"hello", content_type), (Some("aGVsbG8=".into()), true), "{content_type:?}");
        }
    }

    #[test]
    fn text_that_is_not_utf_8_is_told_as_base64() {
        assert_eq!(tell(b"\xFF\xFE", Some("application/json")), (Some("//4=".into()), true));
    }

    #[test]
    fn an_empty_body_is_not_told() {
        assert_eq!(tell(b"", Some("application/octet-stream")), (None, false));
    }

    #[tokio::test]
    async fn the_limit_is_exact() {
        let sized = |length| async move { read(Body::from(vec![0; length])).await };
        assert_eq!(sized(BODY_LIMIT).await.ok().unwrap().len(), BODY_LIMIT);
        assert!(matches!(sized(BODY_LIMIT + 1).await, Err(Refusal::EntityTooLarge)));
    }
}
