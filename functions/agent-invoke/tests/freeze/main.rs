//! What Lambda does between two calls: it stops the process where it is, for as long as it likes. The real binary
//! behind a runtime API, stopped and continued by signals.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on has failed")]

mod upstream;

use std::{path::Path, time::Duration};

use end_to_end::{Container, LambdaRuntime, World, answered, execute_event, query_event, secret, token};
use serde_json::{Value, json};

use crate::upstream::Closing;

/// A container of the real binary, its stack, and the upstream of tenant-a's connector `crm`.
struct Frozen {
    world: World,
    upstream: Closing,
    secret: String,
    runtime: LambdaRuntime,
    container: Container,
}

impl Frozen {
    async fn with_ttl(milliseconds: u64) -> Self {
        let (world, upstream) = (World::saas().await, Closing::start().await);
        let secret = world.create_secret("x/crm", "tenant-a", &token("first")).await;
        let body = json!({
            "connector_name": "crm", "connector_type": "custom", "connection_url": upstream.url(),
            "credentials_secret_arn": secret, "options": {"auth_type": "bearer"}, "max_retries": 0,
        });
        world.create(&body).await;
        let mut environment = world.environment();
        environment.push(("CONNECTOR_CACHE_TTL_MS".to_owned(), milliseconds.to_string()));
        let runtime = LambdaRuntime::start().await;
        let binary = Path::new(env!("CARGO_BIN_EXE_agent-invoke"));
        let container = runtime.container(binary, &environment).await;
        Self { world, upstream, secret, runtime, container }
    }

    /// The token that the upstream was shown by one query.
    async fn query(&self) -> Value {
        let event = query_event(self.world.stack.identity.license("tenant-a"), "tenant-a", "crm");
        let (status, body) = answered(&self.runtime.invoke(event).await);
        assert_eq!(status, 200, "{body}");
        body["data"][0]["token"].clone()
    }

    async fn execute(&self) {
        let event = execute_event(self.world.stack.identity.license("tenant-a"), "tenant-a", "crm");
        let (status, body) = answered(&self.runtime.invoke(event).await);
        assert_eq!(status, 200, "{body}");
    }

    async fn rotate(&self) {
        let request = json!({
            "SecretId": self.secret, "SecretString": token("second"),
            "ClientRequestToken": "a-rotation-that-nobody-is-told-of",
        });
        self.world.secrets("PutSecretValue", &request).await;
    }
}

#[tokio::test]
async fn an_instance_ages_while_its_container_is_frozen() {
    let frozen = Frozen::with_ttl(1_500).await;
    assert_eq!(frozen.query().await, secret("first"));
    frozen.container.freeze();
    frozen.rotate().await;
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    frozen.container.thaw();
    assert_eq!(frozen.query().await, secret("second"));
}

#[tokio::test]
async fn an_instance_that_is_still_young_serves_after_a_freeze() {
    let frozen = Frozen::with_ttl(300_000).await;
    assert_eq!(frozen.query().await, secret("first"));
    frozen.container.freeze();
    frozen.rotate().await;
    frozen.container.thaw();
    // Nobody refreshed, and the upstream takes both: this is how old a secret may be.
    assert_eq!(frozen.query().await, secret("first"));
    assert_eq!(frozen.upstream.connections(), 1);
}

#[tokio::test]
async fn connections_that_died_while_frozen_cost_no_error() {
    let frozen = Frozen::with_ttl(300_000).await;
    frozen.query().await;
    for write in [false, true, true, false] {
        let (before, requests) = (frozen.upstream.connections(), frozen.upstream.requests());
        frozen.container.freeze();
        frozen.upstream.close_all().await;
        frozen.container.thaw();
        if write {
            frozen.execute().await;
        } else {
            frozen.query().await;
        }
        assert_eq!(frozen.upstream.connections(), before + 1, "it was dialled anew");
        assert_eq!(frozen.upstream.requests(), requests + 1, "nothing was sent twice");
    }
}
