//! An upstream's answer as a text: `<type> <status>` in the first line, then headers, an empty line, and the body.

use egress::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use model::connector_type::ConnectorType;

use crate::fixed::first_line;

/// What a connector of a type was answered; nothing where no HTTP client would have given it on.
pub(crate) fn answered(data: &[u8]) -> Option<(ConnectorType, Response)> {
    let (line, mut rest) = first_line(data);
    let (kind, status) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let kind = ConnectorType::ALL.into_iter().find(|known| known.as_str() == kind)?;
    let status = StatusCode::from_bytes(status.as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    loop {
        let (line, behind) = first_line(rest);
        rest = behind;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        headers.append(HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?);
    }
    Some((kind, Response { status, headers, body: bytes::Bytes::copy_from_slice(rest) }))
}

/// A header as text, where it is one.
pub(crate) fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.get(name)?.to_str().ok()
}
