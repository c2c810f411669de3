//! Secrets that are missing, another's, malformed or rotated: each its own error, and rotation heals.

use std::time::Duration;

use connectors::{ConnectorError, Credentials};
use registry::{CallError, Configured, LoadError};
use serde_json::json;
use store::{SecretError, SecretOwner};

use crate::support::World;

/// A private key that a passphrase encrypts.
const KEY: &str = include_str!("../../../connectors/tests/snowflake/keys/key.aes256.p8");
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn what_is_wrong_with_a_secret_is_told_apart_and_mending_it_heals() {
    let world = World::new().await;
    let mend = || {
        world.stores.mend();
        *world.stores.secret.lock().unwrap() = r#"{"token":"first"}"#.into();
        *world.stores.owner.lock().unwrap() = SecretOwner::Tagged("tenant-a".into());
        world.clock.advance(SECOND, SECOND);
    };
    world.stores.fail("describe");
    assert!(matches!(world.query().await, Err(CallError::Load(LoadError::Secret(SecretError::Missing(_))))));
    mend();
    *world.stores.owner.lock().unwrap() = SecretOwner::Tagged("tenant-b".into());
    assert!(matches!(world.query().await, Err(CallError::Load(LoadError::ForeignSecret))));
    mend();
    for malformed in ["", "[]", r#"{"other":"x"}"#] {
        *world.stores.secret.lock().unwrap() = malformed.into();
        let outcome = world.query().await;
        let told = LoadError::Connector(ConnectorError::Credentials(String::new())).stage();
        assert!(
            matches!(&outcome, Err(CallError::Load(error @ LoadError::Connector(_))) if error.stage() == told),
            "{malformed}: {outcome:?}"
        );
        world.clock.advance(SECOND, SECOND);
    }
    assert_eq!(world.upstream.seen(), 0);
    mend();
    world.query().await.unwrap();
}

#[tokio::test]
async fn a_rotation_heals_itself_within_the_call_and_a_wrong_secret_is_not_tried_over_and_over() {
    let world = World::new().await;
    world.query().await.unwrap();
    for token in ["second", "third"] {
        *world.upstream.accepted.lock().unwrap() = token.into();
        *world.stores.secret.lock().unwrap() = format!(r#"{{"token":"{token}"}}"#);
        world.query().await.unwrap();
        world.query().await.unwrap();
    }
    *world.upstream.accepted.lock().unwrap() = "nobody knows".into();
    let seen = world.upstream.seen();
    for _ in 0..5 {
        let refused = world.query().await;
        assert!(matches!(refused, Err(CallError::Connector(ConnectorError::CredentialsRefused(_)))));
    }
    // The first call tries twice; the others hold what was read a moment ago.
    assert_eq!(world.upstream.seen() - seen, 6);
    world.clock.advance(SECOND, SECOND);
    *world.stores.secret.lock().unwrap() = r#"{"token":"nobody knows"}"#.into();
    world.query().await.unwrap();
}

#[tokio::test]
async fn an_execute_heals_too_under_one_intent() {
    let world = World::new().await;
    world.query().await.unwrap();
    *world.upstream.accepted.lock().unwrap() = "second".into();
    *world.stores.secret.lock().unwrap() = r#"{"token":"second"}"#.into();
    world.execute().await.unwrap();
    assert_eq!(world.stores.audit.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_decrypted_where_no_other_call_waits() {
    let world = World::new().await;
    let snowflake =
        json!({"connector_type": "snowflake", "connection_url": "http://127.0.0.1:9", "options": {}});
    let configured = Configured::stored(world.record(&snowflake));
    let secret = json!({"account": "a", "user": "u", "privateKey": KEY, "passphrase": "test-passphrase"});
    let credentials = Credentials::parse(&secret.to_string()).unwrap();
    let mut made = std::pin::pin!(world.loader.connect(&configured, Some(credentials)));
    tokio::select! {
        biased;
        _ = &mut made => panic!("it was decrypted on the thread that serves calls"),
        () = std::future::ready(()) => {}
    }
    made.await.unwrap();
}
