//! Amadeus' travel APIs, written from its API specifications (flight offers search 2.5 and pricing 1.2, hotel list 1.0,
//! hotel search 3.0, hotel names 1.0, airports and cities 1.2, nearest airports 1.1, city search 1.0, authorisation) and
//! its guide to common errors. Enterprise hosts serve the same shapes; `guest_office_id` in a token request is theirs.

#![expect(clippy::indexing_slicing, reason = "an absent member of JSON reads as null")]

mod errors;
mod flights;
mod hotels;
mod parameters;
mod places;
mod tokens;

use std::collections::BTreeSet;

pub use self::{
    errors::{burst, internal_error, quota, system_error},
    tokens::CLIENT,
};
use self::{
    errors::{forbidden, no_resource},
    tokens::Tokens,
};
use crate::{Answer, Vendor, seen::Seen};

/// One contract's API.
pub struct Amadeus {
    base: String,
    tokens: Tokens,
    forbidden: BTreeSet<String>,
    /// How many airports and cities there are; the first three serve Paris, the rest are called Parktown.
    pub airports: usize,
    /// How many hotels there are, all of them in Paris.
    pub hotels: usize,
    /// How many hotels' offers come in one answer.
    pub window: usize,
    /// How many flights are found between any two places.
    pub flight_offers: usize,
    /// The host that links in answers name, which is not always the one that was asked.
    pub links: String,
}

impl Vendor for Amadeus {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.path == "/v1/security/oauth2/token" {
            return self.tokens.issue(seen, violations);
        }
        if let Err(refusal) = self.tokens.admit(seen) {
            return refusal;
        }
        if self.forbidden.iter().any(|path| seen.path.starts_with(path)) {
            return forbidden();
        }
        self.at(seen, violations).unwrap_or_else(|refusal| refusal)
    }
}

impl Amadeus {
    /// An API with a few places, hotels and flights.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            tokens: Tokens::new(),
            forbidden: BTreeSet::new(),
            airports: 3,
            hotels: 3,
            window: 5,
            flight_offers: 5,
            links: base.to_owned(),
        }
    }

    /// Every token so far has expired.
    pub fn expire_tokens(&mut self) {
        self.tokens.expire();
    }

    /// Every token so far expires after so many further calls.
    pub fn expire_tokens_after(&mut self, calls: usize) {
        self.tokens.calls_left = Some(calls);
    }

    /// No token so far is taken any more; new ones may be issued.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke();
    }

    /// The client gets no tokens any more either.
    pub fn revoke_client(&mut self) {
        self.tokens.revoke();
        self.tokens.client_known = false;
    }

    /// How long tokens are said to live from now on, in seconds.
    pub fn tokens_live(&mut self, seconds: u64) {
        self.tokens.expires_in = seconds;
    }

    /// How many tokens were issued.
    pub fn issued(&self) -> usize {
        self.tokens.issued()
    }

    /// The offices that token requests named.
    pub fn offices(&self) -> Vec<String> {
        self.tokens.offices.iter().cloned().collect()
    }

    /// The contract does not cover what lies below a path.
    pub fn forbid(&mut self, path: &str) {
        self.forbidden.insert(path.to_owned());
    }

    fn at(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        let segments = seen.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (seen.method.as_str(), &path[..]) {
            ("GET", ["v2", "shopping", "flight-offers"]) => self.flights(seen, violations),
            ("POST", ["v2", "shopping", "flight-offers"]) => self.flights_by_body(seen, violations),
            ("POST", ["v1", "shopping", "flight-offers", "pricing"]) => Self::price(seen, violations),
            (
                "GET",
                [
                    "v1",
                    "reference-data",
                    "locations",
                    "hotels",
                    by @ ("by-city" | "by-geocode" | "by-hotels"),
                ],
            ) => self.hotels(by, seen, violations),
            ("GET", ["v1", "reference-data", "locations", "hotel"]) => self.hotel_names(seen, violations),
            ("GET", ["v3", "shopping", "hotel-offers"]) => self.hotel_offers(seen, violations),
            ("GET", ["v3", "shopping", "hotel-offers", id]) => self.hotel_offer(id, seen, violations),
            ("GET", ["v1", "reference-data", "locations"]) => self.locations(seen, violations),
            ("GET", ["v1", "reference-data", "locations", "airports"]) => self.nearest(seen, violations),
            ("GET", ["v1", "reference-data", "locations", "cities"]) => self.cities(seen, violations),
            ("GET", ["v1", "reference-data", "locations", id]) => self.one_location(id, seen, violations),
            _ => Err(no_resource()),
        }
    }
}
