//! The trace of an invocation reaches its upstream and its log line, and a header of another shape neither.

use end_to_end::World;

use crate::setup::{Watched, requests};

const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

fn sent(watched: &Watched) -> Vec<Option<String>> {
    let seen = watched.upstream.seen();
    let header =
        |headers: &axum::http::HeaderMap| headers.get("x-amzn-trace-id")?.to_str().ok().map(str::to_owned);
    seen.iter().map(|seen| header(&seen.headers)).collect()
}

#[tokio::test]
async fn a_trace_is_passed_on_and_a_malformed_one_is_not() {
    let world = World::saas().await;
    let passage = world.passage(|_| false).await;
    let watched = Watched::start(world, &[("AWS_ENDPOINT_URL", passage.url())]).await;
    let whole = format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0");
    let incoming = format!("{whole};Lineage=1:a87bd80c:0");
    assert_eq!(watched.query("/", Some(&incoming)).await, 200);
    let of_aws = passage.take();
    for malformed in
        [&format!("Root={ROOT}"), "Root=1-5759e988-CANARY;Parent=53995c3f42cd8ad8;Sampled=1", "CANARY"]
    {
        assert_eq!(watched.query("/", Some(malformed)).await, 200);
    }
    assert_eq!(watched.query("/", None).await, 200);

    assert_eq!(sent(&watched), [Some(whole), None, None, None, None]);
    let (log, _) = watched.lines();
    let logged: Vec<Option<&str>> =
        requests(&log).iter().map(|line| line["span"]["trace_id"].as_str()).collect();
    assert_eq!(logged, [Some(ROOT), None, None, None, None]);
    assert!(!watched.container.output().contains("CANARY"));
    // To AWS itself the SDK passes it on, whole, for Lambda to notice calls that go in a circle.
    let traced = of_aws.iter().filter(|asked| asked.operation == "BatchGetItem");
    assert_eq!(traced.map(|asked| asked.trace.as_deref()).collect::<Vec<_>>(), [Some(incoming.as_str())]);
}

#[tokio::test]
async fn a_callers_own_header_is_not_passed_on() {
    let watched = Watched::start(World::saas().await, &[]).await;
    let license = watched.world.stack.identity.license("tenant-a");
    let mut event = end_to_end::query_event(license, "tenant-a", "crm");
    event["headers"]["x-amzn-trace-id"] =
        format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1").as_str().into();
    assert_eq!(end_to_end::answered(&watched.runtime.invoke(event).await).0, 200);
    assert_eq!(sent(&watched), [None]);
}
