//! The event of payload format 2.0, its fields named and ordered as Amazon's documentation has them.

use std::collections::BTreeMap;

use lambda_http::http::{header, request::Parts};
use serde::Serialize;
use url::form_urlencoded;

use super::{
    arrival::Arrival,
    body,
    head::{self, Host},
    identity::Identity,
    path::RequestPath,
    reply::Refusal,
    route::Target,
};

/// The largest event that Lambda takes in a synchronous call.
const EVENT_LIMIT: usize = 6 * 1024 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: String,
    source_ip: String,
    user_agent: String,
}

/// Builds the event's JSON, refusing one that Lambda would not take.
pub(super) fn encode(
    parts: &Parts,
    body: &[u8],
    host: &Host,
    path: &RequestPath,
    target: &Target<'_>,
    arrival: Arrival,
    identity: &Identity,
) -> Result<Vec<u8>, Refusal> {
    let raw_query_string = parts.uri.query().unwrap_or_default();
    let content_type = parts.headers.get(header::CONTENT_TYPE).map(head::text);
    let (told_body, is_base64_encoded) = body::tell(body, content_type.as_deref());
    let event = Event {
        version: "2.0",
        route_key: target.route_key,
        raw_path: path.raw(),
        raw_query_string,
        cookies: head::cookies(&parts.headers),
        headers: head::headers(&parts.headers, arrival, identity, body.len()),
        query_string_parameters: query_string_parameters(raw_query_string),
        request_context: RequestContext {
            account_id: "123456789012",
            api_id: "local",
            domain_name: &host.name,
            domain_prefix: &host.prefix,
            http: Http {
                method: parts.method.as_str(),
                path: path.raw(),
                protocol: format!("{:?}", parts.version),
                source_ip: arrival.peer.to_canonical().to_string(),
                user_agent: parts.headers.get(header::USER_AGENT).map(head::text).unwrap_or_default(),
            },
            request_id: &identity.request_id,
            route_key: target.route_key,
            stage: "$default",
            time: identity.arrived.wall.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            time_epoch: identity.arrived.wall.as_millisecond(),
        },
        path_parameters: &target.parameters,
        body: told_body,
        is_base64_encoded,
    };
    let event = serde_json::to_vec(&event).map_err(|_| Refusal::Internal)?;
    if event.len() > EVENT_LIMIT { Err(Refusal::EntityTooLarge) } else { Ok(event) }
}

/// Decoded as forms are (`+` is a space), the values of one name joined.
fn query_string_parameters(raw: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    parameters
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use serde_json::{Value, json};

    use super::*;
    use crate::gateway::testing::{ARRIVAL, Constant, identity};

    fn encoded(request: Request<Vec<u8>>, parameters: BTreeMap<&str, &str>) -> Result<Vec<u8>, Refusal> {
        let (parts, body) = request.into_parts();
        let path = RequestPath::decode(parts.uri.path())?;
        let host = head::host(&parts.headers)?;
        let function = Constant::default();
        let target = Target { route_key: "POST /a/{name}", parameters, function: &function };
        encode(&parts, &body, &host, &path, &target, ARRIVAL, &identity())
    }

    fn event(request: Request<Vec<u8>>) -> Value {
        serde_json::from_slice(&encoded(request, BTreeMap::new()).ok().unwrap()).unwrap()
    }

    #[test]
    fn a_full_request_is_told_as_amazon_tells_it() {
        let request =
            Request::post("/a/space%20value?repeat=one&repeat=two&to=https%3A%2F%2Fe.org&p=a+b&q=a%2Bb&e=")
                .header("Host", "abc.example.com")
                .header("Content-Type", "application/json")
                .header("User-Agent", "curl/8.7.1")
                .header("Cookie", "session=abc123; theme=dark")
                .header("X-Probe", "first")
                .header("X-Probe", "second")
                .body("{\"λ\":1}".as_bytes().to_vec())
                .unwrap();
        let parameters = BTreeMap::from([("name", "space value")]);
        let event: Value = serde_json::from_slice(&encoded(request, parameters).ok().unwrap()).unwrap();
        let expected = json!({
            "version": "2.0",
            "routeKey": "POST /a/{name}",
            "rawPath": "/a/space value",
            "rawQueryString": "repeat=one&repeat=two&to=https%3A%2F%2Fe.org&p=a+b&q=a%2Bb&e=",
            "cookies": ["session=abc123", "theme=dark"],
            "headers": {
                "content-length": "8",
                "content-type": "application/json",
                "host": "abc.example.com",
                "user-agent": "curl/8.7.1",
                "x-amzn-trace-id": "Root=1-6a5145a9-abababababababababababab",
                "x-forwarded-for": "192.0.2.7",
                "x-forwarded-port": "9000",
                "x-forwarded-proto": "http",
                "x-probe": "first,second",
            },
            "queryStringParameters": {
                "repeat": "one,two", "to": "https://e.org", "p": "a b", "q": "a+b", "e": "",
            },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": "abc.example.com",
                "domainPrefix": "abc",
                "http": {
                    "method": "POST",
                    "path": "/a/space value",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.7",
                    "userAgent": "curl/8.7.1",
                },
                "requestId": "q6urq6urq6urq6s=",
                "routeKey": "POST /a/{name}",
                "stage": "$default",
                "time": "10/Jul/2026:19:19:05 +0000",
                "timeEpoch": 1_783_711_145_766_i64,
            },
            "pathParameters": { "name": "space value" },
            "body": "{\"λ\":1}",
            "isBase64Encoded": false,
        });
        assert_eq!(event, expected);
    }

    #[test]
    fn what_is_empty_is_absent() {
        let event = event(Request::get("/").header("host", "a").body(Vec::new()).unwrap());
        for name in ["cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"] {
            assert_eq!(event.get(name), None, "{name}");
        }
        assert_eq!(event["rawQueryString"], "");
        assert_eq!(event["isBase64Encoded"], false);
        assert_eq!(event["headers"]["content-length"], "0");
    }

    #[test]
    fn a_binary_body_is_base64() {
        let request = Request::post("/").header("host", "a").body(vec![0xFF, 0xFE]).unwrap();
        let event = event(request);
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("//4="), &json!(true)));
    }

    #[test]
    fn an_event_larger_than_lambda_takes_is_refused() {
        let sized = |length| {
            let request = Request::post("/").header("host", "a").header("content-type", "text/plain");
            encoded(request.body(vec![b'x'; length]).unwrap(), BTreeMap::new())
        };
        // The length of the body shows in its header too: seven digits, as at the limit.
        let rest = sized(1_000_000).ok().unwrap().len() - 1_000_000;
        assert_eq!(sized(EVENT_LIMIT - rest).ok().unwrap().len(), EVENT_LIMIT);
        assert!(matches!(sized(EVENT_LIMIT - rest + 1), Err(Refusal::EntityTooLarge)));
    }
}
