//! HTTP for the AWS clients, by the same library that upstreams are reached by: the SDK's own client would bring a
//! second one, and HTTP/2 with it, which none of these services speaks.

use std::{error::Error, io, time::Duration};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared,
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use egress::{SetupError, Tls};

/// How long a service may take to take a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
struct Http {
    client: reqwest::Client,
    read_timeout: Option<Duration>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Nothing can be trusted.
    #[error(transparent)]
    Tls(#[from] SetupError),
    /// The library refuses the settings.
    #[error("the HTTP client for AWS cannot be built")]
    Client(#[from] reqwest::Error),
}

/// One client, whose connections all services share.
#[expect(clippy::disallowed_methods, reason = "AWS itself is reached past the rules for upstreams")]
pub(crate) fn client(tls: &Tls) -> Result<SharedHttpClient, HttpError> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.config().as_ref().clone())
        .no_proxy()
        .referer(false)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // What is signed and checked is the body as the service sends it.
        .no_gzip()
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .build()?;
    Ok(Http { client, read_timeout: None }.into_shared())
}

impl HttpClient for Http {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { client: self.client.clone(), read_timeout: settings.read_timeout() })
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, read_timeout } = self.clone();
        HttpConnectorFuture::new(async move {
            let answered = exchange(client, request);
            match read_timeout {
                None => answered.await,
                Some(limit) => tokio::time::timeout(limit, answered)
                    .await
                    .unwrap_or_else(|late| Err(ConnectorError::timeout(late.into()))),
            }
        })
    }
}

async fn exchange(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let unsendable = |error: Box<dyn Error + Send + Sync>| ConnectorError::user(error);
    let request = request.try_into_http1x().map_err(|error| unsendable(error.into()))?;
    let request = request.map(reqwest::Body::wrap);
    let request = reqwest::Request::try_from(request).map_err(|error| unsendable(error.into()))?;
    let response: http::Response<reqwest::Body> = client.execute(request).await.map_err(failed)?.into();
    let response = response.map(SdkBody::from_body_1_x);
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// What went wrong, as the SDK decides by it whether to try again.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else if error.is_connect() || is_io(&error) {
        ConnectorError::io(error.into())
    } else {
        // A connection that ended before its answer did.
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    }
}

/// Whether a socket failed, however deep that is told.
fn is_io(error: &reqwest::Error) -> bool {
    std::iter::successors(error.source(), |cause| (*cause).source()).any(<dyn Error>::is::<io::Error>)
}
