//! A call ends with its deadline, and what it left running at the account is cancelled there.

use std::sync::Arc;
use std::time::Duration;

use connectors::ConnectorError;
use egress::EgressError;
use model::clock::{Clock, SystemClock};
use serde_json::json;

use crate::reply::{HANDLE, Reply};
use crate::setup::{ask, connected};
use crate::stub::{Seen, Stub};

fn cancelled(seen: &[Seen]) -> bool {
    let target = format!("/api/v2/statements/{HANDLE}/cancel");
    seen.iter().any(|seen| seen.method == "POST" && seen.target == target)
}

#[tokio::test]
async fn a_deadline_in_the_middle_of_a_poll_ends_the_call_there_and_the_statement_too() {
    let stub = Stub::answering(vec![Reply::running()]).await;
    let made = connected(&stub, &json!({}));
    let start = SystemClock.now();
    let error = made.query(ask("select 1").within(900)).await.unwrap_err();
    let took = SystemClock.now().ticks.duration_since(start.ticks);
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
    println!("a deadline of 900 ms in the middle of a poll ended the call after {took:?}");
    assert!(took >= Duration::from_millis(900));
    assert!(stub.seen().iter().filter(|seen| seen.method == "GET").count() >= 1);
    stub.wait_for(cancelled).await;
}

#[tokio::test]
async fn a_poll_that_is_not_answered_ends_with_the_deadline_too() {
    let stub = Stub::start(|_, index| match index {
        0 => Reply::running(),
        _ => Reply::one("1").after(Duration::from_mins(2)),
    })
    .await;
    let error = connected(&stub, &json!({})).query(ask("select 1").within(700)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
    stub.wait_for(cancelled).await;
}

#[tokio::test]
async fn a_write_whose_deadline_ends_is_cancelled_and_of_unknown_outcome() {
    let stub = Stub::answering(vec![Reply::running()]).await;
    let error = connected(&stub, &json!({})).execute(ask("delete from t").within(600)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    stub.wait_for(cancelled).await;
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_nothing_running() {
    let stub = Stub::answering(vec![Reply::running()]).await;
    let made = Arc::new(connected(&stub, &json!({})));
    let call = tokio::spawn({
        let made = Arc::clone(&made);
        async move { made.query(ask("select 1")).await }
    });
    stub.wait_for(|seen| seen.iter().any(|seen| seen.method == "GET")).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    stub.wait_for(cancelled).await;
}

#[tokio::test]
async fn the_account_is_told_how_long_the_statement_may_take() {
    for (millis, seconds) in [(2_900, 3), (100_000, 100), (700, 1)] {
        let stub = Stub::answering(vec![Reply::one("1")]).await;
        connected(&stub, &json!({})).query(ask("select 1").within(millis)).await.unwrap();
        let sent = stub.seen()[0].json()["timeout"].as_u64().unwrap();
        // What went by before the request was made is off.
        assert!((1..=seconds).contains(&sent) && sent + 30 >= seconds, "{millis} ms: {sent}");
    }
}

#[tokio::test]
async fn no_statement_is_sent_when_the_time_is_over() {
    let stub = Stub::answering(vec![Reply::one("1")]).await;
    assert!(connected(&stub, &json!({})).query(ask("select 1").within(0)).await.is_err());
    assert!(stub.seen().is_empty());
}
