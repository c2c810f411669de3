//! An event of the gateway becomes the request that its client sent, with nothing added and nothing lost.

use api::Call;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue};
use model::session::{COOKIE, SessionToken};
use serde_json::{Map, Value, json};

use crate::{
    fixed::{NOW, Still},
    said::modest,
};

/// A request as a client sends it, and as the gateway tells of it.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The path, decoded, as `rawPath` has it.
    pub path: String,
    /// The query, as sent.
    pub query: String,
    /// The path's parameters, decoded.
    pub parameters: Vec<(String, String)>,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Cookies, each `name=value`.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request as a text: method and path, the query, then lines that begin with `h`, `c` or `p` for headers, cookies
/// and path parameters; an empty line, and the body.
pub fn check(data: &[u8]) {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = data.split_at(end.unwrap_or(data.len()));
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.split('\n');
    let Some((method, path)) = lines.next().and_then(|line| line.split_once(' ')) else { return };
    let mut sent = Sent { method: method.to_owned(), path: path.to_owned(), ..Sent::default() };
    lines.next().unwrap_or_default().clone_into(&mut sent.query);
    for line in lines {
        match line.split_at_checked(2) {
            Some(("h ", header)) => sent.headers.extend(pair(header, ": ")),
            Some(("p ", parameter)) => sent.parameters.extend(pair(parameter, "=")),
            Some(("c ", cookie)) => sent.cookies.push(cookie.to_owned()),
            _ => return,
        }
    }
    sent.body = body.get(2..).unwrap_or_default().to_vec();
    if sent.is_sendable() {
        arrives(&sent);
    }
}

fn pair(text: &str, between: &str) -> Option<(String, String)> {
    text.split_once(between).map(|(name, value)| (name.to_owned(), value.to_owned()))
}

impl Sent {
    /// Whether a client can send it and the gateway takes it: `host`, scheme, cookies and lengths are the gateway's
    /// own headers, a decoded `?` ends the path, and the query has no character that a URL can't have.
    fn is_sendable(&self) -> bool {
        let own = ["host", "cookie", "x-forwarded-proto"];
        let plain =
            |name: &str| HeaderName::from_bytes(name.as_bytes()).is_ok_and(|known| known.as_str() == name);
        let name_ok = |name: &str| !own.contains(&name) && plain(name);
        let headers =
            self.headers.iter().all(|(name, value)| name_ok(name) && HeaderValue::from_str(value).is_ok());
        let cookies = self.cookies.iter().all(|cookie| HeaderValue::from_str(cookie).is_ok());
        let query = |byte: u8| matches!(byte, 0x21 | 0x24..=0x3b | 0x3d | 0x3f..=0x7e);
        let short = self.path.len() + self.query.len() <= 10_240;
        let method = !self.method.is_empty() && self.method.bytes().all(|byte| byte.is_ascii_uppercase());
        let path = self.path.starts_with('/') && !self.path.contains('?');
        headers && cookies && method && path && short && self.query.bytes().all(query)
    }

    fn event(&self) -> Value {
        let mut headers = Map::new();
        for (name, value) in &self.headers {
            match headers.get_mut(name) {
                Some(Value::String(known)) => *known = format!("{known},{value}"),
                _ => drop(headers.insert(name.clone(), value.as_str().into())),
            }
        }
        headers.insert("host".into(), "abc.execute-api.us-east-1.amazonaws.com".into());
        headers.insert("x-forwarded-proto".into(), "https".into());
        let text = std::str::from_utf8(&self.body).ok();
        let body = text.map_or_else(|| BASE64_STANDARD.encode(&self.body), str::to_owned);
        let parameters: Map<String, Value> =
            self.parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let mut event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": self.path, "rawQueryString": self.query,
            "headers": headers, "pathParameters": parameters, "body": body, "isBase64Encoded": text.is_none(),
            "requestContext": {
                "accountId": "123456789012", "apiId": "abc", "domainName": "abc.execute-api.us-east-1.amazonaws.com",
                "http": {"method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.24"},
                "requestId": "the-id", "routeKey": "$default", "stage": "$default",
                "time": "10/Jul/2026:19:19:11 +0000", "timeEpoch": NOW * 1000,
            },
        });
        if !self.cookies.is_empty() {
            event["cookies"] = self.cookies.clone().into();
        }
        event
    }
}

/// What the handlers read is what was sent.
pub fn arrives(sent: &Sent) {
    let request = lambda_http::request::from_str(&sent.event().to_string());
    let call = Call::new(request.unwrap_or_else(|error| panic!("{sent:?}: {error}")), &Still);
    assert_eq!(
        (call.method.as_str(), &call.path, call.request_id.as_str()),
        (sent.method.as_str(), &sent.path, "the-id")
    );
    assert_eq!(call.body, sent.body);
    let sorted = |mut pairs: Vec<(String, String)>| {
        // Values of one name keep their order.
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        pairs
    };
    assert_eq!(sorted(call.query.clone()), sorted(decoded(&sent.query)), "the query of {sent:?}");
    for (name, _) in &sent.parameters {
        let last = sent.parameters.iter().rev().find(|(known, _)| known == name);
        assert_eq!(call.parameter(name), last.map(|(_, value)| value.as_str()), "{name}");
    }
    for (name, _) in &sent.headers {
        let values = sent.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let joined = values.collect::<Vec<_>>().join(",");
        let visible = joined.bytes().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e));
        assert_eq!(call.header(name), visible.then_some(joined.as_str()), "{name}");
    }
    cookie(&call, sent);
    body(&call, sent);
}

/// The pairs of a query, read by hand.
fn decoded(query: &str) -> Vec<(String, String)> {
    let unescaped = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, behind @ ..] = rest {
            let digit = |at: usize| char::from(behind.get(at).copied().unwrap_or_default()).to_digit(16);
            rest = behind;
            match (first, digit(0), digit(1)) {
                (b'%', Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).expect("a byte"));
                    rest = &behind[2..];
                }
                (b'+', ..) => bytes.push(b' '),
                (byte, ..) => bytes.push(*byte),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(n, v)| (unescaped(n), unescaped(v)))
        .collect()
}

/// The first cookie of our name counts, and its hash says nothing of it.
fn cookie(call: &Call, sent: &Sent) {
    let all = sent.cookies.join("; ");
    let own = all.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE);
    assert_eq!(call.cookie(COOKIE), own.map(|(_, value)| value), "the cookie of {sent:?}");
    if let Some((_, value)) = own {
        let hash = SessionToken::from_cookie(value).hash();
        assert!(hash.as_str().len() == 64 && hash.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}

/// A body is JSON where it says so and is; the refusal repeats none of it.
fn body(call: &Call, sent: &Sent) {
    match api::body::optional(call, api::body::PORTAL_LIMIT) {
        Ok(None) => assert!(sent.body.is_empty()),
        Ok(Some(value)) => assert_eq!(model::json::parse(&sent.body).ok(), Some(value)),
        Err(problem) => {
            let readable =
                model::json::parse(&sent.body).is_ok() && sent.body.len() <= api::body::PORTAL_LIMIT;
            assert!(!readable || problem.status == 415, "{}", problem.detail);
            modest(&problem.detail, &String::from_utf8_lossy(&sent.body), 160);
        }
    }
}
