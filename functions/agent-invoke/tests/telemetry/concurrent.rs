//! Several invocations at a time in one container: nothing is counted twice, no line is torn, and no trace is taken for
//! another's.

use std::collections::BTreeSet;

use end_to_end::World;

use crate::setup::{FUNCTION, Watched, requests};

const CALLS: u8 = 64;

#[tokio::test]
async fn invocations_at_the_same_time_tell_of_themselves_each() {
    let watched =
        Watched::start(World::saas().await, &[("AWS_LAMBDA_MAX_CONCURRENCY", "8".to_owned())]).await;
    let traces: Vec<String> =
        (0..CALLS).map(|n| format!("Root=1-5759e988-{n:024x};Parent={n:016x};Sampled=1")).collect();
    let paths: Vec<String> = (0..CALLS).map(|n| format!("/c{n}")).collect();
    let calls = paths.iter().zip(&traces).map(|(path, trace)| watched.query(path, Some(trace)));
    let statuses = futures_util::future::join_all(calls).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");

    for seen in watched.upstream.seen() {
        let n: usize = seen.target.trim_start_matches("/c").parse().unwrap();
        assert_eq!(seen.headers["x-amzn-trace-id"], traces[n], "{}", seen.target);
    }
    let totals = watched.totals();
    let cache = ["CacheHits", "CacheMisses"].map(|name| totals.get(&format!("{name} {FUNCTION}")).copied());
    assert_eq!(cache.iter().flatten().sum::<u64>(), u64::from(CALLS), "{totals:?}");
    assert_eq!(totals["UpstreamLatency custom ok"], u64::from(CALLS));
    assert_eq!(totals[&format!("ColdStart {FUNCTION}")], 1);
    let (log, metrics) = watched.lines();
    assert!(
        metrics.len() <= 2 * usize::from(CALLS),
        "a document for each invocation and set of dimensions at most"
    );
    let requests = requests(&log);
    assert_eq!(requests.len(), usize::from(CALLS));
    assert_eq!(requests.iter().filter(|line| line["span"]["cold_start"] == true).count(), 1);
    let logged: BTreeSet<&str> =
        requests.iter().filter_map(|line| line["span"]["trace_id"].as_str()).collect();
    assert_eq!(logged.len(), usize::from(CALLS));
}
