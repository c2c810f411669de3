//! The frame around every handler: event in, route found, outcome out, one log line.

use std::convert::Infallible;

use lambda_http::{Body, Request, Response};
use model::{clock::Clock, problem::Problem};
use tracing::{Instrument, field::Empty};

use crate::{
    call::Call,
    host::Host,
    problems,
    respond::{self, Answer},
    routes::{self, Match, Route},
};

/// Answers one request: `handle` gets the call and its route; whatever it returns becomes a response.
pub async fn serve<F: Future<Output = Result<Answer, Problem>>>(
    request: Request,
    host: Host,
    function: &str,
    clock: &dyn Clock,
    handle: impl FnOnce(Call, &'static Route) -> F,
) -> Result<Response<Body>, Infallible> {
    let mut call = Call::new(request, clock);
    let (request_id, started) = (call.request_id.clone(), call.started);
    // What handlers learn on the way is recorded here, so that a request is one line.
    let span = tracing::info_span!(
        "request",
        request_id = %request_id,
        lambda_request_id = call.lambda_request_id,
        trace_id = call.trace.map(|trace| tracing::field::display(trace.root())),
        function,
        version = call.version,
        cold_start = call.arrival.map(|arrival| arrival.cold_start),
        route = Empty,
        who = Empty,
        tenant = Empty,
        connector = Empty,
        connector_type = Empty,
        source = Empty,
        cache = Empty,
        rows = Empty,
        bytes = Empty,
        truncated = Empty,
    );
    async {
        let outcome = match route(&mut call, host, function) {
            // A browser asks before it writes. Where the deployment lists sites, the gateway adds what it may do; but a
            // route `$default` takes the question first, and without a 2xx the browser does not go on.
            Err(Problem { status: 405, .. }) if call.is_preflight() => Ok(Answer::empty(204)),
            Ok(route) => {
                tracing::Span::current().record("route", route.key());
                handle(call, route).await
            }
            Err(problem) => Err(problem),
        };
        log(&outcome, clock.now().millis_since(started));
        let answer = outcome.unwrap_or_else(|problem| respond::problem(problem, host, &request_id));
        Ok(answer.finish(&request_id))
    }
    .instrument(span)
    .await
}

/// The one line of a request; faults of ours are errors. What the client may not read (the cause) stands here.
fn log(outcome: &Result<Answer, Problem>, duration_ms: u64) {
    match outcome {
        Ok(answer) => tracing::info!(status = answer.status(), duration_ms, "answered"),
        Err(Problem { status, kind, cause, .. }) => {
            let cause = cause.as_deref();
            // 502 and 504 are an upstream's trouble, which must not wake those who answer for the platform.
            if matches!(status, 500 | 503) {
                tracing::error!(status, duration_ms, problem = kind, cause, "failed");
            } else {
                tracing::info!(status, duration_ms, problem = kind, cause, "refused");
            }
        }
    }
}

/// Finds the route; the path parameters of one matched by its path join those of the gateway.
fn route(call: &mut Call, host: Host, function: &str) -> Result<&'static Route, Problem> {
    match routes::find(host, call.route_key.as_deref(), call.method.as_str(), &call.path) {
        Match::Route(route, parameters) if route.function == function => {
            for (name, value) in parameters {
                if !call.parameters.iter().any(|(known, _)| known == name) {
                    call.parameters.push((name.to_owned(), value));
                }
            }
            Ok(route)
        }
        Match::WrongMethod(methods) => Err(problems::wrong_method(call.method.as_str(), &methods)),
        Match::Route(..) | Match::Nothing => Err(problems::no_such_path()),
    }
}
