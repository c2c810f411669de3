//! Hotels and their offers.

use serde_json::{Value, json};

use super::{
    Amadeus,
    errors::nothing_found,
    parameters as form,
    parameters::{Rule, check},
    places::hotel_error,
};
use crate::{Answer, seen::Seen};

const AROUND: [Rule; 6] = [
    ("radius", false, form::radius),
    ("radiusUnit", false, |unit| matches!(unit, "KM" | "MILE")),
    ("chainCodes", false, form::anything),
    ("amenities", false, |all| all.split(',').count() <= 3),
    ("ratings", false, |all| all.split(',').all(|star| matches!(star, "1" | "2" | "3" | "4" | "5"))),
    ("hotelSource", false, |source| matches!(source, "BEDBANK" | "DIRECTCHAIN" | "ALL")),
];
const OFFERS: [Rule; 13] = [
    ("hotelIds", true, form::twenty_properties),
    ("adults", false, form::one_to_nine),
    ("checkInDate", false, form::date),
    ("checkOutDate", false, form::date),
    ("countryOfResidence", false, form::country),
    ("roomQuantity", false, form::one_to_nine),
    ("priceRange", false, form::anything),
    ("currency", false, form::iata),
    ("paymentPolicy", false, |policy| matches!(policy, "GUARANTEE" | "DEPOSIT" | "NONE")),
    ("boardType", false, |board| {
        matches!(board, "ROOM_ONLY" | "BREAKFAST" | "HALF_BOARD" | "FULL_BOARD" | "ALL_INCLUSIVE")
    }),
    ("includeClosed", false, form::flag),
    ("bestRateOnly", false, form::flag),
    ("lang", false, |lang| (2..=5).contains(&lang.len())),
];
const NAMES: [Rule; 5] = [
    ("keyword", true, form::hotel_keyword),
    // This path alone wants one parameter for each value.
    ("subType*", true, form::hotel_kind),
    ("countryCode", false, form::country),
    ("lang", false, |lang| lang.len() == 2),
    ("max", false, form::one_to_twenty),
];

/// The hotels by number, all of them in Paris.
fn hotel_id(n: usize) -> String {
    format!("ACPAR{n:03}")
}

fn number(id: &str) -> Option<usize> {
    id.strip_prefix("ACPAR")?.parse().ok()
}

fn hotel(n: usize) -> Value {
    json!({
        "chainCode": "AC",
        "iataCode": "PAR",
        "dupeId": 700_140_000 + n,
        "name": format!("HOTEL {n}"),
        "hotelId": hotel_id(n),
        "geoCode": {"latitude": 48.85306, "longitude": 2.34654},
        "address": {"countryCode": "FR"},
    })
}

impl Amadeus {
    fn known(&self, id: &str) -> Option<usize> {
        number(id).filter(|n| *n < self.hotels)
    }

    fn listed(&self, seen: &Seen, numbers: impl Iterator<Item = usize>) -> Answer {
        let data: Vec<Value> = numbers.map(hotel).collect();
        let links = json!({"self": format!("{}{}?{}", self.links, seen.path, seen.query)});
        Answer::json(200, &json!({"data": data, "meta": {"count": data.len(), "links": links}}))
    }

    pub(super) fn hotels(
        &self,
        by: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let city: [Rule; 1] = [("cityCode", true, form::iata)];
        let point: [Rule; 2] = [("latitude", true, form::latitude), ("longitude", true, form::longitude)];
        let ids: [Rule; 1] = [("hotelIds", true, form::ninety_nine_properties)];
        match by {
            "by-city" => {
                check(seen, &[&city[..], &AROUND].concat(), violations)?;
                if seen.parameter("cityCode").as_deref() != Some("PAR") {
                    return Err(hotel_error(895, "NOTHING FOUND FOR REQUESTED CITY", "cityCode"));
                }
            }
            "by-geocode" => check(seen, &[&point[..], &AROUND].concat(), violations)?,
            _ => {
                check(seen, &ids, violations)?;
                let asked = seen.parameter("hotelIds").unwrap_or_default();
                let known: Option<Vec<usize>> = asked.split(',').map(|id| self.known(id)).collect();
                let known = known.ok_or_else(|| hotel_error(1257, "INVALID PROPERTY CODE", "hotelIds"))?;
                return Ok(self.listed(seen, known.into_iter()));
            }
        }
        Ok(self.listed(seen, 0..self.hotels))
    }

    pub(super) fn hotel_names(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        check(seen, &NAMES, violations)?;
        let keyword = seen.parameter("keyword").unwrap_or_default().to_uppercase();
        let most = seen.parameter("max").and_then(|max| max.parse().ok()).unwrap_or(20);
        let kind = seen.parameter("subType").unwrap_or_default();
        let named = (0..self.hotels).filter(|n| format!("HOTEL {n}").contains(&keyword)).take(most);
        let data: Vec<Value> = named
            .map(|n| {
                json!({
                    "id": 4_630_000 + n,
                    "name": format!("HOTEL {n}"),
                    "iataCode": "PAR",
                    "subType": kind,
                    "relevance": 74,
                    "type": "location",
                    "hotelIds": [hotel_id(n)],
                    "address": {"cityName": "PARIS", "countryCode": "FR"},
                })
            })
            .collect();
        Ok(Answer::json(200, &json!({"data": data})))
    }

    pub(super) fn hotel_offers(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        let paging: [Rule; 1] = [("pageOffset", false, form::anything)];
        check(seen, &[&OFFERS[..], &paging].concat(), violations)?;
        let parameter = |name: &str| seen.parameter(name);
        if let (Some(from), Some(to)) = (parameter("checkInDate"), parameter("checkOutDate"))
            && to <= from
        {
            let title = "CHECK_OUT DATE MUST BE FURTHER IN THE FUTURE THAN CHECK-IN DATE";
            return Err(hotel_error(404, title, "checkOutDate"));
        }
        if parameter("priceRange").is_some() && parameter("currency").is_none() {
            return Err(hotel_error(61, "INVALID CURRENCY CODE", "currency"));
        }
        let asked = parameter("hotelIds").unwrap_or_default();
        let known: Vec<usize> = asked.split(',').filter_map(|id| self.known(id)).collect();
        if known.is_empty() {
            return Err(hotel_error(1257, "INVALID PROPERTY CODE", "hotelIds"));
        }
        // The window is opaque: nobody may count on its being a number.
        let offset = match parameter("pageOffset") {
            None => 0,
            Some(window) => {
                let at = window.strip_prefix('W').and_then(|at| at.parse::<usize>().ok());
                at.ok_or_else(|| hotel_error(477, "INVALID FORMAT", "pageOffset"))?
            }
        };
        let data: Vec<Value> =
            known.iter().skip(offset).take(self.window).map(|n| self.offers(*n, seen)).collect();
        let mut body = json!({"data": data});
        let next = offset + self.window;
        if next < known.len() {
            let others = seen.query_pairs().into_iter().filter(|(name, _)| name != "pageOffset");
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(others).append_pair("pageOffset", &format!("W{next}"));
            body["meta"] =
                json!({"links": {"next": format!("{}{}?{}", self.links, seen.path, query.finish())}});
        }
        Ok(Answer::json(200, &body))
    }

    fn offers(&self, n: usize, seen: &Seen) -> Value {
        let parameter = |name: &str, default: &str| seen.parameter(name).unwrap_or(default.to_owned());
        let id = format!("OFFER{n}");
        json!({
            "type": "hotel-offers",
            "hotel": {"type": "hotel", "hotelId": hotel_id(n), "chainCode": "AC", "name": format!("HOTEL {n}")},
            "available": true,
            "offers": [{
                "id": id,
                "checkInDate": parameter("checkInDate", "2026-12-01"),
                "checkOutDate": parameter("checkOutDate", "2026-12-02"),
                "rateCode": "RAC",
                "guests": {"adults": parameter("adults", "1").parse::<u8>().unwrap_or(1)},
                "price": {"currency": parameter("currency", "EUR"), "base": "300.00", "total": "300.00"},
                "self": format!("{}/v3/shopping/hotel-offers/{id}", self.base),
            }],
            "self": format!("{}/v3/shopping/hotel-offers?hotelIds={}", self.base, hotel_id(n)),
        })
    }

    pub(super) fn hotel_offer(
        &self,
        id: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        check(seen, &[("lang", false, form::anything)], violations)?;
        if !id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            return Err(hotel_error(477, "INVALID FORMAT", "offerId"));
        }
        let n = id.strip_prefix("OFFER").and_then(|n| n.parse().ok()).filter(|n| *n < self.hotels);
        let n = n.ok_or_else(|| nothing_found("offerId"))?;
        Ok(Answer::json(200, &json!({"data": self.offers(n, seen)})))
    }
}
