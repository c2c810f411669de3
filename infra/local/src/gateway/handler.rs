//! A real handler as a [`Function`]: the event is read, the handler called and its response written by the
//! Lambda runtime's own types, so that what they do to a request is done here too.

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use lambda_http::{
    Adapter, Body, Context, LambdaEvent, Request, Response,
    http::{HeaderMap, HeaderValue},
    lambda_runtime::Config,
    request::LambdaRequest,
    service_fn,
    tower::ServiceExt as _,
};
use model::clock::{Clock, Moment};
use serde_json::Value;
use tracing::instrument::WithSubscriber as _;

use super::function::{Function, InvokeError};

/// A handler in one container.
pub struct Handler<H> {
    inner: H,
    clock: Arc<dyn Clock>,
    timeout: Duration,
}

impl<H, F> Handler<H>
where
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    /// Wraps `handler`; a call that lasts longer than `timeout`, the function's own, is ended.
    pub fn new(handler: H, clock: Arc<dyn Clock>, timeout: Duration) -> Self {
        Self { inner: handler, clock, timeout }
    }
}

#[async_trait::async_trait]
impl<H, F> Function for Handler<H>
where
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    /// The call has a task of its own: a panic, in the runtime's reading of the event too, ends this call
    /// only, and a caller that hangs up does not stop the handler, as it would not in Lambda.
    async fn invoke(&self, event: Vec<u8>, request_id: &str) -> Result<Value, InvokeError> {
        let headers = call_headers(self.clock.now(), self.timeout);
        let call = call(self.inner.clone(), event, request_id.to_owned(), headers);
        // Its log goes where the caller's goes.
        match tokio::spawn(tokio::time::timeout(self.timeout, call).with_current_subscriber()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_elapsed)) => Err(InvokeError::TimedOut),
            Err(_panicked) => Err(InvokeError::Crashed),
        }
    }
}

/// The headers with which Lambda's runtime API hands over a call.
fn call_headers(now: Moment, timeout: Duration) -> HeaderMap {
    let started = u64::try_from(now.wall.as_millisecond()).unwrap_or_default();
    let timeout = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    let mut headers = HeaderMap::new();
    headers.insert("lambda-runtime-deadline-ms", HeaderValue::from(started.saturating_add(timeout)));
    headers.insert(
        "lambda-runtime-invoked-function-arn",
        HeaderValue::from_static("arn:aws:lambda:us-east-1:123456789012:function:local"),
    );
    headers
}

async fn call<H, F>(
    handler: H,
    event: Vec<u8>,
    request_id: String,
    mut headers: HeaderMap,
) -> Result<Value, InvokeError>
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    let request: LambdaRequest = serde_json::from_slice(&event).map_err(InvokeError::Event)?;
    if let LambdaRequest::ApiGatewayV2(event) = &request
        && let Some(trace) = event.headers.get("x-amzn-trace-id")
    {
        headers.insert("lambda-runtime-trace-id", trace.clone());
    }
    let context =
        Context::new(&request_id, Arc::new(Config::default()), &headers).map_err(InvokeError::Context)?;
    let Ok(response) = Adapter::from(service_fn(handler)).oneshot(LambdaEvent::new(request, context)).await;
    serde_json::to_value(response).map_err(InvokeError::Response)
}

#[cfg(test)]
mod tests {
    use std::{
        panic,
        sync::atomic::{AtomicBool, Ordering},
    };

    use lambda_http::RequestExt as _;
    use serde_json::json;

    use super::*;
    use crate::gateway::testing::{FixedClock, NOW_MS};

    const TIMEOUT: Duration = Duration::from_secs(29);

    fn event() -> Vec<u8> {
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
            "headers": { "host": "localhost", "x-amzn-trace-id": "Root=1-0-0" },
            "requestContext": { "http": { "method": "GET", "path": "/" }, "stage": "$default" },
            "isBase64Encoded": false,
        });
        serde_json::to_vec(&event).unwrap()
    }

    #[tokio::test]
    async fn the_context_carries_the_request_id_the_deadline_and_the_trace() {
        let handler = |request: Request| async move {
            let context = request.lambda_context_ref().unwrap();
            let trace = context.xray_trace_id.clone().unwrap();
            let text = format!("{} {} {trace}", context.request_id, context.deadline);
            Ok(Response::new(Body::from(text)))
        };
        let function = Handler::new(handler, Arc::new(FixedClock), TIMEOUT);
        let answer = function.invoke(event(), "the-id").await.unwrap();
        assert_eq!(answer["body"], format!("the-id {} Root=1-0-0", NOW_MS + 29_000));
        assert_eq!(answer["statusCode"], 200);
        assert_eq!(answer["multiValueHeaders"], json!({}));
    }

    #[tokio::test]
    async fn a_panic_fails_one_call_and_the_next_one_works() {
        let first = Arc::new(AtomicBool::new(true));
        let handler = move |_request| {
            let first = Arc::clone(&first);
            async move {
                assert!(!first.swap(false, Ordering::Relaxed), "a panic that the test provokes");
                Ok(Response::new(Body::Empty))
            }
        };
        let function = Handler::new(handler, Arc::new(FixedClock), TIMEOUT);
        assert!(matches!(function.invoke(event(), "1").await, Err(InvokeError::Crashed)));
        assert!(function.invoke(event(), "2").await.is_ok());
    }

    #[tokio::test]
    async fn a_panic_before_the_handler_runs_is_a_crash_too() {
        let handler = |_request| panic::resume_unwind(Box::new(()));
        let function =
            Handler::<fn(Request) -> std::future::Ready<_>>::new(handler, Arc::new(FixedClock), TIMEOUT);
        assert!(matches!(function.invoke(event(), "1").await, Err(InvokeError::Crashed)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_past_the_functions_timeout_is_ended() {
        let handler = |_request| std::future::pending();
        let function = Handler::new(handler, Arc::new(FixedClock), TIMEOUT);
        assert!(matches!(function.invoke(event(), "1").await, Err(InvokeError::TimedOut)));
    }

    #[tokio::test]
    async fn what_is_no_event_is_refused() {
        let handler = |_request| async { Ok(Response::new(Body::Empty)) };
        let function = Handler::new(handler, Arc::new(FixedClock), TIMEOUT);
        assert!(matches!(function.invoke(b"{}".to_vec(), "1").await, Err(InvokeError::Event(_))));
    }
}
