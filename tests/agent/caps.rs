//! How much one answer may hold: the caller's own limit, and the caps that nobody can raise.

use axum::body::Body;
use end_to_end::{Upstream, World};
use serde_json::{Value, json};

use crate::setup::{answer, ask, crm, custom, refused, rows};

const ROWS: usize = 10_000;
const BYTES: usize = 5 * 1024 * 1024;
/// The most that the way out reads of one answer.
const BODY: usize = 10 * 1024 * 1024;

/// A connector `crm` before a service whose answer depends on the number in the path.
async fn generating(body: impl Fn(usize) -> String + Clone + Send + Sync + 'static) -> (World, Upstream) {
    let upstream = Upstream::start(move |seen| {
        let number = seen.target.trim_start_matches('/').parse().unwrap();
        answer(200, Body::from(body(number)))
    });
    let (world, upstream) = (World::saas().await, upstream.await);
    world.create(&custom("crm", &upstream.url(), &json!({}))).await;
    (world, upstream)
}

fn check(body: &Value) -> (Option<bool>, bool, &str) {
    let exfiltration = &body["policy_info"]["exfiltration_check"];
    assert_eq!(exfiltration["rows_returned"], body["row_count"]);
    let exceeded = exfiltration["exceeded"].as_bool().unwrap();
    (body["truncated"].as_bool(), exceeded, exfiltration["limit_type"].as_str().unwrap())
}

#[tokio::test]
async fn the_callers_own_limit_cuts_and_is_no_truncation() {
    let (world, _upstream) = crm("[1,2,3,4]").await;
    for (limit, expected) in
        [(1, json!([1])), (3, json!([1, 2, 3])), (4, json!([1, 2, 3, 4])), (9, json!([1, 2, 3, 4]))]
    {
        let reply = world.query(&json!({"connector": "crm", "limit": limit})).send().await;
        assert_eq!(rows(&reply), expected);
        assert_eq!(check(&reply.json()), (None, false, "none"));
    }
    let huge = world.query(&json!({"connector": "crm", "limit": u64::MAX})).send().await;
    assert_eq!(rows(&huge), json!([1, 2, 3, 4]));
}

#[tokio::test]
async fn ten_thousand_rows_pass_and_one_more_is_cut_and_said() {
    let (world, _upstream) = generating(|count| json!(vec![7; count]).to_string()).await;
    let full = ask(&world, "/10000").send().await;
    assert_eq!(rows(&full).as_array().unwrap().len(), ROWS);
    assert_eq!(check(&full.json()), (None, false, "none"));
    let over = ask(&world, "/10001").send().await;
    assert_eq!(rows(&over).as_array().unwrap().len(), ROWS);
    assert_eq!(check(&over.json()), (Some(true), true, "rows"));
    // No limit of the caller lifts the cap.
    let body = json!({"connector": "crm", "statement": "/10001", "limit": 20_000});
    let over = world.query(&body).send().await;
    assert_eq!(rows(&over).as_array().unwrap().len(), ROWS);
    assert_eq!(check(&over.json()), (Some(true), true, "rows"));
}

#[tokio::test]
async fn five_mebibytes_pass_and_one_byte_more_is_cut_and_said() {
    // Five rows, each a text of the size given; its quotes count twice and a comma follows.
    let (world, _upstream) = generating(|size| json!(vec!["x".repeat(size - 5); 5]).to_string()).await;
    let full = ask(&world, &format!("/{}", BYTES / 5)).send().await;
    assert_eq!(rows(&full).as_array().unwrap().len(), 5);
    assert_eq!(check(&full.json()), (None, false, "none"));
    let over = ask(&world, &format!("/{}", BYTES / 5 + 1)).send().await;
    assert_eq!(rows(&over).as_array().unwrap().len(), 4);
    let body = over.json();
    assert_eq!(check(&body), (Some(true), true, "bytes"));
    assert_eq!(body["policy_info"]["exfiltration_check"]["bytes_returned"], 4 * (BYTES / 5 + 1));
}

#[tokio::test]
async fn whitespace_counts_as_lambda_carries_it() {
    // A line break between two values takes two bytes inside the event that carries the answer.
    let (world, _upstream) = generating(|breaks| format!("[[1,{}2]]", "\n".repeat(breaks))).await;
    let fits = ask(&world, &format!("/{}", BYTES / 2 - 10)).send().await;
    assert_eq!(rows(&fits), json!([[1, 2]]));
    let over = ask(&world, &format!("/{}", BYTES - 10)).send().await;
    assert_eq!(over.status, 200, "{}", over.text.len());
    assert_eq!(check(&over.json()), (Some(true), true, "bytes"));
}

#[tokio::test]
async fn an_answer_larger_than_is_read_at_all_is_an_upstreams_failure() {
    let (world, _upstream) = generating(|size| format!("[\"{}\"]", "x".repeat(size - 4))).await;
    let cut = ask(&world, &format!("/{BODY}")).send().await;
    assert_eq!(check(&cut.json()), (Some(true), true, "bytes"));
    let problem =
        refused(&ask(&world, &format!("/{}", BODY + 1)).send().await, 502, "upstream-answer-too-large");
    assert_eq!(problem["stage"], "response");
}
