//! One tenant's trouble is its own: while everything of tenant-a hangs, every call of tenant-b is answered, by the
//! same container. No time is measured: tenant-a's calls are shown to be pending from before to after.

use std::{net::Ipv4Addr, sync::Arc};

use end_to_end::{Answered, Asked, Fleet, Upstream, World, token};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

const PENDING: usize = 100;
const ANSWERED: usize = 200;

/// A service that takes connections and requests and never answers; tells how many came.
async fn silent() -> (String, watch::Receiver<usize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (arrived, arrivals) = watch::channel(0);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
            arrived.send_replace(open.len());
        }
    });
    (url, arrivals)
}

async fn create(world: &World, tenant: &str, name: &str, url: &str, more: &Value) {
    let mut body = json!({"connector_name": name, "connector_type": "custom", "connection_url": url});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let reply = world.portal_as(tenant, "POST", "/api/v1/connectors").json(&body).send().await;
    reply.expect(201);
}

/// Calls of tenant-a that will not end by themselves, over ten connectors.
fn pending(fleet: &Arc<Fleet>) -> JoinSet<Answered> {
    let mut calls = JoinSet::new();
    for call in 0..PENDING {
        let fleet = Arc::clone(fleet);
        calls.spawn(async move { fleet.query("tenant-a", &format!("a{}", call % 10)).await });
    }
    calls
}

/// Tenant-b's calls, first a load and then hits; and all the while none of tenant-a's has ended.
async fn others_are_answered(fleet: &Fleet, calls: &mut JoinSet<Answered>) {
    for _ in 0..ANSWERED {
        let (status, body) = fleet.query("tenant-b", "b").await;
        assert_eq!(status, 200, "{body}");
    }
    assert!(calls.try_join_next().is_none(), "a call of tenant-a has ended");
    assert_eq!(calls.len(), PENDING);
}

#[tokio::test]
async fn an_upstream_that_never_answers_keeps_nobody_elses_calls() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let (url, mut arrivals) = silent().await;
    for n in 0..10 {
        create(&world, "tenant-a", &format!("a{n}"), &url, &json!({})).await;
    }
    create(&world, "tenant-b", "b", &upstream.url(), &json!({})).await;
    let fleet = Arc::new(world.fleet(1));
    let mut calls = pending(&fleet);
    arrivals.wait_for(|arrived| *arrived == PENDING).await.unwrap();
    others_are_answered(&fleet, &mut calls).await;
}

/// Holds a request back that this says, makes all of tenant-a's calls wait for it, and calls as tenant-b. In the end
/// tenant-a is answered too, in one of these ways.
async fn held(holds: fn(&Asked) -> bool, ends: &[u16]) {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let arn = world.create_secret("x/slow", "tenant-a", &token("t")).await;
    let more = json!({"credentials_secret_arn": arn, "options": {"auth_type": "bearer"}});
    for n in 0..10 {
        create(&world, "tenant-a", &format!("a{n}"), &upstream.url(), &more).await;
    }
    create(&world, "tenant-b", "b", &upstream.url(), &json!({})).await;
    let passage = world.passage(holds).await;
    let fleet = Arc::new(world.fleet_of(vec![world.agent_through(&passage)]));
    let mut calls = pending(&fleet);
    // One load a connector, whose other calls wait for it; or each call's own markers.
    while passage.held() < 10 {
        tokio::task::yield_now().await;
    }
    others_are_answered(&fleet, &mut calls).await;
    passage.open();
    while let Some(answered) = calls.join_next().await {
        let (status, body) = answered.unwrap();
        assert!(ends.contains(&status), "{status}: {body}");
    }
}

#[tokio::test]
async fn a_record_that_is_slow_to_read_keeps_nobody_elses_calls() {
    held(|asked| asked.operation == "GetItem" && asked.body["Key"]["tenant_id"]["S"] == "tenant-a", &[200])
        .await;
}

#[tokio::test]
async fn a_secret_that_is_slow_to_read_keeps_nobody_elses_calls() {
    held(|asked| asked.operation == "GetSecretValue", &[200]).await;
}

#[tokio::test]
async fn markers_that_are_slow_to_read_keep_nobody_elses_calls() {
    // A call waits for them two seconds and no longer, and on a busy machine tenant-b's calls may take that.
    held(
        |asked| asked.operation == "BatchGetItem" && asked.body.to_string().contains("tenant#tenant-a"),
        &[200, 503],
    )
    .await;
}
