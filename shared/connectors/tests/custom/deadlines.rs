//! Everything ends with the call's deadline: a slow answer, a back-off, a later page.

use std::time::Duration;

use connectors::ConnectorError;
use egress::EgressError;
use model::clock::{Clock, SystemClock};
use serde_json::json;

use crate::service::{Reply, Service};
use crate::setup::{ask, connected};

const NEVER: Duration = Duration::from_mins(2);

/// Far less than what the service would take, far more than a slow machine needs.
fn in_time(start: model::clock::Moment) {
    let took = SystemClock.now().ticks.duration_since(start.ticks);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[tokio::test]
async fn a_slow_answer_is_not_waited_for_and_not_asked_for_again() {
    let service = Service::answering(vec![Reply::json("[]").after(NEVER)]).await;
    let start = SystemClock.now();
    let crm = connected(&service.url(), &json!({"max_retries": 10}));
    let error = crm.query(ask("/o").within(300)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
    assert_eq!(service.seen().len(), 1);
    in_time(start);
}

#[tokio::test]
async fn a_back_off_that_would_outlast_the_deadline_is_not_begun() {
    let service = Service::answering(vec![Reply::status(503)]).await;
    let start = SystemClock.now();
    let crm = connected(&service.url(), &json!({"max_retries": 10}));
    let error = crm.query(ask("/o").within(500)).await.unwrap_err();
    // Usually the last answer; the deadline itself where that fell into an attempt.
    assert!(matches!(error, ConnectorError::Upstream(_) | ConnectorError::Egress(_)), "{error:?}");
    assert!(service.seen().len() <= 10, "{}", service.seen().len());
    in_time(start);
}

#[tokio::test]
async fn all_pages_share_one_deadline() {
    let service = Service::start(|_, index| {
        let link = format!("</o?page={index}>; rel=next");
        Reply::json("[1]").header("link", link).after(Duration::from_millis(100))
    })
    .await;
    let start = SystemClock.now();
    let error = connected(&service.url(), &json!({})).query(ask("/o").within(450)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
    assert!(service.seen().len() <= 5, "{}", service.seen().len());
    in_time(start);
}
