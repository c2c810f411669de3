//! A store that fails as told: it stands between the functions and the tables, and judges each request by its operation.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{Response, Uri},
};
use boot::aws::Clients;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Variant, World};

/// What becomes of one request to the store.
pub enum Fault {
    /// Nothing: it is answered.
    None,
    /// It is answered with this error of DynamoDB's and does nothing.
    Refused(Value),
    /// It is done, but its answer is lost.
    AnswerLost,
    /// It is done after a while.
    Late(Duration),
}

impl Fault {
    /// A request that is not done, for a reason that DynamoDB gives a name.
    pub fn refused(kind: &str) -> Self {
        Self::Refused(
            json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "c4n4ry"}),
        )
    }

    /// A transaction that met another one.
    pub fn conflict() -> Self {
        let reasons = json!([{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]);
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        Self::Refused(json!({"__type": kind, "message": "c4n4ry", "CancellationReasons": reasons}))
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
        let (judge, store) = (Arc::new(judge), self.stack.aws);
        let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
        let answer = move |mut request: Request| {
            let (judge, client) = (Arc::clone(&judge), client.clone());
            async move {
                let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
                let operation = target.and_then(|target| target.split('.').nth(1)).unwrap_or_default();
                let fault = judge(operation);
                if let Fault::Refused(error) = fault {
                    return error_of(400, &error);
                }
                if let Fault::Late(wait) = fault {
                    tokio::time::sleep(wait).await;
                }
                *request.uri_mut() = format!("http://{store}/").parse::<Uri>().expect("an address");
                let response = client.request(request).await.expect("the store answers");
                match fault {
                    Fault::AnswerLost => error_of(500, &json!({"__type": "InternalServerError"})),
                    _ => response.map(Body::new),
                }
            }
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, answer.into_make_service()).await });
        Clients::local(&endpoint, local::stack::REGION).expect("clients")
    }
}

fn error_of(status: u16, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(Bytes::from(body.to_string()))).expect("a response")
}
