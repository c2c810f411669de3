//! Amadeus' operations, from its API specifications. Orders, which move money, are left out.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{
    ConnectorError,
    parameter::{Choice, Kind, Parameter, Place, optional, required},
    vendor::{
        args::Args,
        draft::{Content, Draft},
        node::Node,
        op::{Op, Pages},
    },
};

/// The most flight offers that one search gives.
const MOST_OFFERS: usize = 250;
const CABIN: Kind = Kind::OneOf(&["ECONOMY", "PREMIUM_ECONOMY", "BUSINESS", "FIRST"]);
const AIRLINES: Kind = Kind::List(&Kind::Text, 99);
/// The links name the vendor's public hosts, which are not always the contract's: the next page is asked for by number.
const COUNTED: Pages = Pages::Offset { send: Place::Query("page[offset]"), total: "/meta/count" };
const LATITUDE: Parameter = required("latitude", Kind::Number, "In degrees, from -90 to 90.");
const LONGITUDE: Parameter = required("longitude", Kind::Number, "In degrees, from -180 to 180.");
const COUNTRY: Parameter =
    optional("countryCode", Kind::Text, "In which country: an ISO 3166-1 code such as FR.");
const LANG: Parameter =
    optional("lang", Kind::Text, "The language of texts, such as EN; English without it.");

const RADIUS: Parameter = optional("radius", Kind::Integer(1, 300), "How far away at most; 5 without it.");
const RADIUS_UNIT: Parameter =
    optional("radiusUnit", Kind::OneOf(&["KM", "MILE"]), "The unit of the radius.");
const CHAINS: Parameter =
    optional("chainCodes", Kind::List(&Kind::Text, 99), "Only these chains: codes of two letters.");
const AMENITIES: Parameter =
    optional("amenities", Kind::List(&Kind::Text, 3), "What it must have, such as SWIMMING_POOL.");
const RATINGS: Parameter =
    optional("ratings", Kind::List(&Kind::OneOf(&["1", "2", "3", "4", "5"]), 4), "Its stars.");
const SOURCE: Parameter = optional(
    "hotelSource",
    Kind::OneOf(&["BEDBANK", "DIRECTCHAIN", "ALL"]),
    "Aggregators, the chains' own, or both.",
);

pub(super) const OPERATIONS: &[Op] = &[
    Op::read("search_flights", "Flight offers for a trip.")
        .get("/v2/shopping/flight-offers")
        .takes(&[
            required("originLocationCode", Kind::Text, "Where from: an IATA code, such as PAR."),
            required("destinationLocationCode", Kind::Text, "Where to: an IATA code."),
            required("departureDate", Kind::Date, "The day of departure."),
            required("adults", Kind::Integer(1, 9), "How many travellers of 12 years or more."),
            optional("returnDate", Kind::Date, "The day of return; one way without it."),
            optional("children", Kind::Integer(0, 9), "How many of 2 to 11 years."),
            optional("infants", Kind::Integer(0, 9), "How many younger ones, at most one an adult."),
            optional("travelClass", CABIN, "The lowest class of most segments."),
            optional("includedAirlineCodes", AIRLINES, "Only these airlines: IATA codes."),
            optional("excludedAirlineCodes", AIRLINES, "None of these airlines."),
            optional("nonStop", Kind::Boolean, "Only flights without a stop."),
            optional("currencyCode", Kind::Text, "The currency of prices, such as EUR."),
            optional("maxPrice", Kind::Integer(1, i64::MAX), "The most a traveller pays, without decimals."),
        ])
        .rows("/data")
        .sized(Place::Query("max"), MOST_OFFERS)
        .choosing(&[Choice::AtMostOne(&["includedAirlineCodes", "excludedAirlineCodes"])])
        .example(
            r#"{"originLocationCode":"PAR","destinationLocationCode":"MAD","departureDate":"2027-03-01","adults":1}"#,
        ),
    Op::read("search_flights_advanced", "Flight offers by any criteria that Amadeus has.")
        .post("/v2/shopping/flight-offers")
        .takes(&[
            optional("currencyCode", Kind::Text, "The currency of prices, such as EUR."),
            required("originDestinations", Kind::List(&LEG, 6), "The legs of the journey, in order."),
            required("travelers", Kind::List(&TRAVELER, 18), "Who travels."),
            optional("sources", Kind::List(&Kind::OneOf(&["GDS"]), 1), "Where to look; `GDS` without it."),
            optional("searchCriteria", Kind::Object, "Filters and options, as Amadeus' specification has them."),
        ])
        .with(&[("sources", r#"["GDS"]"#)])
        .rows("/data")
        .shaped(advanced)
        .example(
            r#"{"originDestinations":[{"id":"1","originLocationCode":"PAR","destinationLocationCode":"MAD","departureDateTimeRange":{"date":"2027-03-01"}}],"travelers":[{"id":"1","travelerType":"ADULT"}],"searchCriteria":{"flightFilters":{"cabinRestrictions":[{"cabin":"BUSINESS","originDestinationIds":["1"]}]}}}"#,
        ),
    Op::read("price_flight_offer", "Confirms what offers of a search cost now; books nothing.")
        .post("/v1/shopping/flight-offers/pricing")
        .takes(&[
            required("flightOffers", Kind::List(&Kind::Object, 6), "The offers, as they were found.")
                .at(Place::Body("/data/flightOffers")),
            optional("include", Kind::List(&Kind::OneOf(EXTRAS), 4), "What to tell beside the price.")
                .at(Place::Query("include")),
            optional("forceClass", Kind::Boolean, "Whether to keep to the offers' booking classes.")
                .at(Place::Query("forceClass")),
        ])
        .with(&[("data/type", "flight-offers-pricing")])
        .rows("/data")
        .shaped(read_by_post)
        .example(
            r#"{"flightOffers":[{"type":"flight-offer","id":"1","source":"GDS","itineraries":[],"validatingAirlineCodes":["AF"],"travelerPricings":[]}]}"#,
        ),
    Op::read("list_hotels_by_city", "Hotels around a city's centre or an airport.")
        .get("/v1/reference-data/locations/hotels/by-city")
        .takes(&[
            required("cityCode", Kind::Text, "The city's or airport's IATA code."),
            RADIUS,
            RADIUS_UNIT,
            CHAINS,
            AMENITIES,
            RATINGS,
            SOURCE,
        ])
        .rows("/data")
        .example(r#"{"cityCode":"PAR","radius":3,"ratings":["4","5"]}"#),
    Op::read("list_hotels_by_geocode", "Hotels around a point.")
        .get("/v1/reference-data/locations/hotels/by-geocode")
        .takes(&[LATITUDE, LONGITUDE, RADIUS, RADIUS_UNIT, CHAINS, AMENITIES, RATINGS, SOURCE])
        .rows("/data")
        .example(r#"{"latitude":48.85306,"longitude":2.34654,"radius":1}"#),
    Op::read("list_hotels_by_ids", "Hotels by their ids.")
        .get("/v1/reference-data/locations/hotels/by-hotels")
        .takes(&[required("hotelIds", Kind::List(&Kind::Text, 99), "Their ids, of 8 characters.")])
        .rows("/data")
        .example(r#"{"hotelIds":["ACPAR419"]}"#),
    Op::read("search_hotel_offers", "Rooms and prices of hotels, by the hotels' ids.")
        .get("/v3/shopping/hotel-offers")
        .takes(&[
            required("hotelIds", Kind::List(&Kind::Text, 20), "The hotels; the operations that list hotels give ids."),
            optional("adults", Kind::Integer(1, 9), "How many adults a room; 1 without it."),
            optional("checkInDate", Kind::Date, "The day of arrival; today without it."),
            optional("checkOutDate", Kind::Date, "The day of departure; the next one without it."),
            optional("roomQuantity", Kind::Integer(1, 9), "How many rooms."),
            optional("currency", Kind::Text, "The currency of prices, such as EUR."),
            optional("priceRange", Kind::Text, "The price of a night, such as `200-300`; needs `currency`."),
            optional("countryOfResidence", Kind::Text, "The guest's, as an ISO 3166-1 code."),
            optional("paymentPolicy", Kind::OneOf(&["GUARANTEE", "DEPOSIT", "NONE"]), "How it is paid."),
            optional("boardType", Kind::OneOf(BOARDS), "Which meals."),
            optional("includeClosed", Kind::Boolean, "Hotels without a free room, too."),
            optional("bestRateOnly", Kind::Boolean, "The cheapest offer of each hotel, or all."),
            LANG,
        ])
        .rows("/data")
        .pages(Pages::Query { at: "/meta/links/next" })
        .shaped(price_in_a_currency)
        .example(r#"{"hotelIds":["ACPAR419"],"adults":2,"checkInDate":"2027-03-01","checkOutDate":"2027-03-03"}"#),
    Op::read("get_hotel_offer", "One offer of a hotel, as it stands now.")
        .get("/v3/shopping/hotel-offers/{offerId}")
        .takes(&[required("offerId", Kind::Text, "The offer's id; it lives for a short time."), LANG])
        .rows("/data")
        .example(r#"{"offerId":"1BCMABM7A8"}"#),
    Op::read("autocomplete_hotel", "Hotels by a part of their name.")
        .get("/v1/reference-data/locations/hotel")
        .takes(&[
            required("keyword", Kind::UpTo(40), "At least 3 characters of the name."),
            required("subType", Kind::List(&Kind::OneOf(&["HOTEL_LEISURE", "HOTEL_GDS"]), 2), "Which hotels.")
                .at(Place::Nowhere),
            COUNTRY,
            LANG,
        ])
        .rows("/data")
        .sized(Place::Query("max"), 20)
        .shaped(each_kind_by_itself)
        .example(r#"{"keyword":"PARI","subType":["HOTEL_GDS"]}"#),
    Op::read("search_locations", "Airports and cities by a keyword.")
        .get("/v1/reference-data/locations")
        .takes(&[
            required("subType", Kind::List(&Kind::OneOf(&["AIRPORT", "CITY"]), 2), "What to look for."),
            required("keyword", Kind::Text, "How its name or code begins."),
            COUNTRY,
            optional("view", Kind::OneOf(&["LIGHT", "FULL"]), "How much to tell of each; FULL without it."),
        ])
        .rows("/data")
        .pages(COUNTED)
        .sized(Place::Query("page[limit]"), 100)
        .example(r#"{"subType":["AIRPORT","CITY"],"keyword":"PAR"}"#),
    Op::read("get_location", "One airport or city.")
        .get("/v1/reference-data/locations/{locationId}")
        .takes(&[required("locationId", Kind::Text, "Its id: A or C and the IATA code, such as CPAR.")])
        .rows("/data")
        .example(r#"{"locationId":"CPAR"}"#),
    Op::read("nearest_airports", "Airports around a point, the most relevant first.")
        .get("/v1/reference-data/locations/airports")
        .takes(&[
            LATITUDE,
            LONGITUDE,
            optional("radius", Kind::Integer(0, 500), "In kilometres; 500 without it."),
            optional("sort", Kind::OneOf(SORTS), "By what; `relevance` without it."),
        ])
        .rows("/data")
        .pages(COUNTED)
        .sized(Place::Query("page[limit]"), 100)
        .example(r#"{"latitude":51.57285,"longitude":-0.44161,"radius":100}"#),
    Op::read("search_cities", "Cities by the beginning of their name.")
        .get("/v1/reference-data/locations/cities")
        .takes(&[
            required("keyword", Kind::UpTo(10), "2 to 10 characters."),
            COUNTRY,
            optional("include", Kind::List(&Kind::OneOf(&["AIRPORTS"]), 1), "Their airports, too."),
        ])
        .rows("/data")
        .sized(Place::Query("max"), 100)
        .example(r#"{"keyword":"PARIS","countryCode":"FR"}"#),
];

const LEG: Kind = Kind::Shape(&[
    required("id", Kind::Text, "A name for it, such as `1`."),
    required("originLocationCode", Kind::Text, "Where from: an IATA code."),
    required("destinationLocationCode", Kind::Text, "Where to: an IATA code."),
    required("departureDateTimeRange", Kind::Object, "When: `date`, and `time`, `dateWindow`, `timeWindow`."),
    optional("arrivalDateTimeRange", Kind::Object, "When to arrive, in the same form."),
    optional("originRadius", Kind::Integer(0, 300), "How far around the origin, in kilometres."),
    optional("destinationRadius", Kind::Integer(0, 300), "How far around the destination."),
    optional("includedConnectionPoints", Kind::List(&Kind::Text, 2), "Where to change."),
    optional("excludedConnectionPoints", Kind::List(&Kind::Text, 3), "Where not to change."),
    optional("alternativeOriginsCodes", Kind::List(&Kind::Text, 2), "Other origins that would do."),
    optional("alternativeDestinationsCodes", Kind::List(&Kind::Text, 2), "Other destinations that would do."),
]);
const TRAVELER: Kind = Kind::Shape(&[
    required("id", Kind::Text, "A name, such as `1`."),
    required("travelerType", Kind::OneOf(TRAVELERS), "What for a traveller."),
    optional("associatedAdultId", Kind::Text, "On whose lap a `HELD_INFANT` sits."),
]);
const TRAVELERS: &[&str] = &["ADULT", "CHILD", "SENIOR", "YOUNG", "HELD_INFANT", "SEATED_INFANT", "STUDENT"];
const EXTRAS: &[&str] = &["credit-card-fees", "bags", "other-services", "detailed-fare-rules"];
const BOARDS: &[&str] = &["ROOM_ONLY", "BREAKFAST", "HALF_BOARD", "FULL_BOARD", "ALL_INCLUSIVE"];
const SORTS: &[&str] = &["relevance", "distance", "analytics.flights.score", "analytics.travelers.score"];

fn price_in_a_currency(args: &Args<'_>, _: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    if args.raw("priceRange").is_some() && args.raw("currency").is_none() {
        return Err(ConnectorError::Invalid("priceRange needs currency".into()));
    }
    Ok(())
}

/// The vendor's sign that a POST changes nothing, and its type of JSON.
fn read_by_post(_: &Args<'_>, draft: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    draft.set(Place::Header("x-http-method-override"), "override", "GET")?;
    draft.set(Place::Header("content-type"), "type", "application/vnd.amadeus+json")
}

/// The caller's limit goes beside the caller's own criteria.
fn advanced(args: &Args<'_>, draft: &mut Draft, limit: Option<usize>) -> Result<(), ConnectorError> {
    if let Some(limit) = limit {
        let given = args.raw("searchCriteria").and_then(|json| serde_json::from_str(json).ok());
        let mut criteria: BTreeMap<String, Node> = given.map_or_else(BTreeMap::new, members);
        if !criteria.contains_key("maxFlightOffers") {
            criteria.insert("maxFlightOffers".to_owned(), Node::of(&limit.clamp(1, MOST_OFFERS))?);
        }
        if let Content::Json(body) = &mut draft.body {
            body.put("/searchCriteria", Node::Members(criteria));
        }
    }
    read_by_post(args, draft, limit)
}

/// As they were sent, digit for digit.
fn members(given: BTreeMap<String, Box<RawValue>>) -> BTreeMap<String, Node> {
    given.into_iter().map(|(name, value)| (name, Node::Raw(value))).collect()
}

/// This one path wants a parameter for each value instead of commas between them.
#[expect(clippy::unnecessary_wraps, reason = "a shape may refuse")]
fn each_kind_by_itself(args: &Args<'_>, draft: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    let kinds = args.text("subType").unwrap_or_default();
    draft.query.extend(kinds.split(',').map(|kind| ("subType".to_owned(), kind.to_owned())));
    Ok(())
}
