//! What is tried again: reads and keyed writes where HubSpot was unlucky, anything that it did not take.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::{
    Answer,
    hubspot::{burst, edge, internal_error, locked},
};

use super::{account, hub};
use crate::setup::ask;

fn create() -> Value {
    json!({"objectType": "contacts", "properties": {"email": "a@b.c"}})
}

#[tokio::test]
async fn reads_are_repeated_where_hubspot_was_unlucky() {
    for answer in [internal_error(), edge(502), edge(503), edge(504), edge(524), locked(), burst()] {
        let account = account().await;
        let hub = hub(&account);
        account.next("POST", "/search", vec![answer]);
        hub.query(ask("search_contacts")).await.unwrap();
        assert_eq!(account.count("POST", "/search"), 2);
    }
}

#[tokio::test]
async fn writes_are_repeated_only_where_nothing_was_done() {
    for (answer, attempts) in
        [(internal_error(), 1), (edge(502), 1), (edge(503), 1), (edge(504), 1), (locked(), 2), (burst(), 2)]
    {
        let account = account().await;
        let hub = hub(&account);
        account.next("POST", "/contacts", vec![answer]);
        let done = hub.execute(ask("create").with(create())).await;
        assert_eq!((account.count("POST", "/contacts"), done.is_ok()), (attempts, attempts == 2), "{done:?}");
        assert_eq!(account.vendor(|hub| hub.count("contacts")), attempts - 1);
    }
}

#[tokio::test]
async fn writes_by_a_key_are_repeated_like_reads() {
    let account = account().await;
    let contact = account.vendor(|hub| hub.seed("contacts", 1)).remove(0);
    let company = account.vendor(|hub| hub.seed("companies", 1)).remove(0);
    let hub = hub(&account);
    account.next("POST", "/upsert", vec![edge(504)]);
    let input = json!([{"idProperty": "email", "id": "a@b.c", "properties": {}}]);
    hub.execute(ask("upsert").with(json!({"objectType": "contacts", "inputs": input}))).await.unwrap();
    account.next("PUT", &format!("/companies/{company}"), vec![internal_error()]);
    let ends = json!({
        "fromObjectType": "contacts", "fromId": contact, "toObjectType": "companies", "toId": company,
    });
    hub.execute(ask("associate").with(ends)).await.unwrap();
    assert_eq!((account.count("POST", "/upsert"), account.count("PUT", &company)), (2, 2));
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_and_one_past_the_deadline_is_not_begun() {
    let account = account().await;
    let hub = hub(&account);
    account.next("POST", "/search", vec![burst().header("Retry-After", 60)]);
    let error = hub.query(ask("search_contacts").within(5_000)).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("60".into()) });
    assert_eq!(account.count("POST", "/search"), 1);
    // HubSpot names no wait for a burst: it is at least a second.
    account.next("POST", "/search", vec![burst()]);
    let error = hub.query(ask("search_contacts").within(900)).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("1".into()) });
    assert_eq!(account.count("POST", "/search"), 2);
}

#[tokio::test]
async fn repetitions_end() {
    let account = account().await;
    let hub = hub(&account);
    account.instead(|seen| seen.path.ends_with("/search").then(|| edge(503)));
    let error = hub.query(ask("search_contacts")).await.unwrap_err();
    assert_eq!(error, ConnectorError::Upstream("HubSpot failed (status 503)".into()));
    assert_eq!(account.count("POST", "/search"), 3);
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_a_write_unknown_and_a_read_tried_again() {
    let account = account().await;
    let hub = hub(&account);
    account.next("POST", "/contacts", vec![Answer::cut()]);
    let error = hub.execute(ask("create").with(create())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    assert_eq!(account.count("POST", "/contacts"), 1);
    account.next("GET", "/owners/2026-09", vec![Answer::cut()]);
    hub.query(ask("list_owners")).await.unwrap();
    assert_eq!(account.count("GET", "/owners/2026-09"), 2);
}
