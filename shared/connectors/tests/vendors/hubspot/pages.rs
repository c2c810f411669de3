//! Reading to the end: cursors, sizes, the caller's limit, and where HubSpot refuses to go on.

use std::collections::BTreeSet;

use connectors::Limit;
use serde_json::{Value, json};

use super::{account, hub};
use crate::setup::ask;

fn different(rows: &[Value]) -> usize {
    rows.iter().filter_map(|row| row["id"].as_str()).collect::<BTreeSet<_>>().len()
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let account = account().await;
    account.vendor(|hub| hub.seed("contacts", 350));
    account.vendor(|hub| hub.seed_owners(250));
    let hub = hub(&account);
    let rows = hub.query(ask("list").with(json!({"objectType": "contacts"}))).await.unwrap();
    assert_eq!((rows.len(), different(&rows), account.count("GET", "/contacts")), (350, 350, 4));
    let rows = hub.query(ask("list_owners")).await.unwrap();
    assert_eq!((rows.len(), different(&rows), account.count("GET", "/2026-09")), (250, 250, 3));
}

#[tokio::test]
async fn searches_are_read_page_by_page() {
    let account = account().await;
    account.vendor(|hub| hub.seed("contacts", 701));
    let hub = hub(&account);
    let rows = hub.query(ask("search_contacts")).await.unwrap();
    assert_eq!((rows.len(), different(&rows), account.count("POST", "/search")), (701, 701, 4));
    let cursors: Vec<Value> = account.seen().iter().map(|seen| seen.json()["after"].clone()).collect();
    assert_eq!(cursors, ["0", "200", "400", "600"]);
}

#[tokio::test]
async fn a_limit_ends_the_reading_and_makes_pages_small() {
    let account = account().await;
    account.vendor(|hub| hub.seed("contacts", 500));
    let hub = hub(&account);
    for (limit, pages, size) in
        [(1, 1, 1), (199, 1, 199), (200, 1, 200), (201, 2, 200), (500, 3, 200), (900, 3, 200)]
    {
        account.forget();
        let rows = hub.query(ask("search_contacts").limit(limit)).await.unwrap();
        assert_eq!(rows.len(), limit.min(500));
        assert_eq!(account.seen()[0].json()["limit"], size);
        assert_eq!(account.count("POST", "/search"), pages, "{limit}");
    }
    account.forget();
    let rows = hub.query(ask("list").with(json!({"objectType": "contacts"})).limit(101)).await.unwrap();
    assert_eq!((rows.len(), account.count("GET", "/contacts")), (101, 2));
}

#[tokio::test]
async fn a_search_ends_at_ten_thousand_and_says_so() {
    let account = account().await;
    account.vendor(|hub| hub.seed("tickets", 10_001));
    let hub = hub(&account);
    let ask = ask("search").with(json!({"objectType": "tickets", "properties": ["subject"]}));
    let rows = hub.connector.query(ask.request(), hub.deadline(Some(60_000))).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, Some(Limit::Rows)));
    assert_eq!(account.count("POST", "/search"), 50);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_an_error() {
    let account = account().await;
    let page = json!({"results": [{"id": "1"}], "paging": {"next": {"after": "1"}}});
    let hub = hub(&account);
    account
        .instead(move |seen| seen.path.ends_with("/contacts").then(|| stand_ins::Answer::json(200, &page)));
    let error = hub.query(ask("list").with(json!({"objectType": "contacts"}))).await.unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
}
