//! Every route of the system, one truth for the functions, the local gateway and the template.
//!
//! Dispatch is on `routeKey` and the path parameters that the gateway decoded, never on the URI: API Gateway's
//! `rawPath` is decoded and cut at a decoded `?`. Only where there is no route key (`$default`: unknown paths,
//! and everything under `cargo lambda watch`) the path is matched against the same table.

use percent_encoding::percent_decode_str;

use crate::host::Host;

/// One route.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// The API that has it.
    pub host: Host,
    /// The function that answers it.
    pub function: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path, parameters in braces.
    pub template: &'static str,
}

const fn portal(function: &'static str, method: &'static str, template: &'static str) -> Route {
    Route { host: Host::Portal, function, method, template }
}

const fn agent(function: &'static str, method: &'static str, template: &'static str) -> Route {
    Route { host: Host::Agent, function, method, template }
}

/// The collection of connectors.
pub const CONNECTORS: &str = "/api/v1/connectors";
/// One connector.
pub const CONNECTOR: &str = "/api/v1/connectors/{connectorName}";
/// A connector's test.
pub const CONNECTOR_TEST: &str = "/api/v1/connectors/{connectorName}/test";
/// The API's own description.
pub const OPENAPI: &str = "/openapi.json";
/// A governed query.
pub const QUERY: &str = "/mcp/resources/query";
/// A governed write.
pub const EXECUTE: &str = "/mcp/tools/execute";
/// What a tenant's agents can call.
pub const AGENT_CONNECTORS: &str = "/mcp/connectors";
/// Whether one of them can be called now.
pub const AGENT_HEALTH: &str = "/mcp/connectors/{name}/health";
/// Refreshing everything.
pub const REFRESH: &str = "/api/v1/connectors/refresh";
/// Refreshing one tenant.
pub const REFRESH_TENANT: &str = "/api/v1/connectors/refresh/{tenant_id}";
/// Refreshing one connector.
pub const REFRESH_CONNECTOR: &str = "/api/v1/connectors/refresh/{tenant_id}/{connector_name}";
/// What the caches did.
pub const CACHE_STATS: &str = "/api/v1/connectors/cache/stats";

/// The table.
pub const ROUTES: [Route; 16] = [
    portal("portal-connectors", "GET", OPENAPI),
    portal("portal-connectors", "GET", CONNECTORS),
    portal("portal-connectors", "POST", CONNECTORS),
    portal("portal-connectors", "GET", CONNECTOR),
    portal("portal-connectors", "PUT", CONNECTOR),
    portal("portal-connectors", "DELETE", CONNECTOR),
    portal("portal-test", "POST", CONNECTOR_TEST),
    agent("agent-invoke", "GET", OPENAPI),
    agent("agent-invoke", "GET", AGENT_CONNECTORS),
    agent("agent-invoke", "GET", AGENT_HEALTH),
    agent("agent-invoke", "POST", QUERY),
    agent("agent-invoke", "POST", EXECUTE),
    agent("agent-refresh", "POST", REFRESH),
    agent("agent-refresh", "POST", REFRESH_TENANT),
    agent("agent-refresh", "POST", REFRESH_CONNECTOR),
    agent("cache-stats", "GET", CACHE_STATS),
];

/// Where a request belongs.
#[derive(Debug, PartialEq, Eq)]
pub enum Match {
    /// To this route, with these path parameters.
    Route(&'static Route, Vec<(&'static str, String)>),
    /// The path exists, for these methods.
    WrongMethod(Vec<&'static str>),
    /// Nowhere.
    Nothing,
}

impl Route {
    /// The route key that API Gateway gives.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The parameters of a path that fits the template, decoded.
    fn parameters(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let mut parameters = Vec::new();
        let mut segments = path.split('/');
        for expected in self.template.split('/') {
            let segment = segments.next()?;
            match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(_) if segment.is_empty() => return None,
                Some(name) => {
                    parameters.push((name, percent_decode_str(segment).decode_utf8_lossy().into_owned()));
                }
                None if segment != expected => return None,
                None => {}
            }
        }
        segments.next().is_none().then_some(parameters)
    }
}

/// Finds the route of a key, or of a method and path where the key names none.
pub fn find(host: Host, key: Option<&str>, method: &str, path: &str) -> Match {
    let routes = || ROUTES.iter().filter(move |route| route.host == host);
    if let Some(route) = key.and_then(|key| routes().find(|route| route.key() == key)) {
        return Match::Route(route, Vec::new());
    }
    let fitting: Vec<_> = routes().filter_map(|route| Some((route, route.parameters(path)?))).collect();
    let methods = fitting.iter().map(|(route, _)| route.method).collect::<Vec<_>>();
    match fitting.into_iter().find(|(route, _)| route.method == method) {
        Some((route, parameters)) => Match::Route(route, parameters),
        None if methods.is_empty() => Match::Nothing,
        None => Match::WrongMethod(methods),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(host: Host, key: Option<&str>, method: &str, path: &str) -> String {
        match find(host, key, method, path) {
            Match::Route(route, parameters) => format!("{} {parameters:?}", route.key()),
            Match::WrongMethod(methods) => format!("allow {}", methods.join(", ")),
            Match::Nothing => "nothing".into(),
        }
    }

    #[test]
    fn a_route_key_decides_and_the_path_does_not() {
        let key = Some("PUT /api/v1/connectors/{connectorName}");
        assert_eq!(
            found(Host::Portal, key, "PUT", "/api/v1/connectors/a/test"),
            "PUT /api/v1/connectors/{connectorName} []"
        );
    }

    #[test]
    fn without_a_route_key_the_path_is_matched() {
        for (method, path, expected) in [
            ("GET", "/api/v1/connectors", "GET /api/v1/connectors []"),
            (
                "POST",
                "/api/v1/connectors/a%20b/test",
                "POST /api/v1/connectors/{connectorName}/test [(\"connectorName\", \"a b\")]",
            ),
            ("PATCH", "/api/v1/connectors/a", "allow GET, PUT, DELETE"),
            ("GET", "/api/v1/connectors/", "nothing"),
            ("GET", "/api/v1/connectors/a/b/c", "nothing"),
            ("GET", "/", "nothing"),
            ("POST", "/mcp/resources/query", "nothing"),
        ] {
            assert_eq!(found(Host::Portal, Some("$default"), method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn the_same_path_means_another_thing_on_the_other_host() {
        let path = "/api/v1/connectors/refresh/test";
        assert_eq!(
            found(Host::Agent, None, "POST", path),
            "POST /api/v1/connectors/refresh/{tenant_id} [(\"tenant_id\", \"test\")]"
        );
        assert_eq!(
            found(Host::Portal, None, "POST", path),
            "POST /api/v1/connectors/{connectorName}/test [(\"connectorName\", \"refresh\")]"
        );
    }

    #[test]
    fn no_two_routes_of_a_host_take_the_same_request() {
        for route in &ROUTES {
            let path = route.template.replace(['{', '}'], "");
            let same = |other: &&Route| {
                other.host == route.host && other.method == route.method && other.parameters(&path).is_some()
            };
            assert_eq!(ROUTES.iter().filter(same).count(), 1, "{}", route.key());
        }
    }
}
