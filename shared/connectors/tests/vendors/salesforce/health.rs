//! The live test: each thing that can be wrong has a stage and a hint of its own.

use connectors::{ConnectorError, Stage};
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::Answer;

use super::{Org, org, secret};
use crate::setup::{connect, connected};

/// The last stage that was passed, the one that was not, and why.
async fn failed(org: &Org) -> (Option<Stage>, Stage, String) {
    let (passed, error) = org.plain().health().await;
    let error = error.unwrap();
    (passed.last().map(|(stage, _)| *stage), error.stage(), error.to_string())
}

#[tokio::test]
async fn a_good_connector_passes_every_stage() {
    let (passed, error) = org().await.plain().health().await;
    assert_eq!(error, None);
    let stages: Vec<Stage> = passed.iter().map(|(stage, _)| *stage).collect();
    let expected = [Stage::NameResolution, Stage::Egress, Stage::Connect, Stage::Authenticate, Stage::Call];
    assert_eq!(stages, expected);
    assert_eq!(passed[4].1, "GET of limits: 14981 of 15000 requests are left in these 24 hours");
}

#[tokio::test]
async fn a_secret_of_the_wrong_shape_is_named() {
    let no_key = json!({"consumerKey": "k", "username": "u", "privateKey": "CANARY"});
    for (secret, part) in [
        (json!({"token": "x"}), "lacks consumerKey or client_id"),
        (json!({"consumerKey": "x"}), "lacks consumerSecret or client_secret"),
        (
            json!({"consumerKey": "k", "privateKey": include_str!("../../snowflake/keys/key.p8")}),
            "lacks username",
        ),
        (no_key, "privateKey"),
    ] {
        let made = connect(
            ConnectorType::Salesforce,
            "https://acme.my.salesforce.com",
            &json!({ "secret": secret }),
        );
        let error = made.err().unwrap();
        assert!(error.stage() == Stage::Secret && error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains("CANARY"), "{error}");
    }
    let none =
        connect(ConnectorType::Salesforce, "https://acme.my.salesforce.com", &json!({})).err().unwrap();
    assert_eq!(none.stage(), Stage::Secret);
    let nowhere = connect(ConnectorType::Salesforce, "", &json!({"secret": secret()})).err().unwrap();
    assert!(nowhere.stage() == Stage::Configuration && nowhere.to_string().contains("baseUri"), "{nowhere}");
}

#[tokio::test]
async fn refused_credentials_fail_at_authenticate() {
    let org = org().await;
    org.server.vendor(|vendor| vendor.app.secret = "another".to_owned());
    let (passed, stage, why) = failed(&org).await;
    assert_eq!((passed, stage), (Some(Stage::Connect), Stage::Authenticate));
    assert!(why.contains("consumerSecret is not that of the app"), "{why}");
}

#[tokio::test]
async fn a_session_that_is_ended_at_once_fails_at_authenticate() {
    let org = org().await;
    org.server.vendor(|vendor| vendor.calls_of_a_token = Some(0));
    let (passed, stage, why) = failed(&org).await;
    assert_eq!((passed, stage), (Some(Stage::Connect), Stage::Authenticate));
    assert!(why.contains("INVALID_SESSION_ID"), "{why}");
}

#[tokio::test]
async fn a_missing_scope_or_right_fails_at_the_call() {
    let org = org().await;
    org.server.vendor(|vendor| vendor.api_scope = false);
    let (passed, stage, why) = failed(&org).await;
    assert_eq!((passed, stage), (Some(Stage::Authenticate), Stage::Call));
    assert!(why.contains("the OAuth scope `api`"), "{why}");
    org.server.vendor(|vendor| {
        vendor.api_scope = true;
        vendor.api_enabled = false;
    });
    let (passed, stage, why) = failed(&org).await;
    assert_eq!((passed, stage), (Some(Stage::Authenticate), Stage::Call));
    assert!(why.contains("API is not enabled"), "{why}");
}

#[tokio::test]
async fn a_wrong_host_fails_where_it_is_wrong() {
    let made = |url: &str| connected(ConnectorType::Salesforce, url, &json!({"secret": secret()}));
    let (passed, error) = made("https://acme.invalid").health().await;
    assert_eq!((passed.len(), error.unwrap().stage()), (0, Stage::NameResolution));
    let (_, error) = made("http://127.0.0.1:9").health().await;
    assert_eq!(error.unwrap().stage(), Stage::Connect);

    // A web server that is no org: it has no token endpoint.
    let org = org().await;
    org.server.instead(|_| Some(Answer::new(404, "text/html", "<h1>Not found</h1>")));
    let (passed, stage, why) = failed(&org).await;
    assert_eq!((passed, stage), (Some(Stage::Connect), Stage::Call));
    assert!(why.contains("the token endpoint refused the request (status 404)"), "{why}");
}

#[tokio::test]
async fn an_answer_that_is_not_salesforce_s_is_no_health() {
    let org = org().await;
    for (answer, part) in [
        (Answer::new(200, "text/html", "<html>sign in</html>"), "is not Salesforce's API; check where"),
        (Answer::json(200, &Value::Null), "is not Salesforce's API; check where"),
        (Answer::json(200, &json!({})), "not as Salesforce does"),
    ] {
        org.server.next("GET", "/limits", vec![answer]);
        let (_, error) = org.plain().health().await;
        assert!(matches!(&error, Some(ConnectorError::Upstream(why)) if why.contains(part)), "{error:?}");
    }
}
