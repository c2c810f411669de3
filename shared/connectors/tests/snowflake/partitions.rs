//! Results of several partitions: fetched in order, packed or not, until there are enough rows.

use connectors::{ConnectorError, Limit, ROW_LIMIT};
use serde_json::{Value, json};

use crate::reply::{HANDLE, Reply};
use crate::setup::{ask, connected, texts};
use crate::stub::{Seen, Stub};

const COLUMNS: [(&str, &str, Option<i64>); 1] = [("N", "FIXED", Some(0))];

fn numbers(from: usize, count: usize) -> Value {
    (from..from + count).map(|number| json!([number.to_string()])).collect()
}

/// Which partition is asked for; 0 is the submission.
fn partition(seen: &Seen) -> usize {
    seen.target.split_once("partition=").map_or(0, |(_, number)| number.parse().unwrap())
}

/// An account whose result has partitions of so many rows each, all but the first one packed.
async fn account(partitions: usize, rows: usize) -> Stub {
    Stub::start(move |seen, _| match partition(seen) {
        0 => Reply::first_of(&COLUMNS, &numbers(0, rows), &vec![1_000; partitions - 1]),
        number => Reply::partition(&numbers(number * rows, rows)).gzip(),
    })
    .await
}

#[tokio::test]
async fn every_partition_is_read_in_order() {
    let stub = account(25, 40).await;
    let rows = connected(&stub, &json!({})).query(ask("select n from t")).await.unwrap();
    let expected: Vec<String> = (0..1_000).map(|number| format!(r#"{{"N":{number}}}"#)).collect();
    assert_eq!(rows, expected);
    let asked: Vec<String> =
        (1..25).map(|number| format!("GET /api/v2/statements/{HANDLE}?partition={number}")).collect();
    assert_eq!(stub.targets()[1..], asked);
}

#[tokio::test]
async fn no_partition_is_fetched_that_nobody_wants() {
    let stub = account(25, 40).await;
    let made = connected(&stub, &json!({}));
    for (limit, requests) in [(0, 1), (1, 1), (40, 1), (41, 2), (120, 3), (121, 4)] {
        let before = stub.seen().len();
        let rows = made.rows(ask("select n from t").limit(limit)).await.unwrap();
        assert_eq!((rows.items().len(), rows.exceeded()), (limit, None));
        assert_eq!(stub.seen().len() - before, requests, "{limit}");
        // The account need not make more rows ready than are wanted.
        let sent = stub.seen()[before].json();
        assert_eq!(sent["parameters"]["rows_per_resultset"], limit.max(1));
    }
}

#[tokio::test]
async fn ten_thousand_rows_pass_and_one_more_is_cut() {
    for (rows, exceeded) in [(ROW_LIMIT, None), (ROW_LIMIT + 1, Some(Limit::Rows))] {
        let stub = Stub::start(move |seen, _| match partition(seen) {
            0 => Reply::first_of(&COLUMNS, &numbers(0, ROW_LIMIT - 1), &[1_000]),
            number => Reply::partition(&numbers(ROW_LIMIT - number, rows + 1 - ROW_LIMIT)).gzip(),
        })
        .await;
        let read = connected(&stub, &json!({})).rows(ask("select n from t")).await.unwrap();
        assert_eq!((read.items().len(), read.exceeded()), (ROW_LIMIT, exceeded));
        assert_eq!(texts(&read).last().unwrap(), &format!(r#"{{"N":{}}}"#, ROW_LIMIT - 1));
        assert_eq!(stub.seen()[0].json()["parameters"]["rows_per_resultset"], ROW_LIMIT + 1);
    }
}

#[tokio::test]
async fn a_partition_that_is_too_large_ends_the_answer_there_and_says_so() {
    const TEXT: [(&str, &str, Option<i64>); 1] = [("T", "TEXT", None)];
    let bomb = || Reply::partition(&json!([[" ".repeat(33 * 1024 * 1024)]])).gzip();
    for (size, fetched) in [(33 * 1024 * 1024, 1), (1_000, 2)] {
        let stub = Stub::start(move |seen, _| match partition(seen) {
            0 => Reply::first_of(&TEXT, &json!([["a"], ["b"]]), &[size]),
            _ => bomb(),
        })
        .await;
        let read = connected(&stub, &json!({})).rows(ask("select t from t")).await.unwrap();
        assert_eq!((read.items().len(), read.exceeded()), (2, Some(Limit::Bytes)));
        assert_eq!(stub.seen().len(), fetched);
    }
}

#[tokio::test]
async fn a_partition_that_can_not_be_read_is_an_error_and_not_a_shorter_answer() {
    for trouble in [
        Reply::text(200, "{}"),
        Reply::text(200, r#"{"data": [["1", "2"]]}"#),
        Reply::text(200, "x").header("content-encoding", "gzip"),
        Reply::failure(422, "000001", "no such partition"),
    ] {
        let stub = Stub::start(move |seen, _| match partition(seen) {
            0 => Reply::first_of(&COLUMNS, &numbers(0, 2), &[10]),
            _ => trouble.clone(),
        })
        .await;
        let error = connected(&stub, &json!({})).query(ask("select n from t")).await.unwrap_err();
        assert!(!matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_first_answer_may_be_packed_and_a_result_may_have_no_partitions() {
    let stub = Stub::answering(vec![Reply::one("1").gzip()]).await;
    assert_eq!(connected(&stub, &json!({})).query(ask("select 1")).await.unwrap(), [r#"{"N":1}"#]);
    let none = r#"{"resultSetMetaData":{"numRows":0,"partitionInfo":null,"rowType":[{"name":"A","type":"TEXT"}]},"data":[]}"#;
    let stub = Stub::answering(vec![Reply::text(200, none)]).await;
    assert!(connected(&stub, &json!({})).query(ask("select 1")).await.unwrap().is_empty());
}
