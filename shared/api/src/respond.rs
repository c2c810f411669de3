//! Responses: JSON, nothing, or a problem.

use lambda_http::{
    Body, Response,
    http::{HeaderName, HeaderValue, header},
};
use model::problem::Problem;
use serde::Serialize;

use crate::{agent_problem::AgentProblem, host::Host};

/// An answer that is not a problem, in the making.
#[derive(Debug)]
pub struct Answer(Response<Body>);

impl Answer {
    /// A JSON body.
    pub fn json(status: u16, body: &impl Serialize) -> Result<Self, Problem> {
        let text = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self::text(status, "application/json", text))
    }

    /// JSON that is already text.
    pub fn json_text(status: u16, text: String) -> Self {
        Self::text(status, "application/json", text)
    }

    /// No body.
    pub fn empty(status: u16) -> Self {
        Self(response(status, Body::Empty))
    }

    /// Adds a header; a value that can't be one is dropped, which none of ours is.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.0.headers_mut().append(HeaderName::from_static(name), value);
        }
        self
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn text(status: u16, content_type: &'static str, text: String) -> Self {
        Self(response(status, Body::Text(text))).with_header("content-type", content_type)
    }

    /// The response, with what every response carries.
    pub(crate) fn finish(mut self, request_id: &str) -> Response<Body> {
        let headers = self.0.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert("x-request-id", id);
        }
        self.0
    }
}

/// A problem as the host's clients read it.
pub(crate) fn problem(problem: Problem, host: Host, request_id: &str) -> Answer {
    let problem = problem.of_request(request_id);
    let body = match host {
        Host::Portal => serde_json::to_string(&problem),
        Host::Agent => serde_json::to_string(&AgentProblem::of(&problem)),
    };
    let body = body.unwrap_or_default();
    let answer = Answer::text(problem.status, "application/problem+json", body);
    let answer = problem.headers.iter().fold(answer, |answer, (name, value)| answer.with_header(name, value));
    answer.with_header("cache-control", "no-store")
}

fn response(status: u16, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status.try_into().unwrap_or_default();
    response
}
