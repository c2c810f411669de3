//! What operators are told of live tests, and the trace of one.

use std::collections::BTreeMap;

use end_to_end::{Call, Told, Upstream, World};
use serde_json::json;

const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

#[tokio::test]
async fn a_live_test_that_does_not_succeed_is_counted_and_no_other_is() {
    let world = World::saas().await;
    let upstream = Upstream::json("[]").await;
    let told = Told::of("portal-test");
    let metrics = told.metrics.clone();
    let portal = world.variant(|boot| boot.metrics = metrics).await;
    for (name, more) in [
        ("works", json!({})),
        ("broken", json!({"options": {"auth_type": "bearer"}})),
        ("off", json!({"enabled": false})),
    ] {
        let mut body =
            json!({"connector_name": name, "connector_type": "custom", "connection_url": upstream.url()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.create(&body).await;
    }
    let test = |name: &str, mode: &str| {
        let url = format!("http://{}/api/v1/connectors/{name}/test", portal.portal);
        Call::new("POST", url).session(world.stack.identity.session("tenant-a")).json(&json!({"mode": mode}))
    };
    let failures = |count: u64| BTreeMap::from([("LiveTestFailures portal-test".to_owned(), count)]);
    for name in ["works", "broken", "off"] {
        test(name, "simulated").send().await.expect(200);
    }
    test("works", "live").send().await.expect(200);
    test("nobody", "live").send().await.expect(404);
    assert_eq!(told.totals(), BTreeMap::new());
    assert_eq!(test("broken", "live").send().await.expect(200).json()["success"], false);
    assert_eq!(told.totals(), failures(1));
    // It could not be shown to work, and that is what its caller asked.
    assert_eq!(test("off", "live").send().await.expect(200).json()["success"], false);
    assert_eq!(told.totals(), failures(2));
}

#[tokio::test]
async fn the_trace_of_a_live_test_reaches_its_upstream() {
    let world = World::saas().await;
    let upstream = Upstream::json("[]").await;
    world
        .create(
            &json!({"connector_name": "crm", "connector_type": "custom", "connection_url": upstream.url()}),
        )
        .await;
    let test = world.portal("POST", "/api/v1/connectors/crm/test").header("x-amzn-trace-id", TRACE);
    test.json(&json!({"mode": "live"})).send().await.expect(200);
    let seen = upstream.seen();
    assert!(!seen.is_empty() && seen.iter().all(|seen| seen.headers["x-amzn-trace-id"] == TRACE), "{seen:?}");
}
