//! AWS clients: one HTTP client, one TLS stack (rustls on ring), shared by every service.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, StalledStreamProtectionConfig};

use crate::http::{self, CONNECT_TIMEOUT, HttpError};

/// The clients of one function.
#[derive(Clone)]
pub struct Clients {
    /// The tables.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The secrets.
    pub secrets: aws_sdk_secretsmanager::Client,
}

impl Clients {
    /// Clients with the region, credentials and endpoints of the environment.
    pub async fn from_environment() -> Result<Self, HttpError> {
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http::client()?);
        Ok(Self::of(&shape(&loader.load().await)))
    }

    /// Clients of an endpoint on this machine that takes any signature.
    pub fn local(endpoint: &str, region: &str) -> Result<Self, HttpError> {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http::client()?)
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(endpoint);
        Ok(Self::of(&shape(&config.build())))
    }

    fn of(config: &SdkConfig) -> Self {
        Self {
            dynamo: aws_sdk_dynamodb::Client::new(config),
            secrets: aws_sdk_secretsmanager::Client::new(config),
        }
    }
}

/// What we ask of every client: short connects, few quick retries, no watch over streams that these services do
/// not have.
fn shape(config: &SdkConfig) -> SdkConfig {
    let builder = config.clone().into_builder();
    builder
        .retry_config(
            RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(25)),
        )
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}
