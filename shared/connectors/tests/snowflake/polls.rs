//! A statement that takes longer than the account waits with it: asked for until it has ended.

use connectors::ConnectorError;
use serde_json::json;

use crate::reply::{HANDLE, Reply};
use crate::setup::{ask, connected};
use crate::stub::Stub;

#[tokio::test]
async fn a_statement_that_runs_is_asked_for_where_the_account_says() {
    let stub = Stub::answering(vec![Reply::running(), Reply::running(), Reply::one("3")]).await;
    assert_eq!(connected(&stub, &json!({})).query(ask("select 3")).await.unwrap(), [r#"{"N":3}"#]);
    let asked = format!("GET /api/v2/statements/{HANDLE}?requestId=5ed9ce46-0000-0000-0000-000000000000");
    assert_eq!(stub.targets()[1..], [asked.clone(), asked]);
}

#[tokio::test]
async fn without_a_url_the_handle_says_where() {
    let first = Reply::running().body(|body| body.replace("statementStatusUrl", "other"));
    let stub = Stub::answering(vec![first, Reply::one("3")]).await;
    connected(&stub, &json!({})).query(ask("select 3")).await.unwrap();
    assert_eq!(stub.targets()[1], format!("GET /api/v2/statements/{HANDLE}"));
}

#[tokio::test]
async fn a_url_that_leads_elsewhere_is_not_followed_and_the_statement_is_cancelled() {
    let evil = Stub::answering(vec![Reply::one("666")]).await;
    let urls = [
        format!("{}/api/v2/statements/{HANDLE}", evil.url()),
        "//evil.example/api/v2/statements/x".to_owned(),
        "http://user@127.0.0.1/api/v2/statements/x".to_owned(),
        "/api/v2/statements/../../admin".to_owned(),
        "/api/v2/statementsx/y".to_owned(),
        "/session/v1/login-request".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    for url in urls {
        let stub = Stub::answering(vec![Reply::underway(&url)]).await;
        let error = connected(&stub, &json!({})).query(ask("select 1")).await.unwrap_err();
        assert!(error.to_string().contains("leads away"), "{url}: {error}");
        stub.wait_for(|seen| seen.iter().any(crate::stub::Seen::is_cancel)).await;
        assert_eq!(stub.seen().len(), 2, "{url}");
    }
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn a_handle_that_is_none_is_never_put_into_a_path() {
    for handle in ["", "../../admin", "a/b", "a?b", "a b", &"a".repeat(65)] {
        let first =
            Reply::running().body(|body| body.replace(&format!("\"{HANDLE}\""), &json!(handle).to_string()));
        let stub = Stub::answering(vec![first]).await;
        let error = connected(&stub, &json!({})).query(ask("select 1")).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Upstream(_)), "{handle}: {error}");
        assert_eq!(stub.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_statement_that_fails_after_a_while_fails_with_its_own_words() {
    for mode in ["query", "execute"] {
        let failure = Reply::failure(422, "100038", "Numeric value 'x' is not recognized");
        let stub = Stub::answering(vec![Reply::running(), failure]).await;
        let made = connected(&stub, &json!({}));
        let error = match mode {
            "query" => made.query(ask("select 1")).await.unwrap_err(),
            _ => made.execute(ask("insert into t values (1)")).await.unwrap_err(),
        };
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{mode}: {error}");
        assert!(error.to_string().contains("code 100038): Numeric value 'x'"), "{error}");
        // It has ended: nothing is left to cancel.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert!(!stub.seen().iter().any(crate::stub::Seen::is_cancel));
    }
}

#[tokio::test]
async fn a_look_that_meets_trouble_is_repeated() {
    let stub = Stub::answering(vec![
        Reply::running(),
        Reply::failure(503, "", "").header("retry-after", "0"),
        Reply::failure(429, "", ""),
        Reply::one("3"),
    ])
    .await;
    let made = connected(&stub, &json!({"max_retries": 2}));
    assert_eq!(made.query(ask("select 3")).await.unwrap(), [r#"{"N":3}"#]);
    assert_eq!(stub.seen().len(), 4);
}
