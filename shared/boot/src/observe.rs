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
