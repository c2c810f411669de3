//! The request's head: what is refused before anything else is looked at, and what the event tells of it.

use std::collections::BTreeMap;

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request::Parts};
use url::Url;

use super::{arrival::Arrival, identity::Identity, reply::Refusal};

/// The most an HTTP API takes in the request line and the header values together.
const HEAD_LIMIT: usize = 10_240;

/// Headers that speak of the connection or are told elsewhere in the event.
const DROPPED: [HeaderName; 9] = [
    header::CONNECTION,
    header::COOKIE,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// The domain that the client asked for.
pub(super) struct Host {
    /// `Host` as sent, its port too.
    pub(super) name: String,
    /// Its first label.
    pub(super) prefix: String,
}

/// Refuses a head larger than an HTTP API takes.
pub(super) fn within_limit(parts: &Parts) -> Result<(), Refusal> {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let line = parts.method.as_str().len() + target + "  HTTP/1.1".len();
    let values: usize = parts.headers.values().map(HeaderValue::len).sum();
    if line + values > HEAD_LIMIT { Err(Refusal::HeadTooLarge) } else { Ok(()) }
}

/// The one `Host`, refused unless a URL can be made with it: functions build the request's URL from it.
/// On Amazon's side no other host than the API's own reaches a function.
pub(super) fn host(headers: &HeaderMap) -> Result<Host, Refusal> {
    let mut sent = headers.get_all(header::HOST).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else { return Err(Refusal::BadRequest) };
    let name = value.to_str().map_err(|_| Refusal::BadRequest)?;
    if name.contains(|c: char| c.is_ascii_whitespace() || "/\\?#@".contains(c)) {
        return Err(Refusal::BadRequest);
    }
    let url = Url::parse(&format!("http://{name}/")).map_err(|_| Refusal::BadRequest)?;
    let _buildable: Uri = url.as_str().parse().map_err(|_| Refusal::BadRequest)?;
    let prefix = url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default().to_owned();
    Ok(Host { name: name.to_owned(), prefix })
}

/// The event's `headers`: names in lower case, repeated values joined, and what a gateway adds or overrides.
pub(super) fn headers(
    sent: &HeaderMap,
    arrival: Arrival,
    identity: &Identity,
    body_length: usize,
) -> BTreeMap<String, String> {
    let mut told: BTreeMap<String, String> = sent
        .keys()
        .filter(|name| !DROPPED.contains(name))
        .map(|name| (name.as_str().to_owned(), joined(sent, name)))
        .collect();
    let peer = arrival.peer.to_canonical();
    told.entry("x-forwarded-for".to_owned())
        .and_modify(|chain| *chain = format!("{chain}, {peer}"))
        .or_insert_with(|| peer.to_string());
    told.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    told.insert("x-forwarded-port".to_owned(), arrival.port.to_string());
    told.entry("x-amzn-trace-id".to_owned()).or_insert_with(|| identity.trace.clone());
    told.insert("content-length".to_owned(), body_length.to_string());
    told
}

/// The event's `cookies`: every pair of every `Cookie` header.
pub(super) fn cookies(sent: &HeaderMap) -> Vec<String> {
    let lines = sent.get_all(header::COOKIE).iter().map(text);
    let pairs = lines.flat_map(|line| line.split("; ").map(str::to_owned).collect::<Vec<_>>());
    pairs.filter(|pair| !pair.is_empty()).collect()
}

fn joined(sent: &HeaderMap, name: &HeaderName) -> String {
    sent.get_all(name).iter().map(text).collect::<Vec<_>>().join(",")
}

/// A value as text: UTF-8, or else Latin-1, which is what the bytes of an older client mean.
pub(super) fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;

    use super::*;
    use crate::gateway::testing::{ARRIVAL, identity};

    fn map(headers: &[(&str, &[u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    fn told(sent: &[(&str, &[u8])]) -> BTreeMap<String, String> {
        headers(&map(sent), ARRIVAL, &identity(), 7)
    }

    #[test]
    fn cookies_are_split_and_leave_the_headers() {
        let sent: &[(&str, &[u8])] = &[("Cookie", b"a=1; b=2"), ("cookie", b"c=3"), ("cookie", b"")];
        assert_eq!(cookies(&map(sent)), ["a=1", "b=2", "c=3"]);
        assert!(!told(sent).contains_key("cookie"));
    }

    #[test]
    fn repeated_headers_are_joined_and_connection_headers_dropped() {
        let told = told(&[
            ("X-Probe", b"first"),
            ("x-probe", b"second"),
            ("Connection", b"close"),
            ("Transfer-Encoding", b"chunked"),
        ]);
        assert_eq!(told["x-probe"], "first,second");
        assert!(!told.contains_key("connection") && !told.contains_key("transfer-encoding"));
    }

    #[test]
    fn a_gateway_says_where_the_request_came_from() {
        let told = told(&[]);
        assert_eq!(told["x-forwarded-for"], "192.0.2.7");
        assert_eq!(told["x-forwarded-proto"], "http");
        assert_eq!(told["x-forwarded-port"], "9000");
        assert_eq!(told["x-amzn-trace-id"], identity().trace);
        assert_eq!(told["content-length"], "7");
    }

    #[test]
    fn a_client_cannot_say_it_for_the_gateway() {
        let told = told(&[
            ("x-forwarded-for", b"10.0.0.1"),
            ("x-forwarded-proto", b"javascript"),
            ("x-forwarded-port", b"1"),
            ("content-length", b"99"),
        ]);
        assert_eq!(told["x-forwarded-for"], "10.0.0.1, 192.0.2.7");
        assert_eq!(told["x-forwarded-proto"], "http");
        assert_eq!(told["x-forwarded-port"], "9000");
        assert_eq!(told["content-length"], "7");
    }

    #[test]
    fn header_values_are_utf_8_or_else_latin_1() {
        let told = told(&[("x-utf", "café".as_bytes()), ("x-latin", b"caf\xE9")]);
        assert_eq!((told["x-utf"].as_str(), told["x-latin"].as_str()), ("café", "café"));
    }

    #[test]
    fn hosts_have_a_first_label() {
        for (sent, prefix) in [
            ("localhost:9000", "localhost"),
            ("abc.execute-api.eu-west-1.amazonaws.com", "abc"),
            ("[::1]:9000", "[::1]"),
        ] {
            let host = host(&map(&[("host", sent.as_bytes())])).ok().unwrap();
            assert_eq!((host.name.as_str(), host.prefix.as_str()), (sent, prefix));
        }
    }

    #[test]
    fn a_host_that_makes_no_url_is_refused() {
        for sent in ["", "a b", "a/b", "user@a", "a:99999", "[::1", "a%7Bb", "a\"b", "1.2.3.4.5", "caf\u{e9}"]
        {
            assert!(matches!(host(&map(&[("host", sent.as_bytes())])), Err(Refusal::BadRequest)), "{sent}");
        }
        assert!(host(&map(&[])).is_err());
        assert!(host(&map(&[("host", b"a"), ("host", b"b")])).is_err());
    }

    #[test]
    fn the_head_has_a_limit() {
        let sized = |padding: usize| {
            let request = Request::get("/?").header("x-padding", "x".repeat(padding)).body(()).unwrap();
            within_limit(&request.into_parts().0)
        };
        let line = "GET /? HTTP/1.1".len();
        assert!(sized(HEAD_LIMIT - line).is_ok());
        assert!(matches!(sized(HEAD_LIMIT - line + 1), Err(Refusal::HeadTooLarge)));
    }
}
