//! AWS without a network: the SDK signs and sends as ever, and is answered at once by the same words.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, RuntimeComponents, SharedCredentialsProvider,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_types::body::SdkBody;
use boot::aws::Clients;
use egress::Tls;
use serde_json::{Value, json};

/// The tables and secrets of one tenant with two connectors, `plain` and `token`.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    upstream: Arc<str>,
    asked: Arc<AtomicU64>,
}

impl Aws {
    pub(crate) fn new(upstream: &str) -> Self {
        Self { upstream: upstream.into(), asked: Arc::default() }
    }

    /// The SDK's own clients of it.
    pub(crate) fn clients(&self) -> Clients {
        let credentials =
            SharedCredentialsProvider::new(Credentials::new("key", "secret", None, None, "bench"));
        let (region, version) = (Region::new("us-east-1"), BehaviorVersion::latest());
        let dynamo = aws_sdk_dynamodb::Config::builder()
            .behavior_version(version)
            .region(region.clone())
            .credentials_provider(credentials.clone())
            .http_client(self.clone());
        let secrets = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(version)
            .region(region)
            .credentials_provider(credentials)
            .http_client(self.clone());
        Clients {
            dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo.build()),
            secrets: aws_sdk_secretsmanager::Client::from_conf(secrets.build()),
            tls: Tls::new(None).expect("roots"),
        }
    }

    /// How many requests it has answered.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    fn answer(&self, request: &HttpRequest) -> Value {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        match target.rsplit('.').next() {
            // No counter was ever raised and no license revoked: the common case.
            Some("BatchGetItem") => json!({"Responses": {}, "UnprocessedKeys": {}}),
            Some("GetItem") => {
                let body = request.body().bytes().and_then(|body| serde_json::from_slice(body).ok());
                let body: Value = body.expect("a request");
                let name = body["Key"]["connector_name"]["S"].as_str().expect("a connector's key");
                json!({"Item": self.item(name)})
            }
            Some("DescribeSecret") => {
                json!({"ARN": ARN, "Name": "token", "Tags": [{"Key": store::TENANT_TAG, "Value": "tenant-a"}]})
            }
            Some("GetSecretValue") => {
                let secret = json!({
                    "client_id": "id", "client_secret": "secret", "token_url": format!("{}/token", self.upstream),
                });
                json!({"ARN": ARN, "Name": "token", "SecretString": secret.to_string()})
            }
            _ => json!({}),
        }
    }

    /// A record as the table has it.
    fn item(&self, name: &str) -> Value {
        let options = if name == "token" { r#"{"auth_type":"oauth2_client_credentials"}"# } else { "{}" };
        let mut item = json!({
            "tenant_id": {"S": "tenant-a"}, "connector_name": {"S": name}, "platform": {"S": "all"},
            "platform_key": {"S": format!("tenant-a#{name}")}, "connector_type": {"S": "custom"},
            "id": {"S": "0198c8a0-0000-7000-8000-000000000000"}, "display_name": {"S": "The CRM of sales"},
            "description": {"S": "Governed access"}, "connection_url": {"S": &*self.upstream},
            "options": {"S": options}, "timeout_ms": {"N": "30000"}, "max_retries": {"N": "3"},
            "enabled": {"BOOL": true}, "health_status": {"S": "healthy"}, "tests": {"N": "1"},
            "last_health_check": {"S": "2026-07-10T19:19:11.766Z"}, "created_at": {"S": "2026-07-10T19:19:11.766Z"},
            "updated_at": {"S": "2026-07-10T19:19:11.766Z"}, "version": {"N": "3"},
        });
        if name == "token" {
            item["credentials_secret_arn"] = json!({"S": ARN});
        }
        item
    }
}

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/tenant-a/token-AbCdEf";

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let body = SdkBody::from(self.answer(&request).to_string());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().expect("a status"), body)))
    }
}
