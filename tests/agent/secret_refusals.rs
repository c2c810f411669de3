//! A secret that can't be used is a refusal with its own kind, never a call without credentials.

use end_to_end::{Upstream, World, secret};
use serde_json::{Value, json};

use crate::setup::{custom, refused, rows};

const ABSENT: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:axonflow/tenant-a/absent-AbCdEf";

struct Case {
    world: World,
    upstream: Upstream,
}

impl Case {
    async fn new(world: World) -> Self {
        Self { world, upstream: Upstream::json("[1]").await }
    }

    async fn saas() -> Self {
        Self::new(World::saas().await).await
    }

    /// A connector of tenant-a that sends the secret's token.
    async fn connector(&self, name: &str, arn: &str) {
        let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
        self.world.create(&custom(name, &self.upstream.url(), &more)).await;
    }

    /// Expects a query to be refused at the secret and nothing to have been sent.
    async fn refused(&self, name: &str, kind: &str) -> Value {
        let problem = refused(&self.world.query(&json!({"connector": name})).send().await, 424, kind);
        assert_eq!(problem["stage"], "secret");
        assert!(self.upstream.seen().is_empty(), "{:?}", self.upstream.seen());
        assert!(!problem.to_string().contains("arn:"), "{problem}");
        problem
    }
}

fn token() -> String {
    end_to_end::token("t-1")
}

#[tokio::test]
async fn a_secret_that_does_not_exist_is_missing() {
    let case = Case::saas().await;
    case.connector("crm", ABSENT).await;
    case.refused("crm", "secret-missing").await;
}

#[tokio::test]
async fn a_secret_scheduled_for_deletion_is_missing_until_it_is_restored() {
    let case = Case::saas().await;
    let arn = case.world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token()).await;
    case.connector("crm", &arn).await;
    case.world.secrets("DeleteSecret", &json!({"SecretId": arn, "RecoveryWindowInDays": 7})).await;
    let problem = case.refused("crm", "secret-missing").await;
    assert!(problem["detail"].as_str().unwrap().contains("scheduled for deletion"), "{problem}");
    case.world.secrets("RestoreSecret", &json!({"SecretId": arn})).await;
    rows(&case.world.query(&json!({"connector": "crm"})).send().await);
}

#[tokio::test]
async fn a_secret_of_another_region_is_looked_for_there() {
    let case = Case::saas().await;
    let arn = case.world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token()).await;
    case.connector("crm", &arn.replace("us-east-1", "eu-central-1")).await;
    case.refused("crm", "secret-missing").await;
}

#[tokio::test]
async fn another_tenants_secret_is_as_one_that_is_missing() {
    let case = Case::saas().await;
    for (name, owner) in
        [("b", "tenant-b"), ("prefix", "tenant-"), ("longer", "tenant-ab"), ("case", "Tenant-A")]
    {
        let arn = case.world.create_secret(&format!("axonflow/{name}"), owner, &token()).await;
        case.connector(name, &arn).await;
        let problem = case.refused(name, "secret-missing").await;
        assert!(!problem.to_string().contains(owner) || owner == "tenant-", "{problem}");
    }
}

#[tokio::test]
async fn the_demo_secret_of_another_tenant_can_not_be_sent_to_a_server_of_ones_own() {
    let case = Case::saas().await;
    let described =
        case.world.secrets("DescribeSecret", &json!({"SecretId": "axonflow/tenant-b/demo-crm"})).await;
    case.connector("theft", described["ARN"].as_str().unwrap()).await;
    case.refused("theft", "secret-missing").await;
}

#[tokio::test]
async fn a_secret_tagged_for_everyone_serves_everyone() {
    let case = Case::saas().await;
    let arn = case.world.create_secret("axonflow/shared", "*", &token()).await;
    case.connector("crm", &arn).await;
    rows(&case.world.query(&json!({"connector": "crm"})).send().await);
    assert_eq!(case.upstream.seen()[0].headers["authorization"], format!("Bearer {}", secret("t-1")));
}

#[tokio::test]
async fn an_untagged_secret_is_refused_in_saas_and_serves_in_invpc() {
    let case = Case::saas().await;
    let arn = case.world.create_secret("axonflow/untagged", "", &token()).await;
    case.connector("crm", &arn).await;
    let problem = case.refused("crm", "secret-foreign").await;
    assert!(problem["detail"].as_str().unwrap().contains("axonflow:tenant_id"), "{problem}");
    // Once it says whose it is, the very next query is answered.
    let tags = json!([{"Key": "axonflow:tenant_id", "Value": "tenant-a"}]);
    case.world.secrets("TagResource", &json!({"SecretId": arn, "Tags": tags})).await;
    rows(&case.world.query(&json!({"connector": "crm"})).send().await);

    let case = Case::new(World::invpc().await).await;
    let arn = case.world.create_secret("axonflow/untagged", "", &token()).await;
    case.connector("crm", &arn).await;
    rows(&case.world.query(&json!({"connector": "crm"})).send().await);
    // A tag that names another tenant counts in every mode.
    let arn = case.world.create_secret("axonflow/theirs", "tenant-b", &token()).await;
    case.connector("theirs", &arn).await;
    let reply = case.world.query(&json!({"connector": "theirs"})).send().await;
    refused(&reply, 424, "secret-missing");
    assert_eq!(case.upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_secret_of_the_wrong_shape_is_malformed_and_not_quoted() {
    let case = Case::saas().await;
    for (name, value) in [
        ("text", "hunter2"),
        ("string", "\"hunter2\""),
        ("list", "[\"hunter2\"]"),
        ("nested", r#"{"token":{"hunter2":1}}"#),
        ("cut", r#"{"token":"hunter2"#),
        ("other-key", r#"{"hunter2":"hunter2"}"#),
        ("empty", r#"{"token":""}"#),
        ("null", r#"{"token":null}"#),
        ("line-break", "{\"token\":\"hunter2\\r\\nX-Evil: 1\"}"),
    ] {
        let value = value.replace("hunter2", &secret("hunter2"));
        let arn = case.world.create_secret(&format!("axonflow/{name}"), "tenant-a", &value).await;
        case.connector(name, &arn).await;
        let problem = case.refused(name, "secret-malformed").await;
        assert!(!problem.to_string().contains("hunter2"), "{name}: {problem}");
    }
    let needed = case.refused("empty", "secret-malformed").await;
    assert!(needed["detail"].as_str().unwrap().contains("token"), "{needed}");
}

#[tokio::test]
async fn a_binary_secret_is_malformed() {
    let case = Case::saas().await;
    let request = json!({
        "Name": "axonflow/binary", "SecretBinary": "eyJ0b2tlbiI6InQifQ==", "ClientRequestToken": "0".repeat(32),
        "Tags": [{"Key": "axonflow:tenant_id", "Value": "tenant-a"}],
    });
    let arn = case.world.secrets("CreateSecret", &request).await["ARN"].as_str().unwrap().to_owned();
    case.connector("crm", &arn).await;
    let problem = case.refused("crm", "secret-malformed").await;
    assert!(problem["detail"].as_str().unwrap().contains("binary"), "{problem}");
}

#[tokio::test]
async fn a_secret_without_a_value_is_missing() {
    let case = Case::saas().await;
    let tags = json!([{"Key": "axonflow:tenant_id", "Value": "tenant-a"}]);
    let request = json!({"Name": "axonflow/hollow", "ClientRequestToken": "0".repeat(32), "Tags": tags});
    let arn = case.world.secrets("CreateSecret", &request).await["ARN"].as_str().unwrap().to_owned();
    case.connector("crm", &arn).await;
    case.refused("crm", "secret-missing").await;
}

#[tokio::test]
async fn a_connector_that_needs_credentials_and_names_none_is_not_called_without() {
    let case = Case::saas().await;
    for kind in ["bearer", "basic", "api_key", "oauth2_client_credentials"] {
        let name = kind.replace('_', "-");
        let more = json!({"options": {"auth_type": kind}});
        case.world.create(&custom(&name, &case.upstream.url(), &more)).await;
        let problem = case.refused(&name, "secret-malformed").await;
        assert!(problem["detail"].as_str().unwrap().contains("credentials_secret_arn"), "{problem}");
    }
}
