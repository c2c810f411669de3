//! A world to test in: the whole stack on free ports and a folder of its own, and a client that speaks HTTP to it
//! and nothing else.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that can't be set up, or meets what it did not expect, has failed"
)]

mod account;
mod client;
mod faults;
mod fleet;
mod lambda_runtime;
mod latencies;
mod passage;
mod readme;
mod sealed;
mod told;
mod upstream;
mod variant;
pub mod wire;

use std::time::Duration;

use local::{Config, Stack};
use model::{
    clock::{Clock, SystemClock},
    deadline::Deadline,
    entropy::SystemEntropy,
    ids::TenantId,
    license::License,
    rules::DeploymentMode,
    session::{Role, Session, SessionToken},
};
use serde_json::{Value, json};
use store::SessionWriter;
use tempfile::TempDir;

pub use account::{Account, AccountAnswer, FIRST_KEY, SECOND_KEY};
pub use client::{Call, Line, Reply};
pub use fleet::{Answered, Fleet, answered, execute_event, query_event};
pub use lambda_runtime::{Container, LambdaRuntime};
pub use latencies::Latencies;
pub use passage::Passage;
pub use readme::{Walk, connectorctl};
pub use sealed::SealedUpstream;
pub use told::Told;
pub use upstream::{Seen, Upstream};
pub use variant::{SetClock, Variant};
pub use wire::{Asked, Fault};

/// One running stack.
pub struct World {
    /// The stack.
    pub stack: Stack,
    _folder: TempDir,
}

impl World {
    /// Starts a stack of a mode on free ports.
    pub async fn start(mode: DeploymentMode) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config {
            portal_port: 0,
            agent_port: 0,
            aws_port: 0,
            demo_port: 0,
            data_dir: folder.path().to_owned(),
            mode,
            containers: 2,
        };
        Self { stack: Stack::start(config).await.expect("the stack starts"), _folder: folder }
    }

    /// A `saas` stack.
    pub async fn saas() -> Self {
        Self::start(DeploymentMode::Saas).await
    }

    /// An `invpc` stack.
    pub async fn invpc() -> Self {
        Self::start(DeploymentMode::Invpc).await
    }

    /// A call of the portal by tenant-a's editor.
    pub fn portal(&self, method: &str, path: &str) -> Call {
        self.portal_as("tenant-a", method, path)
    }

    /// A call of the portal by a seeded tenant's editor.
    pub fn portal_as(&self, tenant: &str, method: &str, path: &str) -> Call {
        self.anonymous_portal(method, path).session(self.stack.identity.session(tenant))
    }

    /// A call of the portal without a session.
    pub fn anonymous_portal(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.stack.portal))
    }

    /// A query of the agent under tenant-a's license.
    pub fn query(&self, body: &Value) -> Call {
        self.anonymous_query(body).header("x-license-key", self.stack.identity.license("tenant-a"))
    }

    /// A query of the agent without a license.
    pub fn anonymous_query(&self, body: &Value) -> Call {
        self.agent("POST", "/mcp/resources/query").json(body)
    }

    /// An execute of the agent under tenant-a's license.
    pub fn execute(&self, body: &Value) -> Call {
        self.agent_as("tenant-a", "POST", "/mcp/tools/execute").json(body)
    }

    /// Any call of the agent under a seeded tenant's license.
    pub fn agent_as(&self, tenant: &str, method: &str, path: &str) -> Call {
        self.agent(method, path).header("x-license-key", self.stack.identity.license(tenant))
    }

    /// Any call of the agent, without a license.
    pub fn agent(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.stack.agent))
    }

    /// Creates a connector for tenant-a and expects it to be taken.
    pub async fn create(&self, body: &Value) -> Value {
        self.portal("POST", "/api/v1/connectors").json(body).send().await.expect(201).json()
    }

    /// A session of a role that began and was last used so many seconds ago.
    pub async fn session(&self, tenant: &str, role: Role, created_ago: i64, seen_ago: i64) -> String {
        let now = SystemClock.now().epoch_seconds();
        self.session_at(tenant, role, now - created_ago, now - seen_ago).await
    }

    /// A session that began and was last used at these seconds since the epoch.
    pub async fn session_at(&self, tenant: &str, role: Role, created_at: i64, last_seen_at: i64) -> String {
        let token = SessionToken::generate(&SystemEntropy);
        let session = Session {
            token_hash: token.hash(),
            tenant_id: TenantId::parse(tenant).expect("a tenant id"),
            user: "somebody".to_owned(),
            role,
            created_at,
            last_seen_at,
        };
        self.stack.boot.dynamo().put(&session, soon()).await.expect("the session is stored");
        token.expose().to_owned()
    }

    /// A license of this stack's own key.
    pub fn license(&self, change: impl FnOnce(&mut License)) -> String {
        let now = SystemClock.now().epoch_seconds();
        let mut license = License {
            sub: "test".to_owned(),
            tenants: vec!["tenant-a".to_owned()],
            scopes: vec!["query".to_owned()],
            connectors: None,
            exp: now + 3600,
            iat: now,
            jti: "test-license".to_owned(),
        };
        change(&mut license);
        self.stack.identity.key().expect("the signing key").issue(&license)
    }

    /// Calls Secrets Manager as the AWS CLI would.
    pub async fn secrets(&self, operation: &str, body: &Value) -> Value {
        self.aws(&format!("secretsmanager.{operation}"), body).await
    }

    /// Calls DynamoDB as the AWS CLI would: to see what is stored, and to store what no route would.
    pub async fn dynamo(&self, operation: &str, body: &Value) -> Value {
        self.aws(&format!("DynamoDB_20120810.{operation}"), body).await
    }

    async fn aws(&self, target: &str, body: &Value) -> Value {
        // Every signature is taken, but there must be one.
        let signature = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/any/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=0";
        let call = Call::new("POST", format!("http://{}/", self.stack.aws)).header("x-amz-target", target);
        let call = call.header("authorization", signature).header("x-amz-date", "20260101T000000Z");
        call.header("content-type", "application/x-amz-json-1.0")
            .body(body.to_string())
            .send()
            .await
            .expect(200)
            .json()
    }

    /// Creates a secret with a tenant's tag (none for the empty tenant) and gives its ARN.
    pub async fn create_secret(&self, name: &str, tenant: &str, value: &str) -> String {
        let tags =
            if tenant.is_empty() { json!([]) } else { json!([{"Key": store::TENANT_TAG, "Value": tenant}]) };
        let token = format!("{name:-<40}").replace('/', "-");
        let request = json!({"Name": name, "SecretString": value, "Tags": tags, "ClientRequestToken": token});
        self.secrets("CreateSecret", &request).await["ARN"].as_str().expect("an ARN").to_owned()
    }
}

/// Time enough for one request to the store.
pub fn soon() -> Deadline {
    Deadline::after(SystemClock.now(), Duration::from_secs(10))
}
