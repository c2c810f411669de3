//! Every operation, done: what is sent, held to snapshots, and what came of it.

use connectors::Request;
use model::parameters::Parameters;
use serde_json::{Value, json};
use stand_ins::{StandIn, amadeus::Amadeus};

use super::{api, made, paris, secret, travel, trip};
use crate::setup::{Made, ask, golden, say};

async fn read(travel: &Made, api: &StandIn<Amadeus>, name: &str, parameters: Value) -> Vec<Value> {
    api.forget();
    let rows = travel.query(ask(name).with(parameters)).await;
    golden("amadeus", name, &api.golden());
    rows.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn of<'v>(rows: &'v [Value], pointer: &str) -> Vec<&'v str> {
    rows.iter().map(|row| row.pointer(pointer).and_then(Value::as_str).unwrap_or_default()).collect()
}

async fn ready(api: &StandIn<Amadeus>) -> Made {
    let travel = travel(api);
    travel.query(ask("get_location").with(json!({"locationId": "CCDG"}))).await.unwrap();
    travel
}

#[tokio::test]
async fn flights_are_found_and_priced() {
    let api = api().await;
    let travel = ready(&api).await;
    let mut all = trip();
    for (name, value) in [
        ("returnDate", json!("2027-03-08")),
        ("children", json!(1)),
        ("infants", json!(2)),
        ("travelClass", json!("BUSINESS")),
        ("includedAirlineCodes", json!(["AF", "6X"])),
        ("nonStop", json!(true)),
        ("currencyCode", json!("CHF")),
        ("maxPrice", json!(900)),
    ] {
        all[name] = value;
    }
    let found = read(&travel, &api, "search_flights", all).await;
    assert_eq!((found.len(), of(&found, "/price/currency")[0]), (5, "CHF"));

    let priced =
        read(&travel, &api, "price_flight_offer", json!({"flightOffers": [found[0]], "include": ["bags"]}))
            .await;
    assert_eq!(priced[0].pointer("/flightOffers/0/id"), Some(&json!("1")));

    let criteria = json!({
        "currencyCode": "EUR",
        "originDestinations": [{
            "id": "1",
            "originLocationCode": "PAR",
            "destinationLocationCode": "MAD",
            "departureDateTimeRange": {"date": "2027-03-01", "time": "10:00:00"},
        }],
        "travelers": [{"id": "1", "travelerType": "ADULT"}],
        "searchCriteria": {"flightFilters": {"connectionRestriction": {"maxNumberOfConnections": 0}}},
    });
    let found = read(&travel, &api, "search_flights_advanced", criteria.clone()).await;
    assert_eq!(of(&found, "/itineraries/0/segments/0/arrival/iataCode")[0], "MAD");
    // The caller's limit goes beside the caller's criteria.
    let found = travel.query(ask("search_flights_advanced").with(criteria).limit(2)).await.unwrap();
    assert_eq!(found.len(), 2);
    let sent = api.seen().pop().unwrap().json();
    assert_eq!(sent.pointer("/searchCriteria/maxFlightOffers"), Some(&json!(2)));
    assert!(sent.pointer("/searchCriteria/flightFilters/connectionRestriction").is_some());
}

#[tokio::test]
async fn criteria_keep_every_digit_beside_a_limit() {
    let api = api().await;
    let travel = ready(&api).await;
    let long = "12345678901234567890.123456789";
    let text = format!(
        r#"{{"originDestinations":[{{"id":"1","originLocationCode":"PAR","destinationLocationCode":"MAD",
        "departureDateTimeRange":{{"date":"2027-03-01"}}}}],"travelers":[{{"id":"1","travelerType":"ADULT"}}],
        "sources":["GDS"],"searchCriteria":{{"n":{long}}}}}"#
    );
    let parameters = Parameters::parse(text.as_bytes()).unwrap();
    let request = Request {
        operation: Some("search_flights_advanced"),
        parameters: &parameters,
        limit: Some(2),
        ..Request::NOTHING
    };
    // Whatever the stand-in says of the criterion.
    drop(travel.connector.query(request, travel.deadline(None)).await);
    let sent = api.seen().pop().unwrap();
    let body = String::from_utf8_lossy(&sent.body);
    assert!(body.contains(&format!(r#""searchCriteria":{{"maxFlightOffers":2,"n":{long}}}"#)), "{body}");
}

#[tokio::test]
async fn hotels_are_listed_and_their_offers_read() {
    let api = api().await;
    let travel = ready(&api).await;
    let around = json!({"cityCode": "PAR", "radius": 3, "radiusUnit": "KM", "ratings": ["4", "5"], "amenities": ["SPA", "WIFI"]});
    let hotels = read(&travel, &api, "list_hotels_by_city", around).await;
    let ids = of(&hotels, "/hotelId");
    assert_eq!(ids, ["ACPAR000", "ACPAR001", "ACPAR002"]);
    let point = json!({"latitude": 48.85306, "longitude": 2.34654, "chainCodes": ["AC"]});
    assert_eq!(read(&travel, &api, "list_hotels_by_geocode", point).await.len(), 3);
    assert_eq!(read(&travel, &api, "list_hotels_by_ids", json!({"hotelIds": ids[..2]})).await.len(), 2);

    let stay = json!({
        "hotelIds": ids,
        "adults": 2,
        "checkInDate": "2027-03-01",
        "checkOutDate": "2027-03-03",
        "roomQuantity": 1,
        "priceRange": "100-400",
        "currency": "EUR",
        "bestRateOnly": true,
    });
    let offers = read(&travel, &api, "search_hotel_offers", stay).await;
    assert_eq!(of(&offers, "/offers/0/id"), ["OFFER0", "OFFER1", "OFFER2"]);
    let one = read(&travel, &api, "get_hotel_offer", json!({"offerId": "OFFER1", "lang": "EN"})).await;
    assert_eq!(of(&one, "/hotel/hotelId"), ["ACPAR001"]);
    let named = read(
        &travel,
        &api,
        "autocomplete_hotel",
        json!({"keyword": "HOTEL 1", "subType": ["HOTEL_GDS", "HOTEL_LEISURE"]}),
    )
    .await;
    assert_eq!(of(&named, "/hotelIds/0"), ["ACPAR001"]);
}

#[tokio::test]
async fn airports_and_cities_are_found() {
    let api = api().await;
    let travel = ready(&api).await;
    let mut parameters = paris();
    parameters["countryCode"] = json!("FR");
    parameters["view"] = json!("LIGHT");
    let found = read(&travel, &api, "search_locations", parameters).await;
    assert_eq!(of(&found, "/id"), ["ACDG", "CCDG", "AORY", "CORY", "ALBG", "CLBG"]);
    let found = read(&travel, &api, "get_location", json!({"locationId": "AORY"})).await;
    assert_eq!(of(&found, "/iataCode"), ["ORY"]);
    let near = json!({"latitude": 51.57285, "longitude": -0.44161, "radius": 100, "sort": "distance"});
    let found = read(&travel, &api, "nearest_airports", near).await;
    assert_eq!(of(&found, "/iataCode"), ["CDG", "ORY", "LBG"]);
    let cities = json!({"keyword": "PAR", "countryCode": "FR", "include": ["AIRPORTS"]});
    let found = read(&travel, &api, "search_cities", cities).await;
    assert_eq!(of(&found, "/name"), ["PARIS", "PARIS", "PARIS"]);
}

#[tokio::test]
async fn an_operation_may_be_named_by_the_statement() {
    let api = api().await;
    let rows = travel(&api).query(say("search_locations").with(paris())).await.unwrap();
    assert_eq!(rows.len(), 6);
}

#[tokio::test]
async fn the_office_and_the_reference_go_where_the_enterprise_api_wants_them() {
    let api = api().await;
    let mut own = secret();
    own["guest_office_id"] = json!("NCE1A0955");
    for (options, secret) in [
        (json!({"guest_office_id": "PARXX2100", "client_ref": "agents-01"}), secret()),
        // What the secret says goes before.
        (json!({"guest_office_id": "PARXX2100", "client_ref": "agents-01"}), own),
    ] {
        let travel = made(&api, &options, &secret, 0);
        travel.query(ask("get_location").with(json!({"locationId": "CCDG"}))).await.unwrap();
    }
    assert_eq!(api.vendor(|api| api.offices()), ["NCE1A0955", "PARXX2100"]);
    golden("amadeus", "an office", &api.golden());
}
