//! Amadeus: flights, hotels and places, by the vendor's Enterprise REST API.

use egress::Response;
use model::connector_type::ConnectorType;
use serde_json::Value;

use crate::{
    ConnectorError,
    http::oauth::Grant,
    parameter::{Kind, Place, optional, required},
    vendor::{
        Health, Vendor,
        op::{Op, Pages},
        said::{Refused, Said},
        way::{Setup, Way},
    },
};

pub(crate) static AMADEUS: Vendor = Vendor {
    kind: ConnectorType::Amadeus,
    name: "Amadeus",
    operations: OPERATIONS,
    language: None,
    way,
    refusal,
    health: Health {
        op: Op::read("health", "Finds Paris.").get("/v1/reference-data/locations").with(&[
            ("subType", "CITY"),
            ("keyword", "PAR"),
            ("page[limit]", "1"),
        ]),
        told: |_, _| Ok("GET of locations: answered".into()),
    },
};

const CLASSES: Kind = Kind::OneOf(&["ECONOMY", "PREMIUM_ECONOMY", "BUSINESS", "FIRST"]);
const PAGES: Pages = Pages::Next { at: "/meta/links/next" };

const OPERATIONS: &[Op] = &[
    Op::read("search_flights", "Flight offers for a trip.")
        .get("/v2/shopping/flight-offers")
        .takes(&[
            required("originLocationCode", Kind::Text, "Where from: an IATA code, such as PAR."),
            required("destinationLocationCode", Kind::Text, "Where to: an IATA code."),
            required("departureDate", Kind::Date, "The day of departure."),
            required("adults", Kind::Integer(1, 9), "How many travellers of 12 years or more."),
            optional("returnDate", Kind::Date, "The day of return; one way without it."),
            optional("travelClass", CLASSES, "The lowest class of most segments."),
            optional("nonStop", Kind::Boolean, "Only flights without a stop."),
        ])
        .rows("/data")
        .sized(Place::Query("max"), 250)
        .example(
            r#"{"originLocationCode":"PAR","destinationLocationCode":"MAD","departureDate":"2027-03-01","adults":1}"#,
        ),
    Op::read("search_locations", "Airports and cities by a keyword.")
        .get("/v1/reference-data/locations")
        .takes(&[
            required("subType", Kind::List(&Kind::OneOf(&["AIRPORT", "CITY"]), 2), "What to look for."),
            required("keyword", Kind::Text, "How its name or code begins."),
            optional("countryCode", Kind::Text, "In which country: an ISO 3166-1 code."),
        ])
        .rows("/data")
        .pages(PAGES)
        .sized(Place::Query("page[limit]"), 100)
        .example(r#"{"subType":["AIRPORT","CITY"],"keyword":"PAR"}"#),
];

fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let known = match setup.options().text("environment") {
        Some("production") => Some("https://api.amadeus.com"),
        Some("test") => Some("https://test.api.amadeus.com"),
        _ => None,
    };
    let base = setup.base(&[], known)?;
    let token = setup.below(&base, "v1/security/oauth2/token")?;
    let id = setup.credentials.require(&["client_id", "api_key"])?;
    let secret = setup.credentials.require(&["client_secret", "api_secret"])?;
    let auth = setup.tokens(Grant::client_credentials(token, id, secret))?;
    Ok(Way::new(base, auth).header("accept", "application/vnd.amadeus+json"))
}

/// `{"errors":[{status,code,title,detail}]}`; code 141 is a system error, which may pass.
fn refusal(response: &Response) -> Option<Refused> {
    let said = Said::by_status(response)?;
    let body = model::json::parse(&response.body).unwrap_or_default();
    let first = body.pointer("/errors/0").cloned().unwrap_or_default();
    let code = first.get("code").and_then(Value::as_u64);
    let said = if code == Some(141) { Said::Failed } else { said };
    let words = ["detail", "title"].iter().find_map(|key| first.get(key)?.as_str()).unwrap_or_default();
    Some(Refused::new(said, code.map_or(String::new(), |code| code.to_string()), words))
}
