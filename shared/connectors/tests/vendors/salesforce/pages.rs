//! Queries of several pages.

use connectors::ConnectorError;
use serde_json::json;
use stand_ins::Answer;

use super::{Org, org};
use crate::setup::{golden, say};

const ALL: &str = "SELECT Name FROM Invoice__c";

/// An org with 650 invoices, which come in pages of 200.
async fn long() -> Org {
    let org = org().await;
    org.server.vendor(|vendor| {
        vendor.page_rows = 200;
        for number in 0..650 {
            vendor.seed("Invoice__c", &json!({"Name": format!("I-{number:03}")}));
        }
    });
    org
}

#[tokio::test]
async fn every_page_is_read_in_order() {
    let org = long().await;
    let rows = org.plain().query(say(ALL)).await.unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["Name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, (0..650).map(|number| format!("I-{number:03}")).collect::<Vec<_>>());
    golden("salesforce", "pages", &org.server.golden());
}

#[tokio::test]
async fn a_limit_ends_the_reading_and_makes_pages_small() {
    let org = long().await;
    let made = org.plain();
    for (limit, pages, size) in [
        (1, 1, "batchSize=200"),
        (200, 1, "batchSize=200"),
        (201, 2, "batchSize=201"),
        (600, 3, "batchSize=600"),
        (1_999, 4, "batchSize=1999"),
        (2_000, 4, ""),
    ] {
        org.server.forget();
        let rows = made.query(say(ALL).limit(limit)).await.unwrap();
        assert_eq!(rows.len(), limit.min(650));
        let asked: Vec<_> =
            org.server.seen().into_iter().filter(|seen| seen.path.contains("/query")).collect();
        assert_eq!(asked.len(), pages, "{limit}");
        assert!(asked.iter().all(|seen| seen.header("sforce-query-options") == size), "{limit}");
    }
}

#[tokio::test]
async fn ten_thousand_rows_are_the_most() {
    let org = org().await;
    org.server.vendor(|vendor| {
        for number in 0..10_001 {
            vendor.seed("Invoice__c", &json!({"Name": number.to_string()}));
        }
    });
    let made = org.plain();
    let asked = say(ALL);
    let rows = made.connector.query(asked.request(), made.deadline(None)).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, Some(connectors::Limit::Rows)));
    assert_eq!(org.server.seen().iter().filter(|seen| seen.path.contains("/query")).count(), 6);
}

#[tokio::test]
async fn a_token_that_runs_out_between_pages_is_renewed() {
    let org = long().await;
    org.server.vendor(|vendor| vendor.calls_of_a_token = Some(2));
    assert_eq!(org.plain().query(say(ALL)).await.unwrap().len(), 650);
    assert_eq!(org.server.vendor(|vendor| vendor.issued), 2);
}

#[tokio::test]
async fn a_cursor_that_is_lost_ends_the_call() {
    let org = long().await;
    let made = org.plain();
    let lost = json!([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]);
    org.server.next("GET", "-200", vec![Answer::json(400, &lost)]);
    let error = made.query(say(ALL)).await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Rejected { status, .. } if status.to_string().contains("INVALID_QUERY_LOCATOR")),
        "{error:?}"
    );
}

#[tokio::test]
async fn pages_that_lead_elsewhere_or_in_a_circle_are_not_followed() {
    let org = org().await;
    let made = org.plain();
    for next in ["https://evil.example/services/data/v66.0/query/x", "//evil.example/"] {
        let page = json!({"totalSize": 9, "done": false, "nextRecordsUrl": next, "records": [{"Id": "1"}]});
        org.server.next("GET", "/query", vec![Answer::json(200, &page)]);
        assert!(matches!(made.query(say(ALL)).await, Err(ConnectorError::Upstream(_))), "{next}");
    }
    let page = json!({"done": false, "nextRecordsUrl": "/services/data/v66.0/query/0r8-1", "records": [{"Id": "1"}]});
    org.server.instead(move |seen| seen.path.contains("/query").then(|| Answer::json(200, &page)));
    assert!(
        matches!(made.query(say(ALL)).await, Err(ConnectorError::Upstream(why)) if why.contains("circle"))
    );
}
