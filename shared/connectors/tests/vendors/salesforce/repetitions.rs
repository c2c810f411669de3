//! What is sent again, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::Answer;
use stand_ins::salesforce::{Spent, Trouble};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::org;
use crate::setup::{Ask, ask, say};

fn create() -> Ask {
    ask("create_record").with(json!({"object": "Account", "fields": {"Name": "Nova"}}))
}

fn upsert() -> Ask {
    let all =
        json!({"object": "Account", "field": "ExternalKey__c", "value": "A-17", "fields": {"Phone": "1"}});
    ask("upsert_record").with(all)
}

fn fault(status: u16, code: &str) -> Answer {
    Answer::json(status, &json!([{"message": "m", "errorCode": code}]))
}

#[tokio::test]
async fn a_write_is_repeated_only_where_salesforce_took_nothing() {
    for (ask, method, end, answer, attempts, done) in [
        (create(), "POST", "/Account", fault(503, "SERVER_UNAVAILABLE"), 1, false),
        (create(), "POST", "/Account", fault(500, "UNKNOWN_EXCEPTION"), 1, false),
        (create(), "POST", "/Account", Answer::empty(504), 1, false),
        (create(), "POST", "/Account", fault(429, "x"), 2, true),
        (create(), "POST", "/Account", fault(429, "x").header("retry-after", 1), 2, true),
        (create(), "POST", "/Account", fault(429, "x").header("retry-after", 3_600), 1, false),
        (create(), "POST", "/Account", fault(400, "UNABLE_TO_LOCK_ROW"), 2, true),
        (create(), "POST", "/Account", fault(400, "INVALID_FIELD"), 1, false),
        (upsert(), "PATCH", "/A-17", fault(503, "SERVER_UNAVAILABLE"), 2, true),
        (upsert(), "PATCH", "/A-17", fault(500, "UNKNOWN_EXCEPTION"), 2, true),
        (say("limits"), "GET", "/limits", fault(503, "SERVER_UNAVAILABLE"), 2, true),
        (say("limits"), "GET", "/limits", fault(500, "UNKNOWN_EXCEPTION"), 2, true),
    ] {
        let org = org().await;
        let shown = format!("{:?} {answer:?}", ask.request().operation);
        org.server.next(method, end, vec![answer]);
        let answered = org.connector(&json!({"max_retries": 2})).execute(ask).await;
        assert_eq!(
            (org.server.count(method, end), answered.is_ok()),
            (attempts, done),
            "{shown} {answered:?}"
        );
    }
}

#[tokio::test]
async fn a_locked_row_is_waited_for_also_within_a_composite_request() {
    let org = org().await;
    org.server.vendor(|vendor| vendor.locked = 1);
    let made = org.connector(&json!({"max_retries": 2}));
    let records = json!({"records": [{"attributes": {"type": "Account"}, "id": org.acme, "Phone": "9"}]});
    assert_eq!(made.execute(ask("update_records").with(records)).await.unwrap().rows_affected, 1);
    assert_eq!(org.account(&org.acme)["Phone"], "9");
    org.server.vendor(|vendor| vendor.locked = 1);
    let url = format!("/services/data/v66.0/sobjects/Account/{}", org.acme);
    let piece = json!({"method": "PATCH", "url": url, "referenceId": "a", "body": {"Phone": "10"}});
    made.execute(ask("composite").with(json!({"compositeRequest": [piece]}))).await.unwrap();
    assert_eq!(org.account(&org.acme)["Phone"], "10");
}

#[tokio::test]
async fn long_requests_of_others_are_waited_for() {
    let org = org().await;
    let made = org.connector(&json!({"max_retries": 1}));
    made.query(say("limits")).await.unwrap();
    org.server.vendor(|vendor| vendor.spent = Some(Spent::Concurrent));
    let freed = async {
        while org.server.count("POST", "/Account") == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        org.server.vendor(|vendor| vendor.spent = None);
    };
    let (done, ()) = tokio::join!(made.execute(create()), freed);
    assert_eq!((done.unwrap().rows_affected, org.server.count("POST", "/Account")), (1, 2));
}

/// A place that takes a request and hangs up, and how often it did.
async fn hanging_up() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 64];
            if socket.read(&mut request).await.is_ok_and(|read| read > 0) {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    (url, count)
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_a_write_unknown_and_a_keyed_one_is_repeated_before() {
    for (ask, attempts, unknown) in [(create(), 1, true), (upsert(), 3, true), (say("limits"), 3, false)] {
        let (url, count) = hanging_up().await;
        let org = org().await;
        org.server.vendor(|vendor| vendor.instance_url = url);
        let error = org.connector(&json!({"max_retries": 2})).execute(ask).await.unwrap_err();
        assert_eq!(count.load(Ordering::SeqCst), attempts, "{error:?}");
        assert_eq!(matches!(error, ConnectorError::OutcomeUnknown(_)), unknown, "{error:?}");
    }
}

/// A place that takes one request, hangs up, and is gone.
async fn gone_after_one() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let read = socket.read(&mut [0; 64]).await;
        drop(listener);
        drop((socket, read));
    });
    url
}

#[tokio::test]
async fn a_repetition_that_reaches_nobody_takes_nothing_back_of_what_came_before_it() {
    for (ask, unknown) in [(upsert(), true), (say("limits"), false)] {
        let org = org().await;
        let url = gone_after_one().await;
        org.server.vendor(|vendor| vendor.instance_url = url);
        let error = org.connector(&json!({"max_retries": 2})).execute(ask).await.unwrap_err();
        assert_eq!(matches!(error, ConnectorError::OutcomeUnknown(_)), unknown, "{error:?}");
    }
}

#[tokio::test]
async fn a_new_token_takes_nothing_back_of_what_came_before_it() {
    for (first, unknown) in [(fault(429, "x"), false), (fault(500, "UNKNOWN_EXCEPTION"), true)] {
        let org = org().await;
        let made = org.connector(&json!({"max_retries": 2}));
        made.query(say("limits")).await.unwrap();
        let (expired, refused) = (fault(401, "INVALID_SESSION_ID"), fault(400, "INVALID_FIELD"));
        org.server.next("PATCH", "/A-17", vec![first, expired, refused]);
        let error = made.execute(upsert()).await.unwrap_err();
        assert_eq!(org.server.count("PATCH", "/A-17"), 3, "{error:?}");
        assert_eq!(matches!(error, ConnectorError::OutcomeUnknown(_)), unknown, "{error:?}");
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_had_takes_nothing_back_of_what_came_before_it() {
    for (first, unknown) in [(fault(429, "x"), false), (fault(500, "UNKNOWN_EXCEPTION"), true)] {
        let org = org().await;
        let made = org.connector(&json!({"max_retries": 2}));
        made.query(say("limits")).await.unwrap();
        org.server.vendor(|vendor| vendor.app.trouble = Some(Trouble::NoRunAs));
        org.server.next("PATCH", "/A-17", vec![first, fault(401, "INVALID_SESSION_ID")]);
        let error = made.execute(upsert()).await.unwrap_err();
        assert_eq!(org.server.count("PATCH", "/A-17"), 2, "{error:?}");
        assert_eq!(matches!(error, ConnectorError::OutcomeUnknown(_)), unknown, "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_late_ends_the_call_in_time() {
    let org = org().await;
    let made = org.plain();
    made.query(say("limits")).await.unwrap();
    let late = Answer::json(200, &Value::Null).after(std::time::Duration::from_mins(1));
    org.server.next("GET", "/limits", vec![late]);
    let error = made.query(say("limits").within(300)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(_)), "{error:?}");
}
