//! The live test: each thing that can be wrong is another stage or another word.

use connectors::{ConnectorError, Stage};
use model::connector_type::ConnectorType;
use serde_json::json;
use stand_ins::{Answer, hubspot::PRIVATE_TOKEN};

use super::{account, app, hub};
use crate::setup::{connect, connected, golden};

#[tokio::test]
async fn everything_is_well() {
    let account = account().await;
    let (passed, error) = hub(&account).health().await;
    assert_eq!(error, None);
    let last = passed.last().unwrap();
    assert_eq!(*last, (Stage::Call, "GET of account-info: account 62515, hosted in na1".to_owned()));
    golden("hubspot", "health", &account.golden());
    let (passed, error) = app(&account).health().await;
    assert_eq!(error, None);
    let proved = passed.iter().find(|(stage, _)| *stage == Stage::Authenticate).unwrap();
    assert!(proved.1.contains("a token was issued"), "{proved:?}");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_a_name_without_addresses() {
    let hub = connected(
        ConnectorType::Hubspot,
        "https://hubapi.invalid",
        &json!({"secret": {"access_token": PRIVATE_TOKEN}}),
    );
    let (passed, error) = hub.health().await;
    assert_eq!((passed.len(), error.unwrap().stage()), (0, Stage::NameResolution));
}

#[tokio::test]
async fn a_secret_of_another_shape_is_the_secrets_fault() {
    let error = connect(ConnectorType::Hubspot, "", &json!({"secret": {"api_key": "x"}})).err().unwrap();
    assert_eq!(error.stage(), Stage::Secret);
    assert_eq!(error.to_string(), "the secret lacks access_token, or it is empty");
}

#[tokio::test]
async fn a_revoked_token_is_not_taken() {
    let account = account().await;
    let (hub, app) = (hub(&account), app(&account));
    account.vendor(|hub| hub.revoke_app());
    for made in [hub, app] {
        let (passed, error) = made.health().await;
        let error = error.unwrap();
        assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
        assert_eq!((error.stage(), passed.last().unwrap().0), (Stage::Authenticate, Stage::Connect));
    }
}

#[tokio::test]
async fn a_missing_scope_is_another_thing_than_a_refused_token() {
    let account = account().await;
    account.vendor(|hub| hub.lose_scope("oauth"));
    let (passed, error) = hub(&account).health().await;
    let error = error.unwrap();
    assert_eq!((error.stage(), passed.last().unwrap().0), (Stage::Call, Stage::Authenticate));
    assert!(error.to_string().contains("lack a right") && error.to_string().contains("oauth"), "{error}");
}

#[tokio::test]
async fn another_service_at_the_host_is_told() {
    let account = account().await;
    account.instead(|_| Some(Answer::new(404, "text/html", "<html>not here</html>")));
    let (_, error) = hub(&account).health().await;
    let error = error.unwrap();
    assert_eq!(error.stage(), Stage::Call);
    let expected = "what answered (status 404) is not HubSpot's API; check where connection_url leads";
    assert_eq!(error.to_string(), expected);
}
