//! What every invocation tells, whatever the function does in it: whether it began its container, and at its end the
//! metrics. They are written before the answer is given, for a container may be frozen right after.

use std::{convert::Infallible, sync::Arc};

use lambda_http::{Body, Request, Response};
use model::clock::Clock;
use telemetry::{Container, Counter, Metrics};

/// The frame around a container's invocations.
pub struct Observer {
    container: Container,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
}

impl Observer {
    /// A container that has answered nothing yet; `initialization` is Lambda's word for why it was started.
    pub fn new(initialization: Option<&str>, metrics: Metrics, clock: Arc<dyn Clock>) -> Self {
        Self { container: Container::new(initialization), metrics, clock }
    }

    /// Lets `handle` answer a request.
    pub async fn observe<F>(
        &self,
        mut request: Request,
        handle: impl FnOnce(Request) -> F,
    ) -> Result<Response<Body>, Infallible>
    where
        F: Future<Output = Result<Response<Body>, Infallible>>,
    {
        let arrival = self.container.arrival();
        if arrival.cold_start {
            self.metrics.count(Counter::ColdStart);
        }
        request.extensions_mut().insert(arrival);
        let Ok(response) = handle(request).await;
        // 502 and 504 are an upstream's trouble, which must not wake those who answer for the platform.
        if matches!(response.status().as_u16(), 500 | 503) {
            self.metrics.count(Counter::Faults);
        }
        self.metrics.emit(self.clock.now());
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use model::clock::SystemClock;
    use telemetry::Arrival;

    use super::*;

    /// An observer and what it writes.
    fn observer(initialization: Option<&str>) -> (Arc<Observer>, Arc<Mutex<Vec<u8>>>) {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let output = Arc::clone(&written);
        let metrics = Metrics::new("f", move |lines: &[u8]| output.lock().unwrap().extend(lines));
        (Arc::new(Observer::new(initialization, metrics, Arc::new(SystemClock))), written)
    }

    /// What is written of a request that is answered with a status, and whether it came cold.
    async fn told(observer: &Observer, written: &Mutex<Vec<u8>>, status: u16) -> (bool, String) {
        let mut cold = None;
        let handle = |request: Request| {
            cold = request.extensions().get::<Arrival>().map(|arrival| arrival.cold_start);
            std::future::ready(Ok(Response::builder().status(status).body(Body::Empty).unwrap()))
        };
        let Ok(response) = observer.observe(Request::default(), handle).await;
        assert_eq!(response.status(), status);
        (cold.unwrap(), String::from_utf8(std::mem::take(&mut *written.lock().unwrap())).unwrap())
    }

    #[tokio::test]
    async fn the_first_request_is_cold_and_a_quiet_one_writes_nothing() {
        let (observer, written) = observer(None);
        let (cold, text) = told(&observer, &written, 200).await;
        assert!(cold && text.contains(r#""ColdStart":1"#), "{text}");
        for _ in 0..2 {
            assert_eq!(told(&observer, &written, 200).await, (false, String::new()));
        }
    }

    #[tokio::test]
    async fn faults_of_ours_are_counted_and_those_of_callers_and_upstreams_are_not() {
        let (observer, written) = observer(Some("provisioned-concurrency"));
        for (status, counted) in
            [(200, false), (404, false), (429, false), (500, true), (502, false), (503, true), (504, false)]
        {
            let (_, text) = told(&observer, &written, status).await;
            assert_eq!(text.contains(r#""Faults":1"#), counted, "{status}: {text}");
        }
    }
}
