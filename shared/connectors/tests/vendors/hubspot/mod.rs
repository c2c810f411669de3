//! HubSpot's connector against its stand-in.

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
    hubspot::{CLIENT, HubSpot, PRIVATE_TOKEN, REFRESH_TOKEN},
};

use crate::setup::{Made, connected};

pub(crate) async fn account() -> StandIn<HubSpot> {
    StandIn::start_with(HubSpot::new).await
}

/// A connector with a private app's token.
pub(crate) fn hub(account: &StandIn<HubSpot>) -> Made {
    made(account, &json!({}), &json!({"access_token": PRIVATE_TOKEN}), 2)
}

/// A connector of an app that refreshes its tokens.
pub(crate) fn app(account: &StandIn<HubSpot>) -> Made {
    made(account, &json!({}), &app_secret(), 2)
}

pub(crate) fn app_secret() -> Value {
    json!({"client_id": CLIENT.0, "client_secret": CLIENT.1, "refresh_token": REFRESH_TOKEN})
}

pub(crate) fn made(account: &StandIn<HubSpot>, options: &Value, secret: &Value, retries: u8) -> Made {
    let more = json!({"options": options, "secret": secret, "max_retries": retries});
    connected(ConnectorType::Hubspot, &account.url(), &more)
}
