//! What the tests of the agent share: connectors in a few words, services that misbehave below HTTP, and the one
//! shape of a refusal.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
};

use aws_sdk_dynamodb::types::AttributeValue;
use axum::{body::Body, http::Response};
use end_to_end::{Call, Reply, Upstream, World};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// The body that creates a `custom` connector, with further fields.
pub(crate) fn custom(name: &str, url: &str, more: &Value) -> Value {
    let mut body = json!({"connector_name": name, "connector_type": "custom", "connection_url": url});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// A world, a service that answers with one JSON text, and the connector `crm` of tenant-a in front of it.
pub(crate) async fn crm(body: &'static str) -> (World, Upstream) {
    let (world, upstream) = (World::saas().await, Upstream::json(body).await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    (world, upstream)
}

/// A query of `crm`.
pub(crate) fn ask(world: &World, statement: &str) -> Call {
    world.query(&json!({"connector": "crm", "statement": statement}))
}

/// A response with a status and a JSON body.
pub(crate) fn answer(status: u16, body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body.into()).unwrap()
}

/// A port on which nobody listens.
pub(crate) async fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap()
}

/// A service that answers each request with these bytes and hangs up.
pub(crate) async fn raw_upstream(bytes: &'static [u8]) -> SocketAddr {
    spawn_raw(bytes, false).await
}

/// A service that answers each request with these bytes and then with nothing, its connection left open.
pub(crate) async fn stalling_upstream(bytes: &'static [u8]) -> SocketAddr {
    spawn_raw(bytes, true).await
}

async fn spawn_raw(bytes: &'static [u8], stall: bool) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(bytes).await;
                // A stalled connection ends when the other side hangs up.
                while stall && stream.read(&mut request).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    address
}

/// Expects a problem of a status and kind in the one shape that all have, and gives its body.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, kind: &str) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    assert_eq!(body["type"], format!("urn:axonflow:problem:{kind}"), "{body}");
    assert_eq!(body["status"], status);
    assert_eq!(body["success"], false);
    assert_eq!(body["error"], body["detail"]);
    assert_eq!(body["instance"], reply.header("x-request-id"));
    for text in ["title", "detail", "instance"] {
        assert!(body[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {body}");
    }
    body
}

/// The rows of a query that was answered.
#[track_caller]
pub(crate) fn rows(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    assert_eq!(body["success"], true);
    assert_eq!(body["row_count"], body["data"].as_array().unwrap().len());
    body["data"].clone()
}

/// A tenant's audit entries of one action, oldest first.
pub(crate) async fn audit(world: &World, tenant: &str, action: &str) -> Vec<HashMap<String, AttributeValue>> {
    let boot = &world.stack.boot;
    let request = boot.clients.dynamo.query().table_name(&boot.settings.tables.audit);
    let request = request.key_condition_expression("tenant_id = :tenant").consistent_read(true);
    let request = request.expression_attribute_values(":tenant", AttributeValue::S(tenant.to_owned()));
    let items = request.send().await.unwrap().items.unwrap_or_default();
    let wanted = AttributeValue::S(action.to_owned());
    items.into_iter().filter(|item| item.get("action") == Some(&wanted)).collect()
}

/// A text attribute of an item.
pub(crate) fn text<'i>(item: &'i HashMap<String, AttributeValue>, name: &str) -> &'i str {
    item[name].as_s().unwrap()
}
