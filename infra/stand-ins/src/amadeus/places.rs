//! Airports, cities and hotels: what there is, and how it is found.

use serde_json::{Value, json};

use super::{
    Amadeus,
    errors::{answer, error, nothing_found, option},
    parameters as form,
    parameters::{Rule, check},
};
use crate::{Answer, seen::Seen};

const LOCATIONS: [Rule; 7] = [
    ("subType", true, form::places),
    ("keyword", true, form::keyword),
    ("countryCode", false, form::country),
    ("page[limit]", false, form::positive),
    ("page[offset]", false, form::offset),
    ("sort", false, form::anything),
    ("view", false, |view| matches!(view, "LIGHT" | "FULL")),
];
const NEAREST: [Rule; 6] = [
    ("latitude", true, form::latitude),
    ("longitude", true, form::longitude),
    ("radius", false, form::wide_radius),
    ("page[limit]", false, form::positive),
    ("page[offset]", false, form::offset),
    ("sort", false, |sort| {
        matches!(sort, "relevance" | "distance" | "analytics.flights.score" | "analytics.travelers.score")
    }),
];
const CITIES: [Rule; 4] = [
    ("keyword", true, form::city_keyword),
    ("countryCode", false, form::country),
    ("max", false, form::positive),
    ("include", false, |include| include == "AIRPORTS"),
];

/// The airports by number: code, city, country. Paris is there three times over; the rest is made up.
pub(super) fn airport(n: usize) -> (String, String, &'static str) {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    match n {
        0 => ("CDG".to_owned(), "PARIS".to_owned(), "FR"),
        1 => ("ORY".to_owned(), "PARIS".to_owned(), "FR"),
        2 => ("LBG".to_owned(), "PARIS".to_owned(), "FR"),
        _ => {
            let code = ['Q', letter(n / 26), letter(n)].iter().collect();
            (code, format!("PARKTOWN {n}"), if n.is_multiple_of(2) { "US" } else { "GB" })
        }
    }
}

impl Amadeus {
    fn location(&self, n: usize, sub_type: &str, light: bool) -> Value {
        let (code, city, country) = airport(n);
        let id = format!("{}{code}", &sub_type[..1]);
        let mut place = json!({
            "type": "location",
            "subType": sub_type,
            "name": city,
            "detailedName": format!("{city}/{country}:{code}"),
            "id": id,
            "self": {"href": format!("{}/v1/reference-data/locations/{id}", self.base), "methods": ["GET"]},
            "iataCode": code,
            "address": {"cityName": city, "cityCode": code, "countryName": country, "countryCode": country},
        });
        if !light {
            place["geoCode"] = json!({"latitude": 48.0, "longitude": 2.0});
            place["analytics"] = json!({"travelers": {"score": 27}});
        }
        place
    }

    pub(super) fn locations(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        check(seen, &LOCATIONS, violations)?;
        let parameter = |name: &str| seen.parameter(name).unwrap_or_default();
        let keyword = parameter("keyword").to_uppercase();
        let (kinds, country) = (parameter("subType"), seen.parameter("countryCode"));
        let light = parameter("view") == "LIGHT";
        let mut found = Vec::new();
        for n in 0..self.airports {
            let (code, city, its_country) = airport(n);
            let named = city.split(' ').any(|word| word.starts_with(&keyword)) || code.starts_with(&keyword);
            if named && country.as_deref().is_none_or(|country| country == its_country) {
                found.extend(kinds.split(',').map(|kind| self.location(n, kind, light)));
            }
        }
        Ok(self.page(seen, &found))
    }

    pub(super) fn one_location(
        &self,
        id: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        check(seen, &[], violations)?;
        let sub_type = match id.get(..1) {
            Some("A") if id.len() == 4 => "AIRPORT",
            Some("C") if id.len() == 4 => "CITY",
            _ => return Err(option("locationId")),
        };
        let n = (0..self.airports).find(|n| Some(airport(*n).0.as_str()) == id.get(1..));
        let n = n.ok_or_else(|| nothing_found("locationId"))?;
        let links = json!({"self": format!("{}{}", self.base, seen.path)});
        Ok(answer(200, &json!({"meta": {"links": links}, "data": self.location(n, sub_type, false)})))
    }

    pub(super) fn nearest(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        check(seen, &NEAREST, violations)?;
        let near = |n: usize| {
            let mut place = self.location(n, "AIRPORT", false);
            place["distance"] = json!({"value": n + 1, "unit": "KM"});
            place["relevance"] = json!(350.545 / f64::from(u32::try_from(n + 1).unwrap_or(1)));
            place
        };
        let found: Vec<Value> = (0..self.airports).map(near).collect();
        Ok(self.page(seen, &found))
    }

    pub(super) fn cities(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        check(seen, &CITIES, violations)?;
        let keyword = seen.parameter("keyword").unwrap_or_default().to_uppercase();
        let country = seen.parameter("countryCode");
        let most = seen.parameter("max").and_then(|max| max.parse().ok()).unwrap_or(10);
        let city = |n: usize| {
            let (code, city, its_country) = airport(n);
            let fits = city.starts_with(&keyword) && country.as_deref().is_none_or(|c| c == its_country);
            fits.then(|| {
                json!({
                    "type": "location",
                    "subType": "city",
                    "name": city,
                    "iataCode": code,
                    "address": {"countryCode": its_country},
                    "geoCode": {"latitude": 48.0, "longitude": 2.0},
                })
            })
        };
        let found: Vec<Value> = (0..self.airports).filter_map(city).take(most).collect();
        let links = json!({"self": format!("{}{}?{}", self.base, seen.path, seen.query)});
        Ok(answer(200, &json!({"meta": {"count": found.len(), "links": links}, "data": found})))
    }

    /// A page of what was found, with the vendor's links.
    fn page(&self, seen: &Seen, found: &[Value]) -> Answer {
        let number = |name: &str, default: usize| {
            seen.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        let (limit, offset) = (number("page[limit]", 10), number("page[offset]", 0));
        let page: Vec<&Value> = found.iter().skip(offset).take(limit).collect();
        let at = |offset: usize| {
            let others = seen.query_pairs().into_iter().filter(|(name, _)| name != "page[offset]");
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(others).append_pair("page[offset]", &offset.to_string());
            format!("{}{}?{}", self.links, seen.path, query.finish())
        };
        let mut links = json!({"self": format!("{}{}?{}", self.links, seen.path, seen.query)});
        if offset + page.len() < found.len() {
            links["next"] = at(offset + limit).into();
            links["last"] = at((found.len() - 1) / limit * limit).into();
        }
        answer(200, &json!({"meta": {"count": found.len(), "links": links}, "data": page}))
    }
}

/// A refusal of the hotel list, whose codes are of its own.
pub(super) fn hotel_error(code: u64, title: &str, parameter: &str) -> Answer {
    error(400, code, title, "", &json!({"parameter": parameter}))
}
