//! What the agent asks of AWS, call by call: a container of its own behind a proxy that notes each operation.
//! The value of a secret is not even read before its tag says that the tenant may have it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use agent_invoke::App;
use axum::{
    body::Body,
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{Response, header::HOST},
};
use boot::{Boot, aws::Clients};
use end_to_end::{Call, Upstream, World, token};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::setup::custom;

type Log = Arc<Mutex<Vec<String>>>;

/// Passes everything on to AWS's endpoint and notes the operations in order.
async fn recording_proxy(aws: SocketAddr) -> (SocketAddr, Log) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let noted = Arc::clone(&log);
    let handler = move |request: Request| {
        let log = Arc::clone(&noted);
        async move {
            let (parts, body) = request.into_parts();
            let target = parts.headers["x-amz-target"].to_str().unwrap();
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            log.lock().unwrap_or_else(PoisonError::into_inner).push(operation);
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let call = Call::new("POST", format!("http://{aws}/")).body(body.to_vec()).unsearched();
            let headers = parts.headers.iter().filter(|(name, _)| *name != HOST);
            let call =
                headers.fold(call, |call, (name, value)| call.header(name.as_str(), value.to_str().unwrap()));
            let reply = call.send().await;
            let mut response = Response::builder().status(reply.status).body(Body::from(reply.text)).unwrap();
            *response.headers_mut() = reply.headers;
            response
        }
    };
    tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
    (address, log)
}

/// A container of the agent of a world, and the log of what it asks of AWS.
struct Container {
    app: Arc<App>,
    log: Log,
    license: String,
}

impl Container {
    async fn of(world: &World) -> Self {
        let (proxy, log) = recording_proxy(world.stack.aws).await;
        let own = &world.stack.boot;
        let boot = Boot {
            settings: own.settings.clone(),
            clients: Clients::local(&format!("http://{proxy}"), "us-east-1").unwrap(),
            metrics: own.metrics.clone(),
            clock: Arc::clone(&own.clock),
            entropy: Arc::clone(&own.entropy),
        };
        let license = world.stack.identity.license("tenant-a").to_owned();
        Self { app: Arc::new(App::new(&boot).unwrap()), log, license }
    }

    /// Sends one event; gives the status, the body and the operations that AWS was asked for.
    async fn query(&self, body: &Value) -> (u16, Value, Vec<String>) {
        let event = json!({
            "version": "2.0", "routeKey": "POST /mcp/resources/query", "rawPath": "/mcp/resources/query",
            "rawQueryString": "", "isBase64Encoded": false, "body": body.to_string(),
            "headers": {"host": "agent", "content-type": "application/json", "x-license-key": self.license},
            "requestContext": {
                "http": {"method": "POST", "path": "/mcp/resources/query"}, "stage": "$default",
                "routeKey": "POST /mcp/resources/query", "requestId": "one",
            },
        });
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = agent_invoke::handle(Arc::clone(&self.app), request).await.unwrap();
        let body = serde_json::from_slice(response.body().as_ref()).unwrap();
        let asked = std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner));
        (response.status().as_u16(), body, asked)
    }
}

/// A world with connectors of tenant-a: with its own secret, with tenant-b's and with nobody's.
async fn world() -> (World, Upstream) {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    for (name, owner) in [("own", "tenant-a"), ("theirs", "tenant-b"), ("nobodys", "")] {
        let arn = world.create_secret(&format!("axonflow/x/{name}"), owner, &token("t")).await;
        let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
        world.create(&custom(name, &upstream.url(), &more)).await;
    }
    (world, upstream)
}

#[tokio::test]
async fn the_value_of_a_foreign_or_untagged_secret_is_never_read() {
    let (world, upstream) = world().await;
    let container = Container::of(&world).await;
    for (name, kind) in [("theirs", "missing"), ("nobodys", "foreign")] {
        let (status, body, asked) = container.query(&json!({"connector": name})).await;
        assert_eq!(
            (status, &body["type"]),
            (424, &json!(format!("urn:axonflow:problem:secret-{kind}"))),
            "{name}"
        );
        assert_eq!(asked[..3], ["BatchGetItem", "GetItem", "DescribeSecret"], "{name}");
        assert!(!asked.contains(&"GetSecretValue".to_owned()), "{name}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn an_answered_query_asks_for_the_tag_first_and_the_value_second() {
    let (world, _upstream) = world().await;
    let container = Container::of(&world).await;
    let (status, body, asked) = container.query(&json!({"connector": "own"})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(asked[..4], ["BatchGetItem", "GetItem", "DescribeSecret", "GetSecretValue"]);
}

#[tokio::test]
async fn a_query_that_governance_refuses_goes_no_further_than_the_audit() {
    let (world, upstream) = world().await;
    let container = Container::of(&world).await;
    assert_eq!(container.query(&json!({"connector": "own"})).await.0, 200);
    let (status, _, asked) = container.query(&json!({"connector": "own", "operation": "DELETE"})).await;
    assert_eq!((status, asked), (403, vec!["BatchGetItem".to_owned(), "PutItem".to_owned()]));
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_refusal_goes_before_what_is_wrong_with_the_secret() {
    let (world, _upstream) = world().await;
    let container = Container::of(&world).await;
    assert_eq!(container.query(&json!({"connector": "theirs", "operation": "DELETE"})).await.0, 403);
}

#[tokio::test]
async fn who_is_not_permitted_costs_no_look_up_at_all() {
    let (world, _upstream) = world().await;
    let mut container = Container::of(&world).await;
    let (status, _, asked) = container.query(&json!({"connector": "own", "tenant_id": "tenant-b"})).await;
    assert_eq!((status, asked.len()), (403, 0));
    container.license = "AXON-forged".to_owned();
    let (status, _, asked) = container.query(&json!({"connector": "own"})).await;
    assert_eq!((status, asked.len()), (401, 0));
}
