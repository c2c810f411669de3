//! What can become of one request to AWS, as plain data: a test scripts it, a property draws it, a long run draws it by
//! chance. Nothing here is invented: throttling, transactions that meet, batches and pages that are answered in part,
//! and requests of which the caller never learns whether they were done.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use boot::aws::Clients;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{Asked, Proxy, Variant, World};

/// What becomes of one request.
#[derive(Clone, Debug, Default)]
pub enum Fault {
    /// Nothing: it is answered.
    #[default]
    None,
    /// It is answered with this error and does nothing.
    Refused(Value),
    /// It comes too soon after others: it is refused as the service that it is for does that.
    Throttled,
    /// It meets other transactions: a transaction is cancelled for this reason, a write of one item conflicts. Other
    /// requests never meet this.
    Cancelled(&'static str),
    /// It is lost before it is done.
    Lost(Loss),
    /// It is done, but its answer is lost.
    AnswerLost(Loss),
    /// It is done after a while, whether or not anybody still waits.
    Late(Duration),
    /// It is done at once and answered after a while.
    AnswerLate(Duration),
    /// Of a batch of reads, so many keys are not read. Other requests never meet this.
    Unread(usize),
    /// Of a query or a scan, a page ends after so many items. Other requests never meet this.
    ShortPage(usize),
    /// It is done once this is true.
    Held(watch::Receiver<bool>),
    /// It is answered with this, as if it had been done: no fault of AWS's, but one that a check must find.
    Pretended(Value),
    /// The request of this body is done in its place; such a fault too.
    Replaced(Value),
}

/// How a request or its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// An error of the service's own is all that is heard.
    ServerError,
    /// The connection ends.
    HangUp,
    /// The connection ends in the middle of the answer.
    Cut,
    /// Nothing is heard, and the connection stays open.
    Silence,
}

impl Fault {
    /// A request that is not done, for a reason that AWS gives a name.
    pub fn refused(kind: &str) -> Self {
        Self::Refused(error(kind))
    }

    /// A request that meets a transaction.
    pub fn conflict() -> Self {
        Self::Cancelled("TransactionConflict")
    }

    /// Whether a request of this operation can meet it.
    pub fn can_meet(&self, operation: &str) -> bool {
        match self {
            Self::Cancelled(_) => {
                ["TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"].contains(&operation)
            }
            Self::Unread(_) => operation == "BatchGetItem",
            Self::ShortPage(_) => ["Query", "Scan"].contains(&operation),
            _ => true,
        }
    }

    /// What is answered in place of the request being done, if that is so.
    pub(crate) fn answer(&self, asked: &Asked) -> Option<Response<Body>> {
        let body = match self {
            Self::Pretended(body) => return Some(response(StatusCode::OK, body)),
            Self::Refused(body) => body.clone(),
            Self::Throttled if asked.operation.contains("Secret") => error("ThrottlingException"),
            Self::Throttled => error("ProvisionedThroughputExceededException"),
            Self::Cancelled(reason) => match asked.operation.as_str() {
                "TransactWriteItems" => cancelled(reason, asked),
                "PutItem" | "UpdateItem" | "DeleteItem" => error("TransactionConflictException"),
                _ => return None,
            },
            _ => return None,
        };
        Some(response(StatusCode::BAD_REQUEST, &body))
    }
}

impl World {
    /// Functions whose requests to AWS are judged by their operation, such as `GetItem`.
    pub async fn faulty(&self, judge: impl Fn(&str) -> Fault + Send + Sync + 'static) -> Variant {
        let clients = self.faulty_clients(judge).await;
        self.variant(|boot| boot.clients = clients).await
    }

    /// The clients alone, for functions that differ in something else too.
    pub async fn faulty_clients(&self, judge: impl Fn(&str) -> Fault + Send + Sync + 'static) -> Clients {
        self.proxy(move |asked| judge(&asked.operation)).await.clients()
    }

    /// A proxy before this world's tables and secrets.
    pub async fn proxy(&self, judge: impl Fn(&Asked) -> Fault + Send + Sync + 'static) -> Proxy {
        Proxy::start(self.stack.aws, judge).await
    }
}

/// What an error of the service's own says.
pub(crate) fn server_error() -> Response<Body> {
    response(StatusCode::INTERNAL_SERVER_ERROR, &json!({"__type": "InternalServerError"}))
}

/// AWS's messages quote what they are about: `c4n4ry` may be read nowhere.
fn error(kind: &str) -> Value {
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "c4n4ry"})
}

/// A cancelled transaction has a reason for each of its items; the first is the one that stood in the way.
fn cancelled(reason: &str, asked: &Asked) -> Value {
    let items = asked.body["TransactItems"].as_array().map_or(1, Vec::len);
    let reasons = (0..items).map(|item| json!({"Code": if item == 0 { reason } else { "None" }}));
    let mut body = error("TransactionCanceledException");
    body["CancellationReasons"] = reasons.collect();
    body
}

pub(crate) fn response(status: StatusCode, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(body.to_string())).expect("a response")
}
