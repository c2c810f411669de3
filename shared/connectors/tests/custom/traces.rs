//! The trace of a call reaches every service that the call speaks to, in the one shape that was read of it.

use connectors::Stages;
use model::clock::SystemClock;
use serde_json::json;
use telemetry::Trace;

use crate::service::{Reply, Service};
use crate::setup::{ask, connected};

/// As Lambda hands it over, with a part of its own.
const INCOMING: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0";
const SENT: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

fn traces(service: &Service) -> Vec<String> {
    service.seen().iter().map(|seen| seen.header("x-amzn-trace-id").to_owned()).collect()
}

#[tokio::test]
async fn every_page_and_every_write_carries_it_and_retries_do_too() {
    let first = Reply::json("[1]").header("link", r#"</o?page=2>; rel="next""#);
    let service =
        Service::answering(vec![Reply::status(503), first, Reply::json("[2]"), Reply::json("{}")]).await;
    let crm = connected(&service.url(), &json!({"max_retries": 1}));
    crm.query(ask("/o").traced(INCOMING)).await.unwrap();
    crm.execute(ask("/o").action("POST").traced(INCOMING)).await.unwrap();
    assert_eq!(service.targets(), ["GET /o", "GET /o", "GET /o?page=2", "POST /o"]);
    assert_eq!(traces(&service), [SENT; 4]);
}

#[tokio::test]
async fn a_token_is_fetched_under_the_trace_of_the_call_that_needs_it() {
    let tokens = Service::answering(vec![Reply::json(r#"{"access_token": "t"}"#)]).await;
    let service = Service::answering(vec![Reply::json("[1]")]).await;
    let more = json!({
        "options": {"auth_type": "oauth2_client_credentials"},
        "secret": {"client_id": "i", "client_secret": "s", "token_url": tokens.url()},
    });
    connected(&service.url(), &more).query(ask("/o").traced(INCOMING)).await.unwrap();
    assert_eq!((traces(&tokens), traces(&service)), (vec![SENT.to_owned()], vec![SENT.to_owned()]));
}

#[tokio::test]
async fn a_look_at_the_health_carries_it() {
    let service = Service::answering(vec![Reply::json("")]).await;
    let crm = connected(&service.url(), &json!({}));
    let mut stages = Stages::new(&SystemClock).traced(Trace::parse(INCOMING));
    crm.connector.health(&mut stages, crm.deadline(20_000)).await.unwrap();
    assert_eq!(traces(&service), [SENT]);
}

#[tokio::test]
async fn a_call_without_a_trace_sends_none() {
    let service = Service::answering(vec![Reply::json("[1]")]).await;
    let crm = connected(&service.url(), &json!({}));
    crm.query(ask("/o")).await.unwrap();
    crm.query(ask("/o").traced("Root=1-5759e988-bd862e3fe1be46a994272793\r\nX-Evil: 1;Parent=x;Sampled=1"))
        .await
        .unwrap();
    assert!(service.seen().iter().all(|seen| !seen.headers.contains_key("x-amzn-trace-id")));
}
