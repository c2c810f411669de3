//! Tokens: one for many calls, renewed once where they are refused, by both flows.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use connectors::{ConnectorError, Stage};
use model::connector_type::ConnectorType;
use ring::rsa::KeyPair;
use ring::signature::KeyPair as _;
use serde_json::{Value, json};
use stand_ins::Answer;
use stand_ins::salesforce::Trouble;
use tokio::task::JoinSet;

use super::{Org, org};
use crate::setup::{ask, connect, golden};

const KEY: &str = include_str!("../../snowflake/keys/key.p8");
const OTHER: &str = include_str!("../../snowflake/keys/other.p8");

/// Asks fifty times at once, and gives how often it went well.
async fn fifty(made: Arc<crate::setup::Made>) -> usize {
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let made = Arc::clone(&made);
        calls.spawn(async move { made.query(ask("limits")).await.is_ok() });
    }
    calls.join_all().await.into_iter().filter(|good| *good).count()
}

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token_and_renew_it_once() {
    let org = org().await;
    let made = Arc::new(org.plain());
    assert_eq!(fifty(Arc::clone(&made)).await, 50);
    assert_eq!(org.server.vendor(|vendor| vendor.issued), 1);
    org.server.vendor(stand_ins::salesforce::Salesforce::revoke_tokens);
    assert_eq!(fifty(made).await, 50);
    assert_eq!(org.server.vendor(|vendor| vendor.issued), 2);
}

#[tokio::test]
async fn a_token_is_used_for_hours_without_a_word_of_its_life() {
    let org = org().await;
    let made = org.plain();
    made.query(ask("limits")).await.unwrap();
    made.clock.put(3_600 * 12);
    made.query(ask("limits")).await.unwrap();
    assert_eq!(org.server.vendor(|vendor| vendor.issued), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_refused_for_good() {
    let org = org().await;
    let made = org.plain();
    made.query(ask("limits")).await.unwrap();
    org.server.vendor(|vendor| {
        vendor.revoke_tokens();
        vendor.calls_of_a_token = Some(0);
    });
    let create = ask("create_record").with(json!({"object": "Account", "fields": {"Name": "x"}}));
    let error = made.execute(create).await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::CredentialsRefused(status) if status.to_string().contains("INVALID_SESSION_ID"))
    );
    assert_eq!((error.stage(), org.server.vendor(|vendor| vendor.issued)), (Stage::Authenticate, 2));
    assert_eq!(org.server.count("POST", "/Account"), 2);
}

#[tokio::test]
async fn what_the_token_endpoint_says_is_told_with_what_to_do() {
    let secret = |key: &str, secret: &str| json!({"consumerKey": key, "consumerSecret": secret});
    let good = || secret("3MVG9.consumer", "consumer+secret/1");
    for (secret, trouble, stage, part) in [
        (secret("other", "x"), None, Stage::Authenticate, "no app with the secret's consumerKey"),
        (secret("3MVG9.consumer", "CANARY"), None, Stage::Authenticate, "not that of the app"),
        (good(), Some(Trouble::NoRunAs), Stage::Authenticate, "no Run-As user; choose one"),
        (good(), Some(Trouble::LoginHost), Stage::Configuration, "must be the org's own host"),
        (good(), Some(Trouble::LoginsSpent), Stage::Call, "limits the rate"),
    ] {
        let org = org().await;
        org.server.vendor(|vendor| vendor.app.trouble = trouble);
        let error = org.connector(&json!({"secret": secret})).query(ask("limits")).await.unwrap_err();
        assert_eq!(error.stage(), stage, "{error}");
        assert!(error.to_string().contains(part) && !error.to_string().contains("CANARY"), "{error}");
    }
}

#[tokio::test]
async fn the_secret_may_be_written_in_each_accepted_shape() {
    for secret in [
        json!({"consumerKey": "3MVG9.consumer", "consumerSecret": "consumer+secret/1", "appId": "x", "consumerId": "y"}),
        json!({"client_id": "3MVG9.consumer", "client_secret": "consumer+secret/1"}),
        json!({"client_id": "3MVG9.consumer", "USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET": "consumer+secret/1"}),
    ] {
        for host in ["baseUri", "instance_url"] {
            let org = org().await;
            let mut secret = secret.clone();
            secret[host] = json!(org.server.url());
            let made = connect(ConnectorType::Salesforce, "", &json!({ "secret": secret })).ok().unwrap();
            made.query(ask("limits")).await.unwrap();
            // What the record says wins.
            secret[host] = json!("https://elsewhere.example");
            org.connector(&json!({ "secret": secret })).query(ask("limits")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn calls_go_where_the_token_s_issuer_says_and_no_further_than_the_rules() {
    let (login, instance) = (org().await, org().await);
    login.server.vendor(|vendor| vendor.instance_url = instance.server.url());
    instance
        .server
        .instead(|seen| seen.bearer().starts_with("00D").then(|| Answer::json(200, &json!({"here": true}))));
    let made = login.plain();
    assert_eq!(made.query(ask("limits")).await, Ok(vec![json!({"here": true})]));
    assert_eq!((login.server.count("GET", "/limits"), instance.server.count("GET", "/limits")), (0, 1));
    for elsewhere in ["http://169.254.169.254", "http://public.example", "https://[::ffff:169.254.169.254]"] {
        login.server.vendor(|vendor| vendor.instance_url = elsewhere.to_owned());
        let error = login.plain().query(ask("limits")).await.unwrap_err();
        assert_eq!(error.stage(), Stage::Egress, "{elsewhere}: {error:?}");
    }
}

/// The public part of a key, as a certificate has it.
fn public(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = KeyPair::from_pkcs8(&BASE64_STANDARD.decode(base64).unwrap()).unwrap();
    key.public_key().as_ref().to_vec()
}

/// An org whose app has the certificate of the key.
async fn signed_org() -> Org {
    let org = org().await;
    org.server.vendor(|vendor| vendor.app.public_key = public(KEY));
    org
}

fn signing(more: &Value) -> Value {
    let mut secret =
        json!({"consumerKey": "3MVG9.consumer", "username": "agent@example.com", "privateKey": KEY});
    for (key, value) in more.as_object().unwrap() {
        secret[key] = value.clone();
    }
    json!({ "secret": secret })
}

#[tokio::test]
async fn a_user_may_be_spoken_for_by_the_app_s_key() {
    let org = signed_org().await;
    let made = org.connector(&signing(&json!({})));
    made.query(ask("limits")).await.unwrap();
    golden("salesforce", "jwt_bearer", &org.server.golden());
    // A new assertion for each token: the first one's time is over.
    org.server.vendor(stand_ins::salesforce::Salesforce::revoke_tokens);
    made.query(ask("limits")).await.unwrap();
    assert_eq!(org.server.vendor(|vendor| vendor.issued), 2);
}

#[tokio::test]
async fn the_record_may_choose_the_flow_of_a_secret_for_both() {
    let org = signed_org().await;
    let mut more = signing(&json!({"consumerSecret": "consumer+secret/1"}));
    for (flow, grant) in [
        ("jwt_bearer", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("client_credentials", "client_credentials"),
    ] {
        more["options"] = json!({ "auth_type": flow });
        org.connector(&more).query(ask("limits")).await.unwrap();
        let asked = org.server.seen().into_iter().rfind(|seen| seen.path.ends_with("/token")).unwrap();
        assert_eq!(asked.field("grant_type").as_deref(), Some(grant));
    }
}

#[tokio::test]
async fn an_assertion_that_is_not_taken_is_told_with_what_to_do() {
    for (more, trouble, stage, part) in [
        (json!({"privateKey": OTHER}), None, Stage::Authenticate, "that of the app's certificate"),
        (json!({"audience": "https://test.salesforce.com"}), None, Stage::Secret, "the secret's audience"),
        (json!({"username": "other@example.com"}), None, Stage::Authenticate, "not pre-authorised"),
        (json!({}), Some(Trouble::NotApproved), Stage::Authenticate, "not pre-authorised"),
        (json!({"consumerKey": "other"}), None, Stage::Authenticate, "consumerKey"),
    ] {
        let org = signed_org().await;
        org.server.vendor(|vendor| vendor.app.trouble = trouble);
        let error = org.connector(&signing(&more)).query(ask("limits")).await.unwrap_err();
        assert_eq!(error.stage(), stage, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_makes_assertions_that_are_not_taken() {
    let org = signed_org().await;
    let made = org.connector(&signing(&json!({})));
    made.clock.put(600);
    assert!(matches!(made.query(ask("limits")).await, Err(ConnectorError::CredentialsRefused(_))));
}
