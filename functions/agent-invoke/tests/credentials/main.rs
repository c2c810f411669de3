//! Where the real binary's credentials come from: its environment, or, where that holds no keys, the address that it
//! names instead.
use std::path::Path;

use end_to_end::{LambdaRuntime, Upstream, World, answered, query_event};
use serde_json::json;

const KEYS: &str = r#"{"AccessKeyId": "from-the-address", "SecretAccessKey": "secret", "Token": "token",
                       "Expiration": "2999-01-01T00:00:00Z"}"#;

#[tokio::test]
async fn a_container_without_keys_takes_them_from_the_address_that_it_is_given() {
    let (world, upstream, keys) =
        (World::saas().await, Upstream::json("[1]").await, Upstream::json(KEYS).await);
    world
        .create(&json!({"connector_name": "c", "connector_type": "custom", "connection_url": upstream.url()}))
        .await;
    let mut environment = world.environment();
    environment.retain(|(name, _)| !name.starts_with("AWS_ACCESS_KEY") && !name.starts_with("AWS_SECRET"));
    environment.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), format!("{}/keys", keys.url())));
    environment.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN".to_owned(), "whose-they-are".to_owned()));
    let runtime = LambdaRuntime::start().await;
    let _container = runtime.container(Path::new(env!("CARGO_BIN_EXE_agent-invoke")), &environment).await;
    let event = query_event(world.stack.identity.license("tenant-a"), "tenant-a", "c");
    let (status, body) = answered(&runtime.invoke(event).await);
    assert_eq!(status, 200, "{body}");
    let asked = keys.seen();
    // They are kept as long as they hold.
    assert_eq!(asked.len(), 1, "{asked:?}");
    let asked = asked.first().unwrap();
    assert_eq!(
        (asked.target.as_str(), asked.headers.get("authorization").unwrap()),
        ("/keys", &"whose-they-are".parse().unwrap())
    );
}
