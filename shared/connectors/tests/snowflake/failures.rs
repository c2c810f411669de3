//! What the account says no to, and answers that are none.

use std::time::Duration;

use connectors::ConnectorError;
use egress::EgressError;
use serde_json::json;

use crate::reply::Reply;
use crate::setup::{ask, connected};
use crate::stub::Stub;

async fn error(reply: Reply) -> ConnectorError {
    let stub = Stub::answering(vec![reply]).await;
    connected(&stub, &json!({"options": {"role": "R"}})).query(ask("select 1")).await.unwrap_err()
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use ConnectorError as E;
    let syntax = error(Reply::failure(422, "001003", "SQL compilation error:\nsyntax error line 1")).await;
    assert!(matches!(syntax, E::Rejected { .. }));
    assert!(
        syntax.to_string().contains("(status 422, code 001003): SQL compilation error:syntax"),
        "{syntax}"
    );
    assert!(matches!(error(Reply::failure(422, "390189", "Role 'R'")).await, E::Configuration(_)));
    assert!(matches!(error(Reply::failure(422, "390201", "Warehouse")).await, E::Configuration(_)));
    assert!(matches!(error(Reply::failure(422, "000606", "No active warehouse")).await, E::Configuration(_)));
    assert!(matches!(error(Reply::failure(403, "390422", "IP")).await, E::Forbidden(_)));
    let timeout = error(Reply::failure(408, "000630", "timeout")).await;
    assert!(matches!(timeout, E::Egress(EgressError::Deadline { .. })));
    assert!(matches!(error(Reply::text(404, "<html>")).await, E::Upstream(_)));
    let moved = error(Reply::text(302, "").header("location", "https://evil.example/")).await;
    assert!(moved.to_string().contains("redirect"), "{moved}");
}

#[tokio::test]
async fn an_answer_that_can_not_be_read_is_an_error_that_repeats_nothing_of_it() {
    for body in [
        "",
        "CANARY",
        r#"{"resultSetMetaData": {"rowType": [{"name": "CANARY"}]}, "data": [["1", "2"]]}"#,
        r#"{"resultSetMetaData": {"rowType": [{"name": "A"}]}, "data": {"CANARY": 1}}"#,
        r#"{"resultSetMetaData": {"rowType": [{"name": "A"}]}, "data": [["CANARY"]"#,
        r#"{"resultSetMetaData": {"rowType": [{"name": "A"}]}, "data": [[7]]}"#,
        r#"{"data": [["CANARY"]]}"#,
        "[1]",
    ] {
        let error = error(Reply::text(200, body)).await;
        assert!(matches!(error, ConnectorError::Upstream(_)), "{body}: {error:?}");
        assert!(!error.to_string().contains("CANARY"), "{error}");
    }
    let without = r#"{"code": "391908", "resultSetMetaData": {"numRows": 5, "rowType": [{"name": "A"}]}}"#;
    assert!(error(Reply::text(200, without)).await.to_string().contains("too large"));
}

#[tokio::test]
async fn a_body_that_never_ends_ends_at_the_cap() {
    let endless = error(Reply::endless(1 << 20, Duration::ZERO)).await;
    assert_eq!(endless, ConnectorError::Egress(EgressError::BodyTooLarge { limit: 32 * 1024 * 1024 }));
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_deadline() {
    let stub = Stub::answering(vec![Reply::endless(1, Duration::from_millis(20))]).await;
    let error = connected(&stub, &json!({})).query(ask("select 1").within(300)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
}
