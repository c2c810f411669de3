//! Sending a statement again: with the same id and the word that it is a repetition, so that the account never runs it
//! twice; and what is said where nobody knows whether it ran.

use connectors::ConnectorError;
use egress::EgressError;
use serde_json::json;
use url::Url;

use crate::reply::Reply;
use crate::setup::{Made, ask, connected};
use crate::stub::Stub;

/// Request id, and whether it says that it is a repetition.
fn submissions(stub: &Stub) -> Vec<(String, bool)> {
    let read = |target: &str| {
        let url = Url::parse(&format!("http://a{target}")).unwrap();
        let value =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        (value("requestId").unwrap(), value("retry").is_some())
    };
    stub.seen()
        .iter()
        .filter(|seen| seen.method == "POST" && !seen.is_cancel())
        .map(|seen| read(&seen.target))
        .collect()
}

async fn insert(made: &Made) -> Result<u64, ConnectorError> {
    let ask = ask("insert into t values (?)").with(r#"{"1": 5}"#);
    made.execute(ask).await.map(|executed| executed.rows_affected)
}

fn inserted() -> Reply {
    Reply::result(&[("number of rows inserted", "FIXED", Some(0))], &json!([["1"]]))
}

#[tokio::test]
async fn what_was_lost_is_sent_again_as_the_same_request() {
    for trouble in [
        Reply::failure(503, "", "").header("retry-after", "0"),
        Reply::failure(504, "", ""),
        Reply::failure(502, "", ""),
        Reply::failure(429, "", ""),
        Reply::one("1").cut(),
    ] {
        let stub = Stub::answering(vec![trouble.clone(), trouble, inserted()]).await;
        let made = connected(&stub, &json!({"max_retries": 2}));
        assert_eq!(insert(&made).await.unwrap(), 1);
        let sent = submissions(&stub);
        assert!(sent.iter().all(|(id, _)| *id == sent[0].0), "{sent:?}");
        assert_eq!(sent.iter().map(|(_, again)| *again).collect::<Vec<_>>(), [false, true, true]);
        let bodies: Vec<_> = stub.seen().iter().map(|seen| seen.body.clone()).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]));
        insert(&made).await.unwrap();
        let next = submissions(&stub).pop().unwrap();
        assert!(next.0 != sent[0].0 && !next.1, "every statement has an id of its own");
    }
}

#[tokio::test]
async fn a_refused_token_does_not_make_a_repetition_a_statement_of_its_own() {
    let refused = || Reply::failure(401, "390144", "JWT token is invalid.");
    for (before, expected) in [
        (vec![Reply::failure(504, "", "")], &[false, false, true, true][..]),
        (Vec::new(), &[false, false, false]),
    ] {
        let replies = [vec![inserted()], before, vec![refused(), inserted()]].concat();
        let stub = Stub::answering(replies).await;
        let made = connected(&stub, &json!({"max_retries": 1}));
        // From here on the token is one that was good.
        insert(&made).await.unwrap();
        assert_eq!(insert(&made).await.unwrap(), 1);
        let sent = submissions(&stub);
        assert!(sent.iter().skip(1).all(|(id, _)| *id == sent[1].0), "{sent:?}");
        assert_eq!(sent.iter().map(|(_, again)| *again).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn a_read_that_stays_lost_fails_and_a_write_is_of_unknown_outcome() {
    for trouble in [
        Reply::failure(503, "", ""),
        Reply::failure(504, "", ""),
        Reply::failure(500, "", ""),
        Reply::one("1").cut(),
        Reply::text(200, r#"{"resultSetMetaData": {"rowType": [], "#),
        Reply::text(200, "<html>gateway</html>"),
        Reply::text(202, "{}"),
    ] {
        let stub = Stub::answering(vec![trouble]).await;
        let made = connected(&stub, &json!({}));
        let error = made.query(ask("select 1")).await.unwrap_err();
        let plain =
            matches!(error, ConnectorError::Upstream(_) | ConnectorError::Egress(EgressError::Broken { .. }));
        assert!(plain, "{error:?}");
        let error = insert(&made).await.unwrap_err();
        assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_write_that_the_account_refused_has_not_run() {
    for (refusal, unknown) in [
        (Reply::failure(400, "391902", "bad request"), false),
        (Reply::failure(401, "390144", "JWT token is invalid."), false),
        (Reply::failure(403, "390422", "not from here"), false),
        (Reply::failure(408, "000630", "Statement reached its timeout and was canceled."), false),
        (Reply::failure(422, "001003", "SQL compilation error"), false),
        (Reply::failure(429, "", ""), false),
        (Reply::failure(500, "", ""), true),
    ] {
        let stub = Stub::answering(vec![refusal.clone()]).await;
        let error = insert(&connected(&stub, &json!({}))).await.unwrap_err();
        assert_eq!(matches!(error, ConnectorError::OutcomeUnknown(_)), unknown, "{error:?}");
        // Once it may have run, a refusal of the next attempt says nothing of it; that it failed does.
        let stub = Stub::answering(vec![Reply::failure(504, "", ""), refusal.clone()]).await;
        let error = insert(&connected(&stub, &json!({"max_retries": 1}))).await.unwrap_err();
        let ended =
            format!("{refusal:?}").contains("status: 422") || format!("{refusal:?}").contains("status: 408");
        assert_eq!(matches!(error, ConnectorError::OutcomeUnknown(_)), !ended, "{error:?}");
    }
}

#[tokio::test]
async fn a_write_that_was_accepted_is_unknown_until_the_account_says_how_it_ended() {
    for trouble in [
        Reply::failure(401, "390144", "JWT token is invalid."),
        Reply::failure(403, "", ""),
        Reply::failure(404, "000404", "no such statement"),
        Reply::failure(429, "", ""),
        Reply::failure(503, "", ""),
        Reply::text(202, "{}"),
        Reply::text(200, "{}"),
    ] {
        let stub = Stub::answering(vec![Reply::running(), trouble]).await;
        let error = insert(&connected(&stub, &json!({}))).await.unwrap_err();
        assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_in_seconds_and_as_a_date_and_passed_on_where_it_lies_too_far() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for soon in ["0", date] {
        let busy = Reply::failure(429, "", "").header("retry-after", soon);
        let stub = Stub::answering(vec![busy, Reply::one("1")]).await;
        connected(&stub, &json!({"max_retries": 1})).query(ask("select 1")).await.unwrap();
    }
    let start = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(4_000_000_000);
    for late in ["3600".to_owned(), httpdate::fmt_http_date(start)] {
        let busy = Reply::failure(429, "", "").header("retry-after", late.clone());
        let stub = Stub::answering(vec![busy]).await;
        let error = connected(&stub, &json!({"max_retries": 5})).query(ask("select 1")).await.unwrap_err();
        assert_eq!(error, ConnectorError::RateLimited { retry_after: Some(late) });
        assert_eq!(stub.seen().len(), 1);
    }
}
