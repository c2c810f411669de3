//! DynamoDB and Secrets Manager on one port, told apart by `X-Amz-Target`, as an SDK with one endpoint URL sends
//! them. Secrets are answered here, everything else goes on to the embedded DynamoDB.

use std::net::SocketAddr;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{HeaderValue, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::net::TcpListener;

use crate::secrets_manager::SecretsManager;

/// DynamoDB's own limit on a request.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const SECRETS: &str = "secretsmanager.";

/// Serves both until the shutdown.
pub async fn serve(
    listener: TcpListener,
    secrets: SecretsManager,
    dynamo: SocketAddr,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
    let answer = move |request: Request| {
        let (secrets, client) = (secrets.clone(), client.clone());
        async move {
            match secrets_operation(&request) {
                Some(operation) => answer_secrets(secrets, operation, request).await,
                None => forward(&client, dynamo, request).await,
            }
        }
    };
    axum::serve(listener, answer.into_make_service()).with_graceful_shutdown(shutdown).await
}

fn secrets_operation(request: &Request) -> Option<String> {
    let target = request.headers().get("x-amz-target")?.to_str().ok()?;
    target.strip_prefix(SECRETS).map(str::to_owned)
}

async fn answer_secrets(secrets: SecretsManager, operation: String, request: Request) -> Response {
    let Ok(body) = read(request.into_body()).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // A write is synced to disk before it is answered, which no async thread should wait for.
    let Ok(reply) = tokio::task::spawn_blocking(move || secrets.call(&operation, &body)).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body.to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}

async fn read(body: Body) -> Result<Bytes, axum::Error> {
    axum::body::to_bytes(body, BODY_LIMIT).await
}

async fn forward(client: &Client<HttpConnector, Body>, dynamo: SocketAddr, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let Ok(uri) = format!("http://{dynamo}{path}").parse::<Uri>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    match client.request(request).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(error) => {
            tracing::warn!(%error, "embedded DynamoDB did not answer");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
