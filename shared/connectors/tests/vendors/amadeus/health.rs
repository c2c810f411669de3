//! The live test: each thing that can be wrong is another stage or another word.

use connectors::{ConnectorError, Stage};
use model::connector_type::ConnectorType;
use serde_json::json;
use stand_ins::Answer;

use super::{api, secret, travel};
use crate::setup::{connect, connected, golden};

#[tokio::test]
async fn everything_is_well() {
    let api = api().await;
    let (passed, error) = travel(&api).health().await;
    assert_eq!(error, None);
    assert_eq!(*passed.last().unwrap(), (Stage::Call, "GET of locations: answered".to_owned()));
    golden("amadeus", "health", &api.golden());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_a_name_without_addresses() {
    let travel = connected(ConnectorType::Amadeus, "https://travel.invalid", &json!({"secret": secret()}));
    let (passed, error) = travel.health().await;
    let error = error.unwrap();
    assert_eq!((passed.len(), error.stage()), (0, Stage::NameResolution));
    assert!(!error.to_string().contains("Self-Service"), "{error}");
}

#[tokio::test]
async fn a_well_known_host_that_does_not_answer_is_explained() {
    let more = json!({"secret": secret(), "options": {"environment": "production"}});
    let travel = connected(ConnectorType::Amadeus, "", &more);
    // Whatever becomes of the name: no test gets through to the host itself.
    let (_, error) = travel.health().await;
    let error = error.unwrap();
    assert!(matches!(error, ConnectorError::Unreached { .. }), "{error:?}");
    assert!(
        error.to_string().ends_with(
            "Amadeus closed its Self-Service API on 17 July 2026: set connection_url to the Enterprise host of your contract"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_secret_of_another_shape_is_the_secrets_fault() {
    let error = connect(ConnectorType::Amadeus, "https://x.example", &json!({"secret": {"token": "x"}}));
    assert_eq!(error.err().unwrap().stage(), Stage::Secret);
}

#[tokio::test]
async fn a_revoked_client_is_not_taken() {
    let api = api().await;
    let travel = travel(&api);
    api.vendor(|api| api.revoke_client());
    let (passed, error) = travel.health().await;
    let error = error.unwrap();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert_eq!((error.stage(), passed.last().unwrap().0), (Stage::Authenticate, Stage::Connect));
}

#[tokio::test]
async fn a_missing_right_is_another_thing_than_a_refused_client() {
    let api = api().await;
    api.vendor(|api| api.forbid("/v1/reference-data"));
    let (passed, error) = travel(&api).health().await;
    let error = error.unwrap();
    assert_eq!((error.stage(), passed.last().unwrap().0), (Stage::Call, Stage::Authenticate));
    assert!(error.to_string().contains("lack a right"), "{error}");
}

#[tokio::test]
async fn another_service_at_the_host_is_told() {
    let api = api().await;
    api.instead(|seen| {
        seen.path.ends_with("/locations").then(|| Answer::new(200, "text/html", "<html>hello</html>"))
    });
    let (_, error) = travel(&api).health().await;
    assert!(error.unwrap().to_string().contains("is not Amadeus's API"));
}
