//! Tokens: fixed ones, and those that an app refreshes.

use connectors::ConnectorError;
use futures_util::future::join_all;
use model::connector_type::ConnectorType;
use serde_json::json;
use stand_ins::hubspot::HubSpot;

use super::{account, app, app_secret, hub, made};
use crate::setup::{ask, connect, golden};

#[tokio::test]
async fn an_app_refreshes_its_token() {
    let account = account().await;
    let app = app(&account);
    app.query(ask("list_owners")).await.unwrap();
    app.query(ask("list_owners")).await.unwrap();
    assert_eq!(account.vendor(|hub| hub.issued()), 1);
    assert_eq!(account.seen()[0].field("refresh_token").as_deref(), Some(stand_ins::hubspot::REFRESH_TOKEN));
    golden("hubspot", "token", &account.golden());
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out() {
    let account = account().await;
    let app = app(&account);
    app.query(ask("list_owners")).await.unwrap();
    app.clock.put(1_760);
    app.query(ask("list_owners")).await.unwrap();
    assert_eq!(account.vendor(|hub| hub.issued()), 1);
    app.clock.put(1_780);
    app.query(ask("list_owners")).await.unwrap();
    assert_eq!(account.vendor(|hub| hub.issued()), 2);
}

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token() {
    let account = account().await;
    let app = app(&account);
    let all = join_all((0..50).map(|_| app.query(ask("list_owners")))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(account.vendor(|hub| hub.issued()), 1);
    account.vendor(HubSpot::expire_tokens);
    let all = join_all((0..50).map(|_| app.query(ask("list_owners")))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(account.vendor(|hub| hub.issued()), 2);
}

#[tokio::test]
async fn a_token_that_expires_between_pages_heals() {
    let account = account().await;
    account.vendor(|hub| hub.seed("contacts", 350));
    let app = app(&account);
    account.vendor(|hub| hub.expire_tokens_after(2));
    let rows = app.query(ask("list").with(json!({"objectType": "contacts"}))).await.unwrap();
    assert_eq!((rows.len(), account.vendor(|hub| hub.issued())), (350, 2));
    // The page that was refused was asked for once more, and no other.
    assert_eq!(account.count("GET", "/contacts"), 5);
}

#[tokio::test]
async fn a_write_whose_token_has_expired_is_done_once() {
    let account = account().await;
    let app = app(&account);
    app.query(ask("list_owners")).await.unwrap();
    account.vendor(HubSpot::expire_tokens);
    let create = ask("create").with(json!({"objectType": "contacts", "properties": {"email": "a@b.c"}}));
    app.execute(create).await.unwrap();
    assert_eq!(account.vendor(|hub| hub.count("contacts")), 1);
}

#[tokio::test]
async fn an_app_that_was_removed_is_told() {
    let account = account().await;
    let app = app(&account);
    app.query(ask("list_owners")).await.unwrap();
    account.vendor(HubSpot::revoke_tokens);
    app.query(ask("list_owners")).await.unwrap();
    account.vendor(HubSpot::revoke_app);
    let error = app.query(ask("list_owners")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert!(!error.to_string().contains("refresh"), "{error}");
}

#[tokio::test]
async fn a_private_token_that_is_revoked_is_told_and_not_tried_again() {
    let account = account().await;
    let hub = hub(&account);
    account.vendor(HubSpot::revoke_tokens);
    let error = hub.query(ask("list_owners")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert!(error.to_string().contains("INVALID_AUTHENTICATION"), "{error}");
    assert_eq!(account.seen().len(), 1);
}

#[tokio::test]
async fn a_wrong_client_gets_no_token() {
    let account = account().await;
    let mut secret = app_secret();
    secret["client_secret"] = json!("other");
    let app = made(&account, &json!({}), &secret, 2);
    let error = app.query(ask("list_owners")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert_eq!(account.seen().len(), 1);
}

#[test]
fn a_secret_says_what_it_lacks() {
    for (secret, lacks) in [
        (json!({}), "access_token"),
        (json!({"token": "x"}), "access_token"),
        (json!({"client_id": "a", "client_secret": "b"}), "refresh_token"),
        (json!({"client_id": "a", "refresh_token": "b"}), "client_secret"),
        (json!({"client_secret": "a", "refresh_token": "b"}), "client_id"),
    ] {
        let made = connect(ConnectorType::Hubspot, "", &json!({"secret": secret}));
        let Err(ConnectorError::Credentials(why)) = made else { panic!("{secret}") };
        assert!(why.contains(lacks), "{why}");
    }
    assert!(connect(ConnectorType::Hubspot, "", &json!({})).is_err());
    let glue = json!({
        "client_id": "a", "USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET": "b", "refresh_token": "c",
    });
    assert!(connect(ConnectorType::Hubspot, "", &json!({"secret": glue})).is_ok());
}
