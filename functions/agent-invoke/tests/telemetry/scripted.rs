//! A script of events, and what is told of each: the counts, the log lines, and nothing that belongs to a tenant among
//! the metrics.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use end_to_end::World;

use crate::setup::{CANARY, FUNCTION, Watched, requests};

#[tokio::test]
async fn every_event_of_a_script_is_counted_once_and_every_request_is_one_line() {
    let world = World::saas().await;
    let down = Arc::new(AtomicBool::new(false));
    let held = Arc::clone(&down);
    let passage =
        world.passage(move |asked| held.load(Ordering::SeqCst) && asked.operation == "BatchGetItem").await;
    let watched = Watched::start(world, &[("AWS_ENDPOINT_URL", passage.url())]).await;
    assert_eq!(watched.container.output(), "", "a start says nothing");

    for (path, status) in [("/", 200), ("/", 200), ("/404", 422), ("/503", 502), ("/500", 502), ("/401", 424)]
    {
        assert_eq!(watched.query(path, None).await, status, "{path}");
    }
    assert_eq!(watched.query("/", None).await, 200);
    down.store(true, Ordering::SeqCst);
    assert_eq!(watched.query("/", None).await, 200);

    let expected = [
        // The first call's, and that of the refused credentials, which were read afresh and refused again.
        ("CacheMisses", 2),
        ("CacheHits", 6),
        ("ColdStart", 1),
        ("Loads", 2),
        ("Retries", 1),
        ("StaleServes", 1),
    ];
    let totals = watched.totals();
    let counted = |name: &str| totals.get(&format!("{name} {FUNCTION}")).copied();
    for (name, amount) in expected {
        assert_eq!(counted(name), Some(amount), "{name} of {totals:?}");
    }
    for (outcome, samples) in [("ok", 4), ("rejected", 1), ("failed", 2), ("credentials", 2)] {
        assert_eq!(totals[&format!("UpstreamLatency custom {outcome}")], samples, "{outcome} of {totals:?}");
    }
    assert_eq!(totals.len(), 10, "nothing else happened: {totals:?}");

    let (log, metrics) = watched.lines();
    for document in &metrics {
        let text = document.to_string();
        assert!(!text.contains("tenant-a") && !text.contains("crm") && !text.contains(CANARY), "{text}");
    }
    let requests = requests(&log);
    let cold: Vec<bool> = requests.iter().map(|line| line["span"]["cold_start"].as_bool().unwrap()).collect();
    assert_eq!(cold, [true, false, false, false, false, false, false, false]);
    for line in requests {
        let span = &line["span"];
        assert_eq!(
            (&span["request_id"], &span["function"]),
            (&"one".into(), &"agent-invoke".into()),
            "{line}"
        );
        assert_eq!((&span["tenant"], &span["connector"]), (&"tenant-a".into(), &"crm".into()), "{line}");
        assert_eq!(span["version"], "1", "{line}");
        // The test's runtime API names each invocation by a number.
        assert!(span["lambda_request_id"].as_str().unwrap().parse::<u128>().is_ok(), "{line}");
        assert!(span["trace_id"].is_null(), "{line}");
        assert!(!line.to_string().contains(CANARY), "{line}");
    }
}

#[tokio::test]
async fn a_container_that_was_started_ahead_has_no_cold_start_and_a_quiet_log_keeps_its_metrics() {
    let quiet = [
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ("LOG_LEVEL", "error".to_owned()),
    ];
    let watched = Watched::start(World::saas().await, &quiet).await;
    assert_eq!(watched.query("/", None).await, 200);
    let (log, metrics) = watched.lines();
    assert_eq!((log.len(), metrics.len()), (0, 2));
    assert_eq!(watched.totals().get(&format!("ColdStart {FUNCTION}")), None);
}
