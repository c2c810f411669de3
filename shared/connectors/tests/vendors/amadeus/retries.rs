//! What is tried again: everything that Amadeus is asked only reads.

use connectors::ConnectorError;
use serde_json::json;
use stand_ins::{
    Answer,
    amadeus::{burst, internal_error, quota, system_error},
};

use super::{api, paris, travel, trip};
use crate::setup::ask;

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let unavailable = || Answer::new(503, "text/html", "<html>");
    for answer in [burst(), system_error(), internal_error(), unavailable(), Answer::cut()] {
        let api = api().await;
        let travel = travel(&api);
        api.next("GET", "/flight-offers", vec![answer]);
        travel.query(ask("search_flights").with(trip())).await.unwrap();
        assert_eq!(api.count("GET", "/flight-offers"), 2);
    }
}

#[tokio::test]
async fn a_search_by_post_reads_and_is_tried_again() {
    let api = api().await;
    let travel = travel(&api);
    api.next("POST", "/pricing", vec![system_error(), Answer::cut()]);
    let found = travel.query(ask("search_flights").with(trip()).limit(1)).await.unwrap();
    travel.query(ask("price_flight_offer").with(json!({"flightOffers": found}))).await.unwrap();
    assert_eq!(api.count("POST", "/pricing"), 3);
}

#[tokio::test]
async fn a_quota_is_no_burst_and_is_not_tried_again() {
    let api = api().await;
    let travel = travel(&api);
    api.next("GET", "/locations", vec![quota()]);
    let error = travel.query(ask("search_locations").with(paris())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::QuotaUsed { .. }), "{error:?}");
    assert_eq!(api.count("GET", "/locations"), 1);
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_not_begun() {
    let api = api().await;
    let travel = travel(&api);
    api.next("GET", "/locations", vec![burst().header("Retry-After", 60)]);
    let error = travel.query(ask("search_locations").with(paris()).within(5_000)).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("60".into()) });
    assert_eq!(api.count("GET", "/locations"), 1);
}

#[tokio::test]
async fn repetitions_end() {
    let api = api().await;
    let travel = travel(&api);
    api.instead(|seen| seen.path.ends_with("/locations").then(system_error));
    let error = travel.query(ask("search_locations").with(paris())).await.unwrap_err();
    assert_eq!(error, ConnectorError::Upstream("Amadeus failed (status 500, code 141)".into()));
    assert_eq!(api.count("GET", "/locations"), 3);
}
