//! One page: what is asked, and what its answer becomes.

use connectors::ConnectorError;
use serde_json::json;

use crate::service::{Reply, Service};
use crate::setup::{ask, connected};

#[tokio::test]
async fn a_query_is_a_get_with_the_parameters_in_the_url_and_no_body() {
    let service =
        Service::answering(vec![Reply::json(r#"[{"n":1.10},{"n":12345678901234567890123}]"#)]).await;
    let crm =
        connected(&format!("{}/v2", service.url()), &json!({"options": {"headers": {"X-Api-Version": "7"}}}));
    let rows = crm.query(ask("/orders?open=true").with(r#"{"id": 98765432109876543210, "q": "a b"}"#)).await;
    assert_eq!(rows.unwrap(), [r#"{"n":1.10}"#, r#"{"n":12345678901234567890123}"#]);
    let seen = &service.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/v2/orders?open=true&id=98765432109876543210&q=a+b")
    );
    assert_eq!((seen.header("x-api-version"), seen.header("accept")), ("7", "application/json"));
    assert_eq!((seen.header("content-type"), seen.header("authorization"), seen.body.len()), ("", "", 0));
}

#[tokio::test]
async fn statuses_become_errors_that_callers_can_tell_apart() {
    for (reply, expected) in [
        (Reply::status(401), ConnectorError::CredentialsRefused(401.into())),
        (Reply::status(403), ConnectorError::Forbidden(403.into())),
        (Reply::status(404), ConnectorError::Rejected { status: 404.into(), message: String::new() }),
        (
            Reply::new(422, "application/json", r#"{"message":"no such field"}"#),
            ConnectorError::Rejected { status: 422.into(), message: ": no such field".into() },
        ),
        (
            Reply::status(429).header("retry-after", "7"),
            ConnectorError::RateLimited { retry_after: Some("7".into()) },
        ),
        (Reply::status(500), ConnectorError::Upstream("the upstream failed (status 500)".into())),
    ] {
        let service = Service::answering(vec![reply]).await;
        let crm = connected(&service.url(), &json!({}));
        assert_eq!(crm.query(ask("/x")).await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Service::answering(vec![Reply::json("[1]")]).await;
    let service = Service::answering(vec![Reply::status(302).header("location", elsewhere.url())]).await;
    let error = connected(&service.url(), &json!({})).query(ask("/x")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Upstream(_)), "{error}");
    assert_eq!((service.seen().len(), elsewhere.seen().len()), (1, 0));
}
