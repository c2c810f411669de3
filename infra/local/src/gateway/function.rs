//! What the gateway asks of a Lambda function, and how several containers of one share its calls.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;
use thiserror::Error;

/// One Lambda function as the gateway sees it: event JSON in, response JSON out.
#[async_trait::async_trait]
pub trait Function: Send + Sync {
    /// Runs the function on one event. `request_id` is the invocation's own, not the gateway's.
    async fn invoke(&self, event: Vec<u8>, request_id: &str) -> Result<Value, InvokeError>;
}

/// Why an invocation gave no response. The client sees the same plain 500 for each.
#[derive(Debug, Error)]
pub enum InvokeError {
    /// The handler panicked; other calls are not touched.
    #[error("the function crashed")]
    Crashed,
    /// The handler ran past the function's timeout and was ended.
    #[error("the function timed out")]
    TimedOut,
    /// The event is none that the function's types can hold.
    #[error("the function cannot read its event: {0}")]
    Event(#[source] serde_json::Error),
    /// The runtime's call headers could not be made into a context.
    #[error("the function cannot read its context: {0}")]
    Context(#[source] lambda_http::Error),
    /// The response does not fit JSON, for instance a header that is not text.
    #[error("the function's response cannot be written: {0}")]
    Response(#[source] serde_json::Error),
    /// Nothing runs behind this function.
    #[error("the function has no container")]
    NoContainer,
}

/// Several containers of one function, dealt in turn, so that what they do not share shows.
pub struct RoundRobin {
    containers: Vec<Arc<dyn Function>>,
    turn: AtomicUsize,
}

impl RoundRobin {
    /// Deals calls to `containers` in their order. With none, every call fails.
    pub fn new(containers: Vec<Arc<dyn Function>>) -> Self {
        Self { containers, turn: AtomicUsize::new(0) }
    }
}

#[async_trait::async_trait]
impl Function for RoundRobin {
    async fn invoke(&self, event: Vec<u8>, request_id: &str) -> Result<Value, InvokeError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let container = turn.checked_rem(self.containers.len()).and_then(|index| self.containers.get(index));
        container.ok_or(InvokeError::NoContainer)?.invoke(event, request_id).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Numbered(u8);

    #[async_trait::async_trait]
    impl Function for Numbered {
        async fn invoke(&self, _event: Vec<u8>, _request_id: &str) -> Result<Value, InvokeError> {
            Ok(json!(self.0))
        }
    }

    #[tokio::test]
    async fn containers_take_turns() {
        let function = RoundRobin::new(vec![Arc::new(Numbered(1)), Arc::new(Numbered(2))]);
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(function.invoke(Vec::new(), "id").await.unwrap());
        }
        assert_eq!(answers, [json!(1), json!(2), json!(1), json!(2)]);
    }

    #[tokio::test]
    async fn without_a_container_every_call_fails() {
        let answer = RoundRobin::new(Vec::new()).invoke(Vec::new(), "id").await;
        assert!(matches!(answer, Err(InvokeError::NoContainer)));
    }
}
