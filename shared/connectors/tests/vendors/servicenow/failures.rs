//! What an instance says no with, and what becomes of it: for callers, and for repetitions.

use std::time::Duration;

use connectors::ConnectorError;
use serde_json::json;
use stand_ins::{Answer, servicenow};

use super::{client, connected, list, read, world, write};

fn envelope(status: u16, message: &str, detail: &str) -> Answer {
    Answer::json(status, &json!({"error": {"message": message, "detail": detail}, "status": "failure"}))
}

fn rejected(status: u16, message: &str) -> ConnectorError {
    ConnectorError::Rejected { status: status.into(), message: message.into() }
}

#[tokio::test]
async fn each_status_means_what_the_reference_says() {
    let (instance, made, _) = world().await;
    let lacks = |message: &str| ConnectorError::Lacks { status: 403.into(), message: message.into() };
    for (answer, expected) in [
        (envelope(400, "Invalid table u_x", ""), rejected(400, ": Invalid table u_x")),
        (
            envelope(404, "No Record found", "Record doesn't exist"),
            rejected(404, ": No Record found: Record doesn't exist"),
        ),
        (envelope(405, "Method not supported", ""), rejected(405, ": Method not supported")),
        (envelope(406, "Not acceptable", ""), rejected(406, ": Not acceptable")),
        (envelope(415, "Unsupported media type", ""), rejected(415, ": Unsupported media type")),
        (
            envelope(403, "User Not Authorized", "Failed API level ACL Validation"),
            lacks(": User Not Authorized: Failed API level ACL Validation"),
        ),
        (
            envelope(403, "Operation Failed", "ACL Exception Insert Failed due to security constraints"),
            lacks(": Operation Failed: ACL Exception Insert Failed due to security constraints"),
        ),
        (
            envelope(
                403,
                "Operation Failed",
                "Operation against file 'incident' was aborted by Business Rule 'Mine'",
            ),
            rejected(
                403,
                ": Operation Failed: Operation against file 'incident' was aborted by Business Rule 'Mine'",
            ),
        ),
        (servicenow::failed(500), ConnectorError::Upstream("ServiceNow failed (status 500)".into())),
        (servicenow::failed(502), ConnectorError::Upstream("ServiceNow failed (status 502)".into())),
        (servicenow::failed(503), ConnectorError::Upstream("ServiceNow failed (status 503)".into())),
        (servicenow::failed(504), ConnectorError::Upstream("ServiceNow failed (status 504)".into())),
        (
            servicenow::rate_limited(10, 1_800),
            ConnectorError::RateLimited { retry_after: Some("1800".into()) },
        ),
    ] {
        instance.next("GET", "/incident", vec![answer]);
        assert_eq!(made.query(list()).await.unwrap_err(), expected);
    }
    instance.next("GET", "/incident", vec![servicenow::hibernating()]);
    let error = made.query(list()).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Upstream(why) if why.contains("hibernates")), "{error:?}");
    let moved = Answer::empty(302).header("Location", "https://elsewhere.example/");
    instance.next("GET", "/incident", vec![moved]);
    let error = made.query(list()).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Upstream(why) if why.contains("redirect")), "{error:?}");
}

#[tokio::test]
async fn the_instances_own_rules_speak_for_themselves() {
    let (instance, made, ids) = world().await;
    let closed = json!({"incident": ids.incident, "state": "closed"});
    let error = write(&made, "update_incident", closed).await.unwrap_err();
    assert_eq!(
        error,
        rejected(
            403,
            ": Operation Failed: Data Policy Exception: Resolution code, Resolution notes are mandatory"
        )
    );
    instance.vendor(|v| {
        v.access.lose_role("itil");
        v.access.lose_role("admin");
    });
    let error = write(&made, "create_incident", json!({"short_description": "x"})).await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Lacks { message, .. } if message.contains("ACL Exception")),
        "{error:?}"
    );
    let error = read(&made, "list_changes", json!({})).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Lacks { .. }), "{error:?}");
    let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Lacks { .. }), "{error:?}");
}

#[tokio::test]
async fn reads_are_repeated_and_writes_only_where_nothing_was_taken() {
    let read = ("list_incidents", json!({}));
    let write_one = ("create_incident", json!({"short_description": "x"}));
    for (answer, asked, requests, good) in [
        (servicenow::failed(500), &read, 2, true),
        (servicenow::failed(502), &read, 2, true),
        (servicenow::failed(503), &read, 2, true),
        (servicenow::rate_limited(10, 0), &read, 2, true),
        (envelope(403, "User Not Authorized", ""), &read, 1, false),
        (envelope(400, "Bad Request", ""), &read, 1, false),
        (servicenow::failed(500), &write_one, 1, false),
        (servicenow::failed(502), &write_one, 1, false),
        (servicenow::failed(503), &write_one, 1, false),
        (servicenow::rate_limited(10, 0), &write_one, 2, true),
    ] {
        let (instance, _, _) = world().await;
        let made = connected(&instance, &json!({"secret": client(), "max_retries": 2}));
        let method = if asked.0 == "list_incidents" { "GET" } else { "POST" };
        instance.next(method, "/incident", vec![answer.clone()]);
        let done = write(&made, asked.0, asked.1.clone()).await;
        assert_eq!(
            (instance.count(method, "/incident"), done.is_ok()),
            (requests, good),
            "{answer:?} {done:?}"
        );
        let made = usize::from(method == "POST" && good);
        assert_eq!(instance.vendor(|v| v.tables["incident"].len()), 2 + made);
    }
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let (instance, _, _) = world().await;
    let made = connected(&instance, &json!({"secret": client(), "max_retries": 5}));
    instance.next("GET", "/incident", vec![servicenow::rate_limited(10, 600)]);
    let error = made.query(list().within(5_000)).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("600".into()) });
    assert_eq!(instance.count("GET", "/incident"), 1);
    instance.next("GET", "/incident", vec![servicenow::rate_limited(10, 1)]);
    assert_eq!(made.query(list()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_write_that_was_cut_off_is_unknown_and_not_repeated() {
    let (instance, _, _) = world().await;
    let made = connected(&instance, &json!({"secret": client(), "max_retries": 3}));
    read(&made, "list_incidents", json!({})).await.unwrap();
    let cut = Answer::new(200, "application/json", "{").header("content-length", 100);
    instance.next("POST", "/incident", vec![cut]);
    let error = write(&made, "create_incident", json!({"short_description": "x"})).await.unwrap_err();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    assert_eq!(instance.count("POST", "/incident"), 1);
}

#[tokio::test]
async fn an_instance_that_does_not_answer_ends_with_the_deadline() {
    let (instance, made, _) = world().await;
    read(&made, "list_incidents", json!({})).await.unwrap();
    let late = Answer::json(200, &json!({"result": []})).after(Duration::from_mins(1));
    instance.next("GET", "/incident", vec![late]);
    let error = made.query(list().within(300)).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Egress(error) if error.stage() == "deadline"), "{error:?}");
}

#[tokio::test]
async fn no_refusal_repeats_the_secret() {
    let (instance, made, _) = world().await;
    let told = envelope(400, "client oauth-secret is wrong", "and so is token-1");
    instance.next("GET", "/incident", vec![told]);
    let error = made.query(list()).await.unwrap_err().to_string();
    assert!(error.contains("client *** is wrong: and so is ***"), "{error}");
}
