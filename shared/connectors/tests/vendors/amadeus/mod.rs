//! Amadeus' connector against its stand-in.

mod failures;
mod health;
mod hostile;
mod operations;
mod pages;
mod retries;
mod tokens;

use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::{
    StandIn,
    amadeus::{Amadeus, CLIENT},
};

use crate::setup::{Made, connected};

pub(crate) async fn api() -> StandIn<Amadeus> {
    StandIn::start_with(Amadeus::new).await
}

pub(crate) fn secret() -> Value {
    json!({"client_id": CLIENT.0, "client_secret": CLIENT.1})
}

pub(crate) fn travel(api: &StandIn<Amadeus>) -> Made {
    made(api, &json!({}), &secret(), 2)
}

pub(crate) fn made(api: &StandIn<Amadeus>, options: &Value, secret: &Value, retries: u8) -> Made {
    let more = json!({"options": options, "secret": secret, "max_retries": retries});
    connected(ConnectorType::Amadeus, &api.url(), &more)
}

/// A search that finds something.
pub(crate) fn trip() -> Value {
    json!({
        "originLocationCode": "PAR",
        "destinationLocationCode": "MAD",
        "departureDate": "2027-03-01",
        "adults": 2,
    })
}

pub(crate) fn paris() -> Value {
    json!({"subType": ["AIRPORT", "CITY"], "keyword": "PAR"})
}
