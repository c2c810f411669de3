//! What Amadeus refuses, and what callers are told: each operation once, each of the documented errors.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::{
    Answer,
    amadeus::{burst, internal_error, quota, system_error},
};

use super::{api, made, paris, secret, travel, trip};
use crate::setup::{ask, connect};

fn with(mut parameters: Value, name: &str, value: Value) -> Value {
    parameters[name] = value;
    parameters
}

#[tokio::test]
async fn each_operation_tells_what_was_refused() {
    let api = api().await;
    let travel = travel(&api);
    let offer = json!({"type": "flight-offer", "id": "1"});
    let leg = json!({
        "id": "1", "originLocationCode": "Paris", "destinationLocationCode": "MAD", "departureDateTimeRange": {},
    });
    let adult = json!({"id": "1", "travelerType": "ADULT"});
    let point = json!({"latitude": 91.5, "longitude": 2.0});
    for (name, parameters, part) in [
        (
            "search_flights",
            with(trip(), "originLocationCode", json!("Paris")),
            "477): INVALID FORMAT invalid query parameter format (originLocationCode)",
        ),
        (
            "search_flights",
            with(trip(), "infants", json!(3)),
            "4926): INVALID DATA RECEIVED too many infants (infants)",
        ),
        (
            "search_flights_advanced",
            json!({"originDestinations": [leg], "travelers": [adult]}),
            "(/originDestinations/0)",
        ),
        (
            "price_flight_offer",
            json!({"flightOffers": [offer]}),
            "not an offer as it was found (/data/flightOffers/0)",
        ),
        (
            "list_hotels_by_city",
            json!({"cityCode": "XXX"}),
            "895): NOTHING FOUND FOR REQUESTED CITY (cityCode)",
        ),
        ("list_hotels_by_geocode", point.clone(), "477): INVALID FORMAT"),
        ("list_hotels_by_ids", json!({"hotelIds": ["ACPAR999"]}), "1257): INVALID PROPERTY CODE"),
        ("search_hotel_offers", json!({"hotelIds": ["ACPAR999"]}), "1257): INVALID PROPERTY CODE"),
        (
            "search_hotel_offers",
            json!({"hotelIds": ["ACPAR000"], "checkInDate": "2027-03-03", "checkOutDate": "2027-03-01"}),
            "404): CHECK_OUT DATE MUST BE FURTHER",
        ),
        ("get_hotel_offer", json!({"offerId": "OFFER9"}), "1797): NOT FOUND"),
        ("autocomplete_hotel", json!({"keyword": "H_TEL", "subType": ["HOTEL_GDS"]}), "477): INVALID FORMAT"),
        ("search_locations", with(paris(), "countryCode", json!("France")), "(countryCode)"),
        ("get_location", json!({"locationId": "CXXX"}), "1797): NOT FOUND"),
        ("get_location", json!({"locationId": "Paris"}), "572): INVALID OPTION (locationId)"),
        ("nearest_airports", point, "477): INVALID FORMAT"),
        ("search_cities", json!({"keyword": "P"}), "477): INVALID FORMAT"),
    ] {
        let error = travel.query(ask(name).with(parameters)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains(part), "{name}: {error}");
    }
}

#[tokio::test]
async fn each_documented_error_is_told_apart() {
    let api = api().await;
    let travel = made(&api, &json!({}), &secret(), 0);
    let envelope = |status: u16, code: Value| {
        let error = json!({"status": status, "code": code, "title": "Title", "detail": "Detail"});
        Answer::new(status, "application/vnd.amadeus+json", json!({"errors": [error]}).to_string())
    };
    for (answer, expected) in [
        (burst(), "the upstream limits the rate of requests; try again later"),
        (
            quota(),
            "the quota of these credentials at the upstream is used up (status 429, code 38195): Quota limit exceeded The \
             quota limit is exceeded; it is not a matter of seconds",
        ),
        (
            envelope(403, json!(38197)),
            "lack a right for this (status 403, code 38197): Title Detail; grant it there",
        ),
        (
            envelope(404, json!(38196)),
            "the upstream refused the request (status 404, code 38196): Title Detail",
        ),
        (
            envelope(400, json!("477")),
            "the upstream refused the request (status 400, code 477): Title Detail",
        ),
        (envelope(405, json!(1)), "the upstream refused the request (status 405, code 1): Title Detail"),
        (envelope(401, json!(39686)), "the upstream refused the credentials (status 401, code 39686)"),
        (envelope(401, json!(39683)), "the upstream refused the credentials (status 401, code 39683)"),
        (system_error(), "Amadeus failed (status 500, code 141)"),
        (envelope(400, json!(141)), "Amadeus failed (status 400, code 141)"),
        (internal_error(), "Amadeus failed (status 500, code 38189)"),
        (Answer::new(502, "text/html", "<html>"), "Amadeus failed (status 502)"),
        (Answer::new(200, "text/html", "<html>"), "what answered (status 200) is not Amadeus's API"),
    ] {
        // A token from an earlier call would be tried anew.
        let again = answer.clone();
        api.next("GET", "/locations", vec![answer, again]);
        let error = travel.query(ask("search_locations").with(paris())).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        // What the first call left over is taken here.
        while travel.query(ask("search_locations").with(paris())).await.is_err() {}
    }
}

#[tokio::test]
async fn what_the_contract_does_not_cover_is_a_missing_right() {
    let api = api().await;
    api.vendor(|api| api.forbid("/v3/shopping"));
    let travel = travel(&api);
    let error =
        travel.query(ask("search_hotel_offers").with(json!({"hotelIds": ["ACPAR000"]}))).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
    travel.query(ask("search_flights").with(trip())).await.unwrap();
}

#[tokio::test]
async fn what_a_call_lacks_is_told_at_once_and_nothing_is_sent() {
    let api = api().await;
    let travel = travel(&api);
    let wrong =
        json!({"originLocationCode": "PAR", "departureDate": "tomorrow", "adults": 10, "nonstop": true});
    let error = travel.query(ask("search_flights").with(wrong)).await.unwrap_err();
    let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
    let places: Vec<String> = faults.iter().map(|fault| fault.pointer.to_string()).collect();
    let expected = ["nonstop", "destinationLocationCode", "departureDate", "adults"];
    assert_eq!(places, expected.map(|name| format!("/parameters/{name}")));
    let both = json!({"includedAirlineCodes": ["AF"], "excludedAirlineCodes": ["LH"]});
    let both =
        both.as_object().unwrap().iter().fold(trip(), |all, (name, value)| with(all, name, value.clone()));
    let many: Vec<String> = (0..21).map(|n| format!("ACPAR{n:03}")).collect();
    for (name, parameters, part) in [
        ("search_flights", both, "at most one of includedAirlineCodes, excludedAirlineCodes"),
        ("search_hotel_offers", json!({"hotelIds": many}), "a list of 1 to 20"),
        (
            "search_hotel_offers",
            json!({"hotelIds": ["ACPAR000"], "priceRange": "1-2"}),
            "priceRange needs currency",
        ),
        ("search_flight", trip(), "did you mean search_flights?"),
    ] {
        let error = travel.query(ask(name).with(parameters)).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(api.seen().len(), 0);
}

#[test]
fn a_record_says_where_the_api_is() {
    let kind = model::connector_type::ConnectorType::Amadeus;
    let error = connect(kind, "", &json!({"secret": secret()})).err().unwrap();
    assert!(matches!(error, ConnectorError::Configuration(_)), "{error:?}");
    for environment in ["production", "test"] {
        let more = json!({"secret": secret(), "options": {"environment": environment}});
        assert!(connect(kind, "", &more).is_ok());
    }
}
