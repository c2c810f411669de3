//! AWS clients: one HTTP client, one TLS stack (rustls on ring), shared by every service.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider, meta::credentials::CredentialsProviderChain,
    provider_config::ProviderConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::config::{
    Credentials, SharedCredentialsProvider, StalledStreamProtectionConfig, retry::ReconnectMode,
};
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
    let retries = RetryConfig::standard()
        .with_max_attempts(4)
        .with_initial_backoff(Duration::from_millis(25))
        // Our client keeps to itself which connection it took: the SDK can't close it after an error of the service,
        // and would say so in a line of the log, as an error, each time.
        .with_reconnect_mode(ReconnectMode::ReuseAllConnections);
    let builder = config.clone().into_builder();
    builder
        .retry_config(retries)
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tracing::{Level, instrument::WithSubscriber};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A service that answers everything with 500.
    async fn broken() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let answer = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}";
                    while stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
                        let _ = stream.write_all(answer).await;
                    }
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn an_error_of_the_service_is_the_callers_to_tell_and_not_the_logs() {
        let clients = Clients::local(&broken().await, "us-east-1").unwrap();
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(move || writer.clone());
        let asked = clients.dynamo.list_tables().send().with_subscriber(log.finish());
        assert!(asked.await.is_err());
        let told = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(told, "");
    }

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
