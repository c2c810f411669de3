//! One request, typed: what the handlers read, whatever spelling the event had.

use std::time::Duration;

use lambda_http::{
    Body, Request, RequestExt,
    http::{HeaderMap, Method},
    request::RequestContext,
};
use model::{
    clock::{Clock, Moment},
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    problem::Problem,
};
use telemetry::{Arrival, Trace};

/// API Gateway gives up after 30 s; an answer takes a moment to travel.
const GATEWAY: Duration = Duration::from_secs(29);
/// What an invocation keeps back to answer in.
const RESERVE: Duration = Duration::from_millis(500);
/// Milliseconds since the epoch below which a deadline is none (9 September 2001): `cargo lambda watch` gives the
/// time left where Lambda gives the moment it ends.
const A_MOMENT: u64 = 1_000_000_000_000;

/// One request.
pub struct Call {
    /// The route key, `$default` where no route matched at the gateway.
    pub route_key: Option<String>,
    /// The method.
    pub method: Method,
    /// The path as the gateway decoded it; for matching under `$default` only.
    pub path: String,
    /// Path parameters, decoded.
    pub parameters: Vec<(String, String)>,
    /// Query parameters, decoded, in the order of their names; several of one name as they were sent.
    pub query: Vec<(String, String)>,
    /// Headers; cookies are joined in `cookie`.
    pub headers: HeaderMap,
    /// The body, decoded.
    pub body: Vec<u8>,
    /// Finds the request in every log.
    pub request_id: String,
    /// What Lambda calls the same request, where that is something else.
    pub lambda_request_id: Option<String>,
    /// The version of the function, where Lambda runs it.
    pub version: Option<String>,
    /// The trace that the invocation belongs to. It comes from Lambda and never from a header of the request, which a
    /// caller writes; and Lambda's, which may repeat the caller's, is read and not taken as it is.
    pub trace: Option<Trace>,
    /// What the container says of the request's arrival, where one does.
    pub arrival: Option<Arrival>,
    /// When it reached the handler.
    pub started: Moment,
    /// By when it must be answered.
    pub deadline: Deadline,
}

impl Call {
    /// Reads an event.
    pub fn new(mut request: Request, clock: &dyn Clock) -> Self {
        let started = clock.now();
        let context = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => Some(context),
            _ => None,
        };
        let route_key = context.and_then(|context| context.route_key.clone());
        let gateway_epoch_ms = context.map(|context| context.time_epoch);
        let gateway_id = context.and_then(|context| context.request_id.clone());
        let lambda = request.lambda_context_ref();
        let lambda_deadline = lambda.map(|context| context.deadline);
        let lambda_id = lambda.map(|context| context.request_id.clone());
        let version = lambda.map(|context| context.env_config.version.clone());
        let trace = lambda.and_then(|context| Trace::parse(context.xray_trace_id.as_deref()?));
        let parameters = request.path_parameters();
        // The URI can't tell: a path with a decoded `#` in it ends there, and the query with it.
        let query = request.query_string_parameters();
        let mut query: Vec<_> =
            query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        query.sort_by(|one, other| one.0.cmp(&other.0));
        Self {
            deadline: deadline(started, gateway_epoch_ms, lambda_deadline),
            route_key,
            method: request.method().clone(),
            path: request.raw_http_path().to_owned(),
            parameters: parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            query,
            version: version.filter(|version| !version.is_empty()),
            trace,
            arrival: request.extensions().get().copied(),
            lambda_request_id: lambda_id
                .clone()
                .filter(|id| gateway_id.as_ref().is_some_and(|own| own != id)),
            request_id: gateway_id.or(lambda_id).unwrap_or_else(|| "-".to_owned()),
            headers: std::mem::take(request.headers_mut()),
            started,
            body: match request.into_body() {
                Body::Text(text) => text.into_bytes(),
                Body::Binary(bytes) => bytes,
                _ => Vec::new(),
            },
        }
    }

    /// A header as text; one that is no text counts as absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header that must not be overlooked: bytes that are no text show as replacement characters.
    pub fn header_lossy(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// A cookie. Others beside it may hold any bytes: they are not ours to judge.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self
            .headers
            .get_all("cookie")
            .into_iter()
            .flat_map(|value| value.as_bytes().split(|b| *b == b';'));
        pairs
            .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Whether a browser asks which writes of another site it may send.
    pub fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS && self.headers.contains_key("access-control-request-method")
    }

    /// A query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// A path parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    /// The connector that the path names; a name that no connector can have is one that does not exist.
    pub fn connector_name(&self) -> Result<ConnectorName, Problem> {
        let value = self.parameter("connectorName");
        value.and_then(|value| ConnectorName::parse(value).ok()).ok_or_else(Problem::connector_not_found)
    }

    /// The tenant that the query names.
    pub fn tenant_parameter(&self) -> Result<Option<TenantId>, Problem> {
        self.query("tenant_id")
            .map(TenantId::parse)
            .transpose()
            .map_err(|error| Problem::bad_request(format!("The query parameter tenant_id {error}.")))
    }
}

/// The earlier of what the gateway and what the invocation leave.
fn deadline(started: Moment, gateway_epoch_ms: Option<i64>, lambda_deadline_ms: Option<u64>) -> Deadline {
    let now = started.wall.as_millisecond();
    let left = |until: i64| Duration::from_millis(u64::try_from(until - now).unwrap_or(0));
    // An event older than the gateway waits is a replay of a stored one: nobody is waiting for it there.
    let gateway = gateway_epoch_ms
        .map(|epoch| left(epoch.saturating_add(GATEWAY.as_millis().try_into().unwrap_or(i64::MAX))))
        .filter(|left| !left.is_zero())
        .map_or(GATEWAY, |left| left.min(GATEWAY));
    let lambda = lambda_deadline_ms.map_or(GATEWAY, |until| {
        let moment = i64::try_from(until).unwrap_or(i64::MAX);
        let left = if until < A_MOMENT { Duration::from_millis(until) } else { left(moment) };
        left.saturating_sub(RESERVE)
    });
    Deadline::after(started, gateway.min(lambda))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::clock::SystemClock;

    fn seconds_left(gateway: Option<i64>, lambda: Option<i64>) -> u64 {
        let now = SystemClock.now();
        let at = |offset: i64| now.wall.as_millisecond() + offset * 1000;
        let lambda = lambda.map(|offset| u64::try_from(at(offset)).unwrap());
        let deadline = deadline(now, gateway.map(at), lambda);
        deadline.left(now).map_or(0, |left| left.as_millis().div_ceil(1000).try_into().unwrap())
    }

    #[test]
    fn the_gateways_clock_runs_from_the_requests_arrival() {
        assert_eq!(seconds_left(Some(-4), None), 25);
        assert_eq!(seconds_left(Some(100), None), 29);
        assert_eq!(seconds_left(None, None), 29);
    }

    #[test]
    fn the_invocations_own_time_counts_less_half_a_second() {
        assert_eq!(seconds_left(Some(0), Some(10)), 10);
        assert_eq!(seconds_left(Some(-20), Some(10)), 9);
        assert_eq!(seconds_left(Some(0), Some(0)), 0);
    }

    #[test]
    fn a_deadline_that_is_a_duration_is_taken_as_one() {
        let left = |ms| {
            let now = SystemClock.now();
            deadline(now, None, Some(ms)).left(now).map_or(0, |left| left.as_millis())
        };
        assert_eq!((left(600_000), left(10_000)), (29_000, 9_500));
    }

    #[test]
    fn a_number_sign_in_the_path_does_not_end_the_query() {
        let event = r#"{"version": "2.0", "rawPath": "/a#b", "rawQueryString": "b=2&a=1&b=1", "headers": {"host": "a.example"},
            "requestContext": {"http": {"method": "GET"}, "stage": "$default"}, "isBase64Encoded": false}"#;
        let call = Call::new(lambda_http::request::from_str(event).unwrap(), &SystemClock);
        let pairs: Vec<_> = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!((call.path.as_str(), pairs.join("&").as_str()), ("/a#b", "a=1&b=2&b=1"));
    }

    #[test]
    fn a_replayed_event_has_the_whole_time() {
        assert_eq!(seconds_left(Some(-100_000), None), 29);
    }
}
