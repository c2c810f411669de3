//! AWS clients: one HTTP client, one TLS stack (rustls on ring), shared by every service.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider, meta::credentials::CredentialsProviderChain,
    provider_config::ProviderConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, StalledStreamProtectionConfig};
use egress::Tls;

use crate::{
    environment::Environment,
    http::{self, CONNECT_TIMEOUT, HttpError},
};

/// The clients of one function.
#[derive(Clone)]
pub struct Clients {
    /// The tables.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The secrets.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// What they trust. Upstreams are held to it too: to read the machine's roots is much of a function's start.
    pub tls: Tls,
}

impl Clients {
    /// Clients of a function: the region, the endpoints and the credentials that Lambda puts into the environment. The
    /// SDK's own search goes on to profiles, roles to take on and machines' metadata. No function has those, and each
    /// would carry and start a second service for them.
    pub fn of_function(environment: &Environment) -> Result<Self, HttpError> {
        let given = |name: &str| environment.get(name).filter(|value| !value.trim().is_empty());
        let asked_for = |name: &str| given(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let tls = Tls::new(None)?;
        let http = http::client(&tls)?;
        // Where a container is given no keys it is given the address of some.
        let container = ProviderConfig::default().with_http_client(http.clone());
        let container = EcsCredentialsProvider::builder().configure(&container).build();
        let keys = EnvironmentVariableCredentialsProvider::new();
        let keys = CredentialsProviderChain::first_try("Environment", keys).or_else("Container", container);
        let region = given("AWS_REGION").or_else(|| given("AWS_DEFAULT_REGION"));
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .region(region.map(|region| Region::new(region.to_owned())))
            .use_fips(asked_for("AWS_USE_FIPS_ENDPOINT"))
            .use_dual_stack(asked_for("AWS_USE_DUALSTACK_ENDPOINT"));
        config.set_endpoint_url(given("AWS_ENDPOINT_URL").map(str::to_owned));
        Ok(Self::of(&shape(&config.build()), tls))
    }

    /// Clients with the region, credentials and endpoints that the SDK finds by itself: an operator's.
    pub async fn from_environment() -> Result<Self, HttpError> {
        let tls = Tls::new(None)?;
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http::client(&tls)?);
        Ok(Self::of(&shape(&loader.load().await), tls))
    }

    /// Clients of an endpoint on this machine that takes any signature.
    pub fn local(endpoint: &str, region: &str) -> Result<Self, HttpError> {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let tls = Tls::new(None)?;
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http::client(&tls)?)
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(endpoint);
        Ok(Self::of(&shape(&config.build()), tls))
    }

    fn of(config: &SdkConfig, tls: Tls) -> Self {
        Self {
            dynamo: aws_sdk_dynamodb::Client::new(config),
            secrets: aws_sdk_secretsmanager::Client::new(config),
            tls,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Clients {
        let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Clients::of_function(&owned.collect()).ok().unwrap()
    }

    #[test]
    fn the_region_is_the_environments() {
        let region = |pairs: &[(&str, &str)]| of(pairs).dynamo.config().region().map(ToString::to_string);
        let both = [("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "us-east-1")];
        assert_eq!(region(&both).as_deref(), Some("eu-west-1"));
        assert_eq!(region(&both[1..]).as_deref(), Some("us-east-1"));
        assert_eq!(region(&[("AWS_REGION", "")]), None);
    }
}
