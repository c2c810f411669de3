//! Flight offers: searched by parameters, searched by a body, priced anew.

use serde_json::{Value, json};

use super::{
    Amadeus,
    errors::{answer, body, error},
    parameters as form,
    parameters::{Rule, check},
};
use crate::{Answer, seen::Seen, strict};

const SEARCH: [Rule; 14] = [
    ("originLocationCode", true, form::iata),
    ("destinationLocationCode", true, form::iata),
    ("departureDate", true, form::date),
    ("returnDate", false, form::date),
    ("adults", true, form::one_to_nine),
    ("children", false, form::up_to_nine),
    ("infants", false, form::up_to_nine),
    ("travelClass", false, form::cabin),
    ("includedAirlineCodes", false, form::airlines),
    ("excludedAirlineCodes", false, form::airlines),
    ("nonStop", false, form::flag),
    ("currencyCode", false, form::iata),
    ("maxPrice", false, form::positive),
    ("max", false, form::positive),
];

impl Amadeus {
    pub(super) fn flights(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        check(seen, &SEARCH, violations)?;
        let parameter = |name: &str| seen.parameter(name);
        let count = |name: &str| parameter(name).and_then(|n| n.parse::<usize>().ok());
        if parameter("includedAirlineCodes").is_some() && parameter("excludedAirlineCodes").is_some() {
            let source = json!({"parameter": "excludedAirlineCodes"});
            return Err(error(400, 572, "INVALID OPTION", "cannot be cumulated", &source));
        }
        if count("infants").unwrap_or(0) > count("adults").unwrap_or(0) {
            let source = json!({"parameter": "infants"});
            return Err(error(400, 4926, "INVALID DATA RECEIVED", "too many infants", &source));
        }
        let most = count("max").unwrap_or(250).min(250);
        let currency = parameter("currencyCode").unwrap_or("EUR".to_owned());
        let [from, to, on] = ["originLocationCode", "destinationLocationCode", "departureDate"]
            .map(|name| parameter(name).unwrap_or_default());
        let offers: Vec<Value> =
            (1..=self.flight_offers.min(most)).map(|n| offer(n, &from, &to, &on, &currency)).collect();
        let links = json!({"self": format!("{}{}?{}", self.base, seen.path, seen.query)});
        Ok(answer(
            200,
            &json!({
                "meta": {"count": offers.len(), "links": links},
                "data": offers,
                "dictionaries": {"carriers": {"AF": "AIR FRANCE"}, "currencies": {"EUR": "EURO"}},
            }),
        ))
    }

    pub(super) fn flights_by_body(
        &self,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        check(seen, &[], violations)?;
        let query = Self::body(seen, violations)?;
        let known = ["currencyCode", "originDestinations", "travelers", "sources", "searchCriteria"];
        violations.extend(strict::members(&query, &known, "a search"));
        let list = |name: &str, most: usize| {
            let list = query[name].as_array().filter(|list| (1..=most).contains(&list.len()));
            list.ok_or_else(|| body(&format!("/{name}"), "missing, or too many"))
        };
        let (legs, travelers) = (list("originDestinations", 6)?, list("travelers", 18)?);
        let gds = list("sources", 1)?.iter().all(|source| source == "GDS");
        if !gds {
            return Err(body("/sources", "unknown source"));
        }
        for (at, leg) in legs.iter().enumerate() {
            let text = |name: &str| leg[name].as_str().is_some_and(form::iata);
            let dated = leg["departureDateTimeRange"]["date"].as_str().is_some_and(form::date);
            if !text("originLocationCode")
                || !text("destinationLocationCode")
                || !dated
                || !leg["id"].is_string()
            {
                return Err(body(&format!("/originDestinations/{at}"), "invalid origin and destination"));
            }
        }
        for (at, traveler) in travelers.iter().enumerate() {
            if !traveler["id"].is_string() || !traveler["travelerType"].is_string() {
                return Err(body(&format!("/travelers/{at}"), "invalid traveler"));
            }
        }
        let most = query["searchCriteria"]["maxFlightOffers"].as_u64().unwrap_or(250).min(250);
        let most = usize::try_from(most).unwrap_or(250);
        let currency = query["currencyCode"].as_str().unwrap_or("EUR");
        let text = |pointer: &str| query.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let from = text("/originDestinations/0/originLocationCode");
        let to = text("/originDestinations/0/destinationLocationCode");
        let on = text("/originDestinations/0/departureDateTimeRange/date");
        let offers: Vec<Value> =
            (1..=self.flight_offers.min(most)).map(|n| offer(n, from, to, on, currency)).collect();
        Ok(answer(200, &json!({"meta": {"count": offers.len()}, "data": offers, "dictionaries": {}})))
    }

    pub(super) fn price(seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        let included = |all: &str| {
            let known = ["credit-card-fees", "bags", "other-services", "detailed-fare-rules"];
            all.split(',').all(|one| known.contains(&one))
        };
        check(seen, &[("include", false, included), ("forceClass", false, form::flag)], violations)?;
        let query = Self::body(seen, violations)?;
        violations.extend(strict::members(&query, &["data"], "a pricing"));
        let data = &query["data"];
        let known = ["type", "flightOffers", "payments", "travelers"];
        violations.extend(strict::members(data, &known, "the data of a pricing"));
        if data["type"] != "flight-offers-pricing" {
            return Err(body("/data/type", "must be flight-offers-pricing"));
        }
        let offers = data["flightOffers"].as_array().filter(|offers| (1..=6).contains(&offers.len()));
        let offers = offers.ok_or_else(|| body("/data/flightOffers", "missing, or too many"))?;
        for (at, offer) in offers.iter().enumerate() {
            let required = ["id", "source", "itineraries", "validatingAirlineCodes", "travelerPricings"];
            if offer["type"] != "flight-offer" || required.iter().any(|name| offer[*name].is_null()) {
                return Err(body(&format!("/data/flightOffers/{at}"), "not an offer as it was found"));
            }
        }
        let data = json!({"type": "flight-offers-pricing", "flightOffers": offers});
        Ok(answer(200, &json!({"data": data, "dictionaries": {}})))
    }

    /// The JSON of a body. The header says that the POST only reads; the vendor requires it.
    fn body(seen: &Seen, violations: &mut Vec<String>) -> Result<Value, Answer> {
        if seen.header("x-http-method-override") != "GET" {
            violations.push(format!("{} {}: without X-HTTP-Method-Override", seen.method, seen.path));
        }
        if !matches!(seen.content_type().as_str(), "application/vnd.amadeus+json" | "application/json") {
            violations.push(format!("{} {}: a body of `{}`", seen.method, seen.path, seen.content_type()));
            let detail = "The requested media type is not supported";
            return Err(error(415, 38_198, "Unsupported media type", detail, &Value::Null));
        }
        let json = seen.json();
        if json.is_object() { Ok(json) } else { Err(body("", "no JSON object")) }
    }
}

fn offer(n: usize, from: &str, to: &str, on: &str, currency: &str) -> Value {
    json!({
        "type": "flight-offer",
        "id": n.to_string(),
        "source": "GDS",
        "instantTicketingRequired": false,
        "oneWay": false,
        "numberOfBookableSeats": 9,
        "itineraries": [{
            "duration": "PT2H10M",
            "segments": [{
                "departure": {"iataCode": from, "at": format!("{on}T10:00:00")},
                "arrival": {"iataCode": to, "at": format!("{on}T12:10:00")},
                "carrierCode": "AF",
                "number": (1000 + n).to_string(),
                "id": "1",
                "numberOfStops": 0,
            }],
        }],
        "price": {"currency": currency, "total": format!("{}.70", 300 + n), "base": format!("{}.00", 200 + n)},
        "pricingOptions": {"fareType": ["PUBLISHED"], "includedCheckedBagsOnly": true},
        "validatingAirlineCodes": ["AF"],
        "travelerPricings": [{
            "travelerId": "1",
            "fareOption": "STANDARD",
            "travelerType": "ADULT",
            "fareDetailsBySegment": [{"segmentId": "1", "cabin": "ECONOMY"}],
        }],
    })
}
