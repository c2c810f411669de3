//! Which function answers: the most specific route of the method, else `$default`.

use std::{collections::BTreeMap, sync::Arc};

use lambda_http::http::Method;

use super::{function::Function, path::RequestPath};

/// One route of an HTTP API.
pub struct Route {
    /// The method it answers; there is no `ANY`.
    pub method: Method,
    /// The path's template, such as `/api/v1/connectors/{connectorName}/test`.
    pub template: String,
    /// The function behind it.
    pub function: Arc<dyn Function>,
}

/// The routes of one API, ready to be matched.
pub(super) struct Table {
    routes: Vec<Compiled>,
    default: Arc<dyn Function>,
}

/// What a request was matched to.
pub(super) struct Target<'a> {
    /// `METHOD /template`, or `$default`.
    pub(super) route_key: &'a str,
    /// The values of the template's parameters, decoded.
    pub(super) parameters: BTreeMap<&'a str, &'a str>,
    /// The function that answers.
    pub(super) function: &'a dyn Function,
}

struct Compiled {
    method: Method,
    key: String,
    segments: Vec<Segment>,
    function: Arc<dyn Function>,
}

enum Segment {
    Exact(String),
    Parameter(String),
}

impl Table {
    pub(super) fn new(routes: Vec<Route>, default: Arc<dyn Function>) -> Self {
        Self { routes: routes.into_iter().map(Compiled::new).collect(), default }
    }

    /// An exact segment wins over a parameter, the leftmost difference deciding.
    pub(super) fn find<'a>(&'a self, method: &Method, path: &'a RequestPath) -> Target<'a> {
        self.routes
            .iter()
            .filter(|route| route.method == *method)
            .filter_map(|route| Some((route, route.parameters(path)?)))
            .max_by_key(|(route, _)| route.exactness())
            .map_or_else(
                || Target { route_key: "$default", parameters: BTreeMap::new(), function: &*self.default },
                |(route, parameters)| Target {
                    route_key: &route.key,
                    parameters,
                    function: &*route.function,
                },
            )
    }
}

impl Compiled {
    fn new(route: Route) -> Self {
        let Route { method, template, function } = route;
        let relative = template.strip_prefix('/').unwrap_or(&template);
        let segments = relative.split('/').map(Segment::new).collect();
        Self { key: format!("{method} {template}"), method, segments, function }
    }

    /// The parameters' values, or `None` if the path is not of this template.
    fn parameters<'a>(&'a self, path: &'a RequestPath) -> Option<BTreeMap<&'a str, &'a str>> {
        if self.segments.len() != path.segments().len() {
            return None;
        }
        let mut parameters = BTreeMap::new();
        for (segment, value) in self.segments.iter().zip(path.segments()) {
            match segment {
                Segment::Exact(text) if text == value => {}
                Segment::Parameter(name) if !value.is_empty() => {
                    parameters.insert(name.as_str(), value.as_str());
                }
                Segment::Exact(_) | Segment::Parameter(_) => return None,
            }
        }
        Some(parameters)
    }

    fn exactness(&self) -> Vec<bool> {
        self.segments.iter().map(|segment| matches!(segment, Segment::Exact(_))).collect()
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => Self::Parameter(name.to_owned()),
            None => Self::Exact(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::testing::Constant;

    fn matched(method: &Method, sent: &str) -> (String, Vec<(String, String)>) {
        let function: Arc<dyn Function> = Arc::new(Constant::default());
        let templates = [
            (Method::POST, "/a/{name}"),
            (Method::POST, "/a/refresh"),
            (Method::POST, "/a/{name}/test"),
            (Method::POST, "/a/refresh/{tenant}"),
            (Method::GET, "/a/{name}"),
            (Method::GET, "/"),
        ];
        let routes = templates.map(|(method, template)| Route {
            method,
            template: template.to_owned(),
            function: Arc::clone(&function),
        });
        let table = Table::new(routes.into(), Arc::clone(&function));
        let path = RequestPath::decode(sent).ok().unwrap();
        let target = table.find(method, &path);
        let parameters = target.parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        (target.route_key.to_owned(), parameters.collect())
    }

    #[track_caller]
    fn assert_matched(method: &Method, sent: &str, key: &str, parameters: &[(&str, &str)]) {
        let parameters = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        assert_eq!(matched(method, sent), (key.to_owned(), parameters));
    }

    #[test]
    fn exact_segments_win_over_parameters() {
        assert_matched(&Method::POST, "/a/refresh", "POST /a/refresh", &[]);
        assert_matched(&Method::POST, "/a/refreshed", "POST /a/{name}", &[("name", "refreshed")]);
        assert_matched(&Method::POST, "/a/refresh/test", "POST /a/refresh/{tenant}", &[("tenant", "test")]);
        assert_matched(&Method::POST, "/a/x/test", "POST /a/{name}/test", &[("name", "x")]);
        assert_matched(&Method::GET, "/a/refresh", "GET /a/{name}", &[("name", "refresh")]);
        assert_matched(&Method::GET, "/", "GET /", &[]);
    }

    #[test]
    fn parameters_arrive_decoded() {
        assert_matched(&Method::GET, "/a/b%2Fc%20d%3F", "GET /a/{name}", &[("name", "b/c d?")]);
        assert_matched(&Method::POST, "/a/%72efresh", "POST /a/refresh", &[]);
    }

    #[test]
    fn everything_else_goes_to_the_default() {
        for (method, sent) in [
            (Method::HEAD, "/a/x"),
            (Method::OPTIONS, "/a/x"),
            (Method::PATCH, "/a/x"),
            (Method::GET, "/a/"),
            (Method::GET, "/a/x/"),
            (Method::GET, "/b"),
            (Method::POST, "/a//test"),
        ] {
            assert_matched(&method, sent, "$default", &[]);
        }
    }
}
