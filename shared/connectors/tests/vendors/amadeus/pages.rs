//! Reading to the end: pages by number, windows by link, and the caller's limit.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{api, travel, trip};
use crate::setup::ask;

fn different(rows: &[Value], at: &str) -> usize {
    rows.iter().filter_map(|row| row.pointer(at)?.as_str()).collect::<BTreeSet<_>>().len()
}

fn parks() -> Value {
    json!({"subType": ["AIRPORT"], "keyword": "PARK"})
}

#[tokio::test]
async fn places_are_read_page_by_page() {
    let api = api().await;
    api.vendor(|api| api.airports = 333);
    let travel = travel(&api);
    let rows = travel.query(ask("search_locations").with(parks())).await.unwrap();
    assert_eq!((rows.len(), different(&rows, "/id"), api.count("GET", "/locations")), (330, 330, 4));
    let rows =
        travel.query(ask("nearest_airports").with(json!({"latitude": 48, "longitude": 2}))).await.unwrap();
    assert_eq!((rows.len(), different(&rows, "/iataCode"), api.count("GET", "/airports")), (333, 333, 4));
    let offsets: Vec<Option<String>> = api
        .seen()
        .iter()
        .filter(|seen| seen.path.ends_with("/airports"))
        .map(|seen| seen.parameter("page[offset]"))
        .collect();
    assert_eq!(offsets, [None, Some("100".into()), Some("200".into()), Some("300".into())]);
}

#[tokio::test]
async fn links_to_another_host_are_not_followed_and_not_needed() {
    let api = api().await;
    api.vendor(|api| {
        api.airports = 250;
        api.hotels = 18;
        api.links = "http://test.api.amadeus.com".into();
    });
    let travel = travel(&api);
    let rows = travel.query(ask("search_locations").with(parks())).await.unwrap();
    assert_eq!(rows.len(), 247);
    let ids: Vec<String> = (0..18).map(|n| format!("ACPAR{n:03}")).collect();
    let rows = travel.query(ask("search_hotel_offers").with(json!({"hotelIds": ids}))).await.unwrap();
    assert_eq!((rows.len(), different(&rows, "/hotel/hotelId")), (18, 18));
    assert_eq!(api.count("GET", "/hotel-offers"), 4);
}

#[tokio::test]
async fn a_limit_ends_the_reading_and_makes_pages_small() {
    let api = api().await;
    api.vendor(|api| {
        api.airports = 303;
        api.hotels = 20;
        api.flight_offers = 300;
    });
    let travel = travel(&api);
    for (limit, pages, size) in
        [(1, 1, "1"), (100, 1, "100"), (101, 2, "100"), (300, 3, "100"), (999, 3, "100")]
    {
        api.forget();
        let rows = travel.query(ask("search_locations").with(parks()).limit(limit)).await.unwrap();
        assert_eq!((rows.len(), api.count("GET", "/locations")), (limit.min(300), pages), "{limit}");
        let first = api.seen().into_iter().find(|seen| seen.path.ends_with("/locations")).unwrap();
        assert_eq!(first.parameter("page[limit]").as_deref(), Some(size));
    }
    for (limit, most) in [(3, "3"), (250, "250"), (999, "250")] {
        let rows = travel.query(ask("search_flights").with(trip()).limit(limit)).await.unwrap();
        assert_eq!(rows.len(), limit.min(250));
        assert_eq!(api.seen().pop().unwrap().parameter("max").as_deref(), Some(most));
    }
    api.forget();
    let ids: Vec<String> = (0..20).map(|n| format!("ACPAR{n:03}")).collect();
    let rows =
        travel.query(ask("search_hotel_offers").with(json!({"hotelIds": ids})).limit(7)).await.unwrap();
    assert_eq!((rows.len(), api.count("GET", "/hotel-offers")), (7, 2));
}
