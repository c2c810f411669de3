//! Tokens by client credentials.

use connectors::ConnectorError;
use futures_util::future::join_all;
use model::connector_type::ConnectorType;
use serde_json::json;
use stand_ins::amadeus::CLIENT;

use super::{api, made, paris, secret, travel};
use crate::setup::{ask, connect};

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token() {
    let api = api().await;
    let travel = travel(&api);
    let all = join_all((0..50).map(|_| travel.query(ask("search_locations").with(paris())))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(api.vendor(|api| api.issued()), 1);
    api.vendor(|api| api.expire_tokens());
    let all = join_all((0..50).map(|_| travel.query(ask("search_locations").with(paris())))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(api.vendor(|api| api.issued()), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out() {
    let api = api().await;
    let travel = travel(&api);
    for (ahead, issued) in [(0, 1), (1_760, 1), (1_780, 2)] {
        travel.clock.put(ahead);
        travel.query(ask("search_locations").with(paris())).await.unwrap();
        assert_eq!(api.vendor(|api| api.issued()), issued, "{ahead}");
    }
}

#[tokio::test]
async fn a_token_that_expires_between_pages_heals() {
    let api = api().await;
    api.vendor(|api| {
        api.airports = 333;
        api.expire_tokens_after(2);
    });
    let parks = json!({"subType": ["AIRPORT"], "keyword": "PARK"});
    let rows = travel(&api).query(ask("search_locations").with(parks)).await.unwrap();
    assert_eq!((rows.len(), api.vendor(|api| api.issued())), (330, 2));
    assert_eq!(api.count("GET", "/locations"), 5);
}

#[tokio::test]
async fn a_client_that_was_removed_is_told() {
    let api = api().await;
    let travel = travel(&api);
    travel.query(ask("search_locations").with(paris())).await.unwrap();
    api.vendor(|api| api.revoke_tokens());
    travel.query(ask("search_locations").with(paris())).await.unwrap();
    api.vendor(|api| api.revoke_client());
    let error = travel.query(ask("search_locations").with(paris())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
}

#[tokio::test]
async fn a_wrong_client_gets_no_token_and_its_secret_is_not_told() {
    let api = api().await;
    let travel = made(&api, &json!({}), &json!({"client_id": CLIENT.0, "client_secret": "CANARY"}), 2);
    let error = travel.query(ask("search_locations").with(paris())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("CANARY"));
    assert_eq!(api.seen().len(), 1);
}

#[tokio::test]
async fn the_older_names_of_a_client_are_taken() {
    let api = api().await;
    let travel = made(&api, &json!({}), &json!({"api_key": CLIENT.0, "api_secret": CLIENT.1}), 0);
    travel.query(ask("search_locations").with(paris())).await.unwrap();
}

#[test]
fn a_secret_says_what_it_lacks() {
    for (secret, lacks) in [
        (json!({}), "client_id or api_key"),
        (json!({"client_id": "a"}), "client_secret or api_secret"),
        (json!({"client_secret": "a", "access_token": "b"}), "client_id or api_key"),
    ] {
        let made = connect(ConnectorType::Amadeus, "https://x.example", &json!({"secret": secret}));
        let Err(ConnectorError::Credentials(why)) = made else { panic!("{secret}") };
        assert!(why.contains(lacks), "{why}");
    }
    assert!(connect(ConnectorType::Amadeus, "https://x.example", &json!({"secret": secret()})).is_ok());
}
