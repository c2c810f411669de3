//! Each documented error, and what callers are told of it.

use connectors::{ConnectorError, Stage};
use serde_json::json;
use stand_ins::Answer;
use stand_ins::salesforce::Spent;

use super::org;
use crate::setup::{ask, say};

fn fault(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!([{"message": message, "errorCode": code}]))
}

#[tokio::test]
async fn every_documented_status_has_its_error() {
    let org = org().await;
    let made = org.plain();
    made.query(ask("limits")).await.unwrap();
    for (answer, kind, part) in [
        (fault(400, "INVALID_FIELD", "No such column"), "Rejected", "No such column"),
        (fault(400, "MALFORMED_QUERY", "unexpected token"), "Rejected", "code MALFORMED_QUERY"),
        (fault(400, "UNABLE_TO_LOCK_ROW", "unable to obtain"), "Rejected", "UNABLE_TO_LOCK_ROW"),
        (
            fault(403, "INSUFFICIENT_ACCESS", "insufficient rights"),
            "Lacks",
            "insufficient rights; grant it there",
        ),
        (fault(403, "API_DISABLED_FOR_ORG", "API is not enabled"), "Lacks", "API is not enabled"),
        (fault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), "QuotaUsed", "TotalRequests"),
        (
            fault(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (…) Limit exceeded."),
            "RateLimited",
            "later",
        ),
        (fault(404, "NOT_FOUND", "The requested resource does not exist"), "Rejected", "does not exist"),
        (fault(405, "METHOD_NOT_ALLOWED", "not allowed"), "Rejected", "status 405"),
        (fault(409, "CONFLICT", "conflict"), "Rejected", "status 409"),
        (fault(410, "GONE", "retired"), "Rejected", "options.api_version names the version"),
        (fault(412, "PRECONDITION_FAILED", "no"), "Rejected", "status 412"),
        (Answer::new(414, "text/html", "<h1>URI Too Long</h1>"), "Rejected", "status 414"),
        (fault(415, "UNSUPPORTED_MEDIA_TYPE", "no"), "Rejected", "status 415"),
        (fault(420, "x", "edge"), "Rejected", "status 420"),
        (Answer::new(431, "text/html", "too large"), "Rejected", "status 431"),
        (fault(429, "x", "slow").header("retry-after", 7), "RateLimited", "later"),
        (fault(500, "UNKNOWN_EXCEPTION", "ErrorId 12"), "Upstream", "code UNKNOWN_EXCEPTION"),
        (Answer::new(502, "text/html", "<html>"), "Upstream", "Salesforce failed (status 502)"),
        (fault(503, "SERVER_UNAVAILABLE", "busy"), "Upstream", "SERVER_UNAVAILABLE"),
        (Answer::new(200, "text/html", "<html>sign in</html>"), "Upstream", "is not Salesforce's API"),
        (Answer::empty(302).header("location", "https://evil.example/"), "Upstream", "redirect"),
    ] {
        org.server.next("GET", "/query", vec![answer]);
        let error = made.query(say("SELECT Id FROM Account")).await.unwrap_err();
        let (debug, text) = (format!("{error:?}"), error.to_string());
        assert!(debug.starts_with(kind) && text.contains(part), "{debug} {text}");
    }
}

#[tokio::test]
async fn a_daily_quota_is_told_from_too_many_at_once() {
    let org = org().await;
    let made = org.connector(&json!({"max_retries": 3}));
    org.server.vendor(|vendor| vendor.spent = Some(Spent::Daily));
    let error = made.query(ask("limits")).await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::QuotaUsed { retry_after, .. } if retry_after == "3600"),
        "{error:?}"
    );
    assert_eq!(org.server.count("GET", "/limits"), 1);
    org.server.vendor(|vendor| vendor.spent = Some(Spent::Concurrent));
    let error = made.query(ask("limits").within(2_000)).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("5".into()) });
    // The wait would have outlasted the call.
    assert_eq!(org.server.count("GET", "/limits"), 2);
}

#[tokio::test]
async fn a_right_that_lacks_is_told_from_credentials_that_are_refused() {
    let org = org().await;
    let made = org.plain();
    org.server.vendor(|vendor| vendor.lose_right("Account"));
    let error = made.query(say("SELECT Id FROM Account")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
    // The same code as an expired session, and no token would help.
    org.server.vendor(|vendor| vendor.api_scope = false);
    let error = made.query(ask("limits")).await.unwrap_err();
    assert!(error.to_string().contains("the app needs the OAuth scope `api`"), "{error}");
    assert_eq!((error.stage(), org.server.vendor(|vendor| vendor.issued)), (Stage::Call, 1));
}

#[tokio::test]
async fn no_error_repeats_a_secret() {
    let org = org().await;
    let made = org.plain();
    made.query(ask("limits")).await.unwrap();
    let token = org.server.seen().last().unwrap().bearer().to_owned();
    let words = format!("bad consumer+secret/1 of {token}");
    org.server.next("GET", "/limits", vec![fault(400, "INVALID", &words)]);
    let error = made.query(ask("limits")).await.unwrap_err();
    assert!(error.to_string().contains(": bad *** of ***"), "{error}");
}
