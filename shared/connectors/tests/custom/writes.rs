//! Executes: what is sent, how often, and what comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connectors::ConnectorError;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::service::{Reply, Service};
use crate::setup::{ask, connected, texts};

#[tokio::test]
async fn each_method_sends_the_parameters_as_json_in_the_callers_digits() {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let service = Service::answering(vec![Reply::new(201, "application/json", r#"{"id":7}"#)]).await;
        let crm = connected(&format!("{}/v2", service.url()), &json!({}));
        let asked = ask("/orders?notify=true").action(method);
        let done = crm.execute(asked.with(r#"{"amount": 1.10, "n": 123456789012345678901234567890}"#)).await;
        let done = done.unwrap();
        assert_eq!((done.rows_affected, done.message), (1, format!("{method} 201")));
        assert_eq!(texts(&done.rows.unwrap()), [r#"{"id":7}"#]);
        let seen = &service.seen()[0];
        assert_eq!(seen.target, "/v2/orders?notify=true");
        assert_eq!((seen.method.as_str(), seen.header("content-type")), (method, "application/json"));
        assert_eq!(seen.body, r#"{"amount":1.10,"n":123456789012345678901234567890}"#);
    }
}

#[tokio::test]
async fn without_parameters_there_is_no_body_and_no_content_type() {
    let service = Service::answering(vec![Reply::status(204)]).await;
    let more = json!({"options": {"headers": {"Content-Type": "application/vnd.api+json"}}});
    let crm = connected(&service.url(), &more);
    let done = crm.execute(ask("/orders/7").action("delete")).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str(), done.rows.is_none()), (1, "DELETE 204", true));
    let seen = &service.seen()[0];
    assert_eq!((seen.header("content-type"), seen.body.len()), ("", 0));

    crm.execute(ask("/orders").action("POST").with(r#"{"a":1}"#)).await.unwrap();
    assert_eq!(service.seen()[1].header("content-type"), "application/vnd.api+json");
}

#[tokio::test]
async fn whatever_comes_back_a_write_that_was_accepted_is_no_error() {
    let array = Some(vec!["1".to_owned(), "2".to_owned()]);
    for (reply, expected) in [
        (Reply::json("[1,2]"), array.clone()),
        (Reply::json(r#"{"data":[1,2]}"#), array),
        (Reply::json(r#"{"other":1}"#), Some(vec![r#"{"other":1}"#.to_owned()])),
        (Reply::new(202, "text/plain", "queued"), Some(vec![r#"{"body":"queued"}"#.to_owned()])),
        (Reply::json("{ not json"), None),
        (Reply::json(""), None),
    ] {
        let service = Service::answering(vec![reply]).await;
        let crm = connected(&service.url(), &json!({"options": {"data_path": "/data"}}));
        let done = crm.execute(ask("/orders").action("POST").with(r#"{"a":1}"#)).await.unwrap();
        assert_eq!((done.rows_affected, done.rows.as_ref().map(texts)), (1, expected.clone()));
    }
    // The caller's limit holds here too, and is no count of what was touched.
    let service = Service::answering(vec![Reply::json("[1,2,3]")]).await;
    let done =
        connected(&service.url(), &json!({})).execute(ask("/o").action("POST").limit(1)).await.unwrap();
    assert_eq!((done.rows_affected, texts(&done.rows.unwrap())), (1, vec!["1".to_owned()]));
}

#[tokio::test]
async fn a_get_reads_and_touches_nothing() {
    let service = Service::answering(vec![Reply::json("[1,2]")]).await;
    let done =
        connected(&service.url(), &json!({})).execute(ask("/o").action("GET").with(r#"{"q":1}"#)).await;
    let done = done.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (0, "GET, 2 rows"));
    assert_eq!(service.targets(), ["GET /o?q=1"]);
}

#[tokio::test]
async fn a_statement_that_leaves_the_base_is_never_sent() {
    let service = Service::answering(vec![Reply::status(204)]).await;
    let crm = connected(&format!("{}/v2", service.url()), &json!({}));
    for statement in ["/../admin", "//evil.example/x", "https://evil.example/", "/a%2f..%2f..", "/a\r\nX: 1"]
    {
        let error = crm.execute(ask(statement).action("POST")).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{statement}: {error}");
    }
    let error = crm.execute(ask("/orders")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Invalid(_)), "{error}");
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn a_write_whose_connection_breaks_after_it_was_sent_is_seen_exactly_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            if stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let _ = stream.shutdown().await;
        }
    });
    let crm = connected(&url, &json!({"max_retries": 10}));
    for (sent, method) in ["POST", "PUT", "PATCH", "DELETE"].into_iter().enumerate() {
        let error = crm.execute(ask("/orders").action(method).with(r#"{"a":1}"#)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
        assert_eq!(requests.load(Ordering::SeqCst), sent + 1, "{method}");
    }
    // The same for a read is tried as often as the record says.
    let crm = connected(&url, &json!({"max_retries": 2}));
    crm.query(ask("/orders")).await.unwrap_err();
    assert_eq!(requests.load(Ordering::SeqCst), 4 + 3);
}

#[tokio::test]
async fn a_write_that_the_upstream_failed_at_is_not_repeated() {
    for status in [500, 502, 503, 504] {
        let service = Service::answering(vec![Reply::status(status).header("retry-after", "0")]).await;
        let crm = connected(&service.url(), &json!({"max_retries": 3}));
        crm.execute(ask("/orders").action("POST")).await.unwrap_err();
        assert_eq!(service.seen().len(), 1, "{status}");
    }
}
