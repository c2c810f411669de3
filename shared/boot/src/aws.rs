//! AWS clients: one HTTP client, one TLS stack (rustls on ring), shared by every service.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::{
    Credentials, SharedCredentialsProvider, StalledStreamProtectionConfig, retry::ReconnectMode,
};

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
}
