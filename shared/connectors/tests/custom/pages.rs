//! Page after page, and where that ends.

use connectors::{ConnectorError, Limit, ROW_LIMIT};
use serde_json::json;

use crate::service::{Reply, Seen, Service};
use crate::setup::{ask, connected};

fn page_of(seen: &Seen) -> usize {
    seen.target.split("page=").nth(1).map_or(1, |page| page.parse().unwrap())
}

/// A service with pages of two rows.
async fn paged(pages: usize) -> Service {
    Service::start(move |seen, _| {
        let page = page_of(seen);
        let reply = Reply::json(format!("[{{\"n\":{}}},{{\"n\":{}}}]", 2 * page - 1, 2 * page));
        if page < pages {
            reply.header(
                "link",
                format!("</orders?page={}>; rel=\"next\", </orders>; rel=\"first\"", page + 1),
            )
        } else {
            reply.header("link", "</orders>; rel=\"first\"")
        }
    })
    .await
}

/// A service whose first page links to `next`, and which would answer that too.
async fn linking(next: &str) -> (Service, Result<Vec<String>, ConnectorError>) {
    let link = format!("<{next}>; rel=\"next\"");
    let service = Service::start(move |_, _| Reply::json("[1]").header("link", link.clone())).await;
    let crm = connected(&format!("{}/api", service.url()), &json!({}));
    let answer = crm.query(ask("/orders")).await;
    (service, answer)
}

#[tokio::test]
async fn the_rows_of_all_pages_come_in_order() {
    let service = paged(4).await;
    let rows = connected(&service.url(), &json!({})).query(ask("/orders?open=true")).await.unwrap();
    let expected: Vec<String> = (1..=8).map(|n| format!("{{\"n\":{n}}}")).collect();
    assert_eq!(rows, expected);
    assert_eq!(
        service.targets(),
        ["GET /orders?open=true", "GET /orders?page=2", "GET /orders?page=3", "GET /orders?page=4"]
    );
}

#[tokio::test]
async fn every_page_is_asked_with_the_credentials() {
    let service = paged(3).await;
    let more = json!({"options": {"auth_type": "bearer"}, "secret": {"token": "t0ken"}});
    connected(&service.url(), &more).query(ask("/orders")).await.unwrap();
    assert!(service.seen().iter().all(|seen| seen.header("authorization") == "Bearer t0ken"));
}

#[tokio::test]
async fn the_callers_limit_ends_the_paging() {
    for (limit, requests) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (100, 50)] {
        let service = paged(50).await;
        let rows = connected(&service.url(), &json!({})).query(ask("/orders").limit(limit)).await.unwrap();
        assert_eq!((rows.len(), service.seen().len()), (limit, requests));
    }
}

#[tokio::test]
async fn the_row_cap_ends_the_paging_and_says_so() {
    let body = format!("[{}1]", "1,".repeat(ROW_LIMIT / 2 - 1));
    let service = Service::start(move |seen, _| {
        let link = format!("</orders?page={}>; rel=next", page_of(seen) + 1);
        Reply::json(body.clone()).header("link", link)
    })
    .await;
    let crm = connected(&service.url(), &json!({}));
    let ask = ask("/orders");
    let rows = crm.connector.query(ask.request(), crm.deadline(ask.millis)).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (ROW_LIMIT, Some(Limit::Rows)));
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn a_link_that_leaves_the_base_is_an_error_and_is_not_followed() {
    let other = Service::answering(vec![Reply::json("[2]")]).await;
    for next in [
        format!("{}/api/orders", other.url()),
        "http://169.254.169.254/api/latest".into(),
        "//evil.example/api/orders".into(),
        "/orders".into(),
        "/api/../admin".into(),
        "/api/%2e%2e/admin".into(),
        "/api/..;/admin".into(),
    ] {
        let (service, answer) = linking(&next).await;
        let error = answer.unwrap_err();
        assert!(error.to_string().contains("leads away from the connector's base URL"), "{next}: {error}");
        assert!(matches!(error, ConnectorError::Upstream(_)));
        assert_eq!(service.seen().len(), 1, "{next}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_link_in_full_or_relative_to_its_page_is_followed() {
    for next in ["orders?page=2", "?page=2", "/api/orders?page=2", "{base}/api/orders?page=2"] {
        let service = Service::start(move |seen, index| {
            let base = format!("http://{}", seen.header("host"));
            match index {
                0 => Reply::json("[1]")
                    .header("link", format!("<{}>; rel=next", next.replace("{base}", &base))),
                _ => Reply::json("[2]"),
            }
        })
        .await;
        let crm = connected(&format!("{}/api", service.url()), &json!({}));
        assert_eq!(crm.query(ask("/orders")).await.unwrap(), ["1", "2"], "{next}");
        assert_eq!(service.targets()[1], "GET /api/orders?page=2", "{next}");
    }
}

#[tokio::test]
async fn pages_that_go_round_are_an_error() {
    let (service, answer) = linking("/api/orders").await;
    assert!(answer.unwrap_err().to_string().contains("circle"));
    assert_eq!(service.seen().len(), 1);

    // A longer round: 1 → 2 → 3 → 2.
    let service = Service::start(|seen, _| {
        let next = if page_of(seen) == 2 { 3 } else { 2 };
        Reply::json("[1]").header("link", format!("</orders?page={next}>; rel=next"))
    })
    .await;
    let error = connected(&service.url(), &json!({})).query(ask("/orders")).await.unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let service = Service::start(|_, index| {
        Reply::json("[]").header("link", format!("</orders?page={}>; rel=next", index + 2))
    })
    .await;
    let error = connected(&service.url(), &json!({})).query(ask("/orders").within(60_000)).await.unwrap_err();
    assert!(error.to_string().contains("more than 1000 pages"), "{error}");
    assert_eq!(service.seen().len(), 1000);
}

#[tokio::test]
async fn a_thousand_pages_are_read() {
    let service = paged(1000).await;
    let rows = connected(&service.url(), &json!({})).query(ask("/orders").within(60_000)).await.unwrap();
    assert_eq!((rows.len(), service.seen().len()), (2000, 1000));
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole_query() {
    let page = Reply::json("[1]").header("link", "</orders?page=2>; rel=next");
    let service = Service::answering(vec![page, Reply::status(500)]).await;
    let answer = connected(&service.url(), &json!({})).query(ask("/orders")).await;
    assert!(matches!(answer, Err(ConnectorError::Upstream(_))), "{answer:?}");
}

#[tokio::test]
async fn rows_lie_at_the_data_path_of_every_page() {
    let service = Service::start(|seen, _| match page_of(seen) {
        1 => Reply::json(r#"{"data":[1]}"#).header("link", "</orders?page=2>; rel=next"),
        _ => Reply::json(r#"{"data":[2]}"#),
    })
    .await;
    let crm = connected(&service.url(), &json!({"options": {"data_path": "/data"}}));
    assert_eq!(crm.query(ask("/orders")).await.unwrap(), ["1", "2"]);
}
