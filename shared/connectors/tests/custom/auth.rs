//! Every kind of authentication as the service sees it, and what never comes back.

use connectors::ConnectorError;
use serde_json::{Value, json};

use crate::service::{Reply, Service};
use crate::setup::{ask, connect, connected};

async fn sent(options: Value, secret: Value, header: &str) -> String {
    let service = Service::answering(vec![Reply::json("[]")]).await;
    let crm = connected(&service.url(), &json!({"options": options, "secret": secret}));
    crm.query(ask("/o")).await.unwrap();
    crm.execute(ask("/o").action("POST").with(r#"{"a":1}"#)).await.unwrap();
    let seen = service.seen();
    assert_eq!(seen[0].header(header), seen[1].header(header));
    seen[0].header(header).to_owned()
}

#[tokio::test]
async fn each_kind_sends_its_own_header() {
    let secret = json!({"token": "t", "username": "ü", "password": "p:q", "api_key": "k"});
    for (options, header, expected) in [
        (json!({}), "authorization", ""),
        (json!({"auth_type": "none"}), "authorization", ""),
        (json!({"auth_type": "bearer"}), "authorization", "Bearer t"),
        (json!({"auth_type": "basic"}), "authorization", "Basic w7w6cDpx"),
        (json!({"auth_type": "api_key"}), "x-api-key", "k"),
        (json!({"auth_type": "api_key", "api_key_header": "X-Crm-Key"}), "x-crm-key", "k"),
    ] {
        assert_eq!(sent(options.clone(), secret.clone(), header).await, expected, "{options}");
    }
    let named = json!({"api_key": "k", "header": "X-From-Secret"});
    assert_eq!(sent(json!({"auth_type": "api_key"}), named, "x-from-secret").await, "k");
}

#[tokio::test]
async fn without_its_credentials_a_connector_is_never_made() {
    let service = Service::answering(vec![Reply::json("[]")]).await;
    for auth_type in ["bearer", "basic", "api_key", "oauth2_client_credentials"] {
        for secret in [None, Some(json!({})), Some(json!({"unrelated": "x"}))] {
            let mut more = json!({"options": {"auth_type": auth_type}});
            if let Some(secret) = secret {
                more["secret"] = secret;
            }
            let error = connect(&service.url(), &more).err().expect(auth_type);
            assert!(matches!(error, ConnectorError::Credentials(_)), "{auth_type}: {error}");
        }
    }
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn what_an_upstream_repeats_of_the_credentials_is_taken_out() {
    for (options, secret, canaries) in [
        (json!({"auth_type": "bearer"}), json!({"token": "CANARY-token"}), ["CANARY-token", "CANARY"]),
        (
            json!({"auth_type": "basic"}),
            json!({"username": "CANARY-user", "password": "CANARY-pass"}),
            ["CANARY", "Q0FOQVJZ"],
        ),
        (json!({"auth_type": "api_key"}), json!({"api_key": "CANARY-key"}), ["CANARY-key", "CANARY"]),
    ] {
        let service = Service::start(|seen, _| {
            let echo = format!("{}{}", seen.header("authorization"), seen.header("x-api-key"));
            Reply::new(400, "application/json", json!({ "message": format!("bad key {echo}") }).to_string())
        })
        .await;
        let crm = connected(&service.url(), &json!({"options": options, "secret": secret}));
        for error in [
            crm.query(ask("/o")).await.unwrap_err(),
            crm.execute(ask("/o").action("POST")).await.unwrap_err(),
        ] {
            let text = format!("{error} {error:?}");
            assert!(text.contains("bad key"), "{text}");
            assert!(canaries.iter().all(|canary| !text.contains(canary)), "{text}");
        }
    }
}
