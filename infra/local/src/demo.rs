//! The demo upstream: a small CRM with sample data, so that a governed query is one paste away. It is a service
//! like any other: it wants a bearer token, and shows each tenant its own records.

mod data;

use axum::{
    Json,
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::{identity::TENANTS, secrets_manager::SecretsManager, seed::secret_name};

/// Serves until the shutdown.
pub async fn serve(
    listener: TcpListener,
    secrets: SecretsManager,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let answer = move |request: Request| {
        let tenant = tenant(&secrets, request.headers());
        std::future::ready(tenant.map_or_else(unauthorized, |tenant| answer(tenant, &request)))
    };
    axum::serve(listener, answer.into_make_service()).with_graceful_shutdown(shutdown).await
}

/// Whose token it is. The tokens are those of the tenants' secrets as they stand, so that rotating a secret
/// rotates the service's own credentials.
fn tenant(secrets: &SecretsManager, headers: &HeaderMap) -> Option<&'static str> {
    let sent = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    TENANTS.into_iter().find(|tenant| {
        let request = json!({"SecretId": secret_name(tenant)}).to_string();
        let reply = secrets.call("GetSecretValue", request.as_bytes());
        let text = reply.body.get("SecretString").and_then(Value::as_str).unwrap_or_default();
        let secret: Value = serde_json::from_str(text).unwrap_or_default();
        secret.get("token").and_then(Value::as_str) == Some(sent)
    })
}

fn answer(tenant: &str, request: &Request) -> Response {
    let path = request.uri().path().trim_end_matches('/');
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let (collection, id) = (segments.next().unwrap_or_default(), segments.next());
    let Some(records) = data::collection(tenant, collection) else {
        return not_found("there are /accounts, /contacts and /deals");
    };
    match id {
        None => {
            let wanted: Vec<_> =
                form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).collect();
            let fits = |record: &Value| wanted.iter().all(|(key, value)| field(record, key) == *value);
            let records: Vec<Value> = records.into_iter().filter(fits).collect();
            Json(json!({"sample": true, "data": records})).into_response()
        }
        Some(id) => match records.into_iter().find(|record| field(record, "id") == id) {
            Some(record) => Json(json!({"sample": true, "data": record})).into_response(),
            None => not_found("no record of this id"),
        },
    }
}

fn field(record: &Value, key: &str) -> String {
    match record.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, Json(json!({"message": "send the tenant's bearer token"}))).into_response()
}

fn not_found(message: &str) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"message": message}))).into_response()
}
