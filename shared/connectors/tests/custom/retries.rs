//! `max_retries` and `Retry-After`, as the upstream sees them.

use std::time::Duration;

use connectors::ConnectorError;
use jiff::Timestamp;
use model::clock::{Clock, SystemClock};
use serde_json::json;

use crate::service::{Reply, Service};
use crate::setup::{ask, connected};

#[tokio::test]
async fn the_records_max_retries_is_how_often_a_read_is_repeated() {
    let replies = vec![Reply::status(503), Reply::status(502), Reply::status(504), Reply::json("[1]")];
    for (max_retries, works) in [(0, false), (2, false), (3, true), (10, true)] {
        let service = Service::answering(replies.clone()).await;
        let answer = connected(&service.url(), &json!({"max_retries": max_retries})).query(ask("/o")).await;
        assert_eq!(answer.is_ok(), works, "{max_retries}");
        assert_eq!(service.seen().len(), usize::min(max_retries + 1, 4), "{max_retries}");
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_even_by_a_write() {
    for (method, as_date) in [("GET", true), ("GET", false), ("POST", true), ("POST", false)] {
        let due = Timestamp::from_second(SystemClock.now().wall.as_second() + 2).unwrap();
        let asked = if as_date { httpdate::fmt_http_date(due.into()) } else { "2".to_owned() };
        let limited = Reply::status(429).header("retry-after", asked);
        let service = Service::answering(vec![limited, Reply::json("[1]")]).await;
        let crm = connected(&service.url(), &json!({"max_retries": 1}));
        crm.execute(ask("/o").action(method).with(r#"{"a":1}"#)).await.unwrap();
        assert!(SystemClock.now().wall >= due, "{method}, {as_date}");
        let seen = service.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!((&seen[0].body, &seen[0].target), (&seen[1].body, &seen[1].target));
    }
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_is_given_back_at_once() {
    for said in ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"] {
        let service = Service::answering(vec![Reply::status(429).header("retry-after", said)]).await;
        let start = SystemClock.now();
        let answer = connected(&service.url(), &json!({"max_retries": 10})).query(ask("/o")).await;
        assert_eq!(answer, Err(ConnectorError::RateLimited { retry_after: Some(said.to_owned()) }));
        assert_eq!(service.seen().len(), 1);
        assert!(SystemClock.now().ticks.duration_since(start.ticks) < Duration::from_secs(10));
    }
}
