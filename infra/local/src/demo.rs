//! The demo upstream: a small CRM with sample data, so that a governed query is one paste away. It is a service
//! like any other: it wants a bearer token, shows each tenant its own records, and takes notes on them.

mod data;
mod notes;

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{
        HeaderMap, Method, StatusCode,
        header::{ALLOW, AUTHORIZATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::form_urlencoded;

use self::notes::Notes;
use crate::{
    identity::TENANTS,
    secrets_manager::SecretsManager,
    seed::{DEMO, secret_name},
};

/// The connectors whose secrets hold a tenant's tokens: the seeded one, and the one that the README's walk makes.
const CONNECTORS: [&str; 2] = [DEMO, "crm"];
/// The largest body that is read.
const BODY_LIMIT: usize = 64 * 1024;

/// Serves until the shutdown.
pub async fn serve(
    listener: TcpListener,
    secrets: SecretsManager,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let notes = Arc::new(Notes::default());
    let answer = move |request: Request| {
        let (tenant, notes) = (tenant(&secrets, request.headers()), Arc::clone(&notes));
        async move {
            match tenant {
                Some(tenant) => answer(tenant, &notes, request).await,
                None => refused(StatusCode::UNAUTHORIZED, "send the tenant's bearer token"),
            }
        }
    };
    axum::serve(listener, answer.into_make_service()).with_graceful_shutdown(shutdown).await
}

/// Whose token it is. The tokens are those of the tenants' secrets as they stand, so that rotating a secret
/// rotates the service's own credentials.
fn tenant(secrets: &SecretsManager, headers: &HeaderMap) -> Option<&'static str> {
    let sent = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    TENANTS.into_iter().find(|tenant| {
        CONNECTORS.into_iter().any(|connector| {
            let request = json!({"SecretId": secret_name(tenant, connector)}).to_string();
            let reply = secrets.call("GetSecretValue", request.as_bytes());
            let text = reply.body.get("SecretString").and_then(Value::as_str).unwrap_or_default();
            let secret: Value = serde_json::from_str(text).unwrap_or_default();
            secret.get("token").and_then(Value::as_str) == Some(sent)
        })
    })
}

async fn answer(tenant: &'static str, notes: &Notes, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let segments: Vec<&str> = head.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    match segments[..] {
        ["accounts", id, "notes"] if !is_account(tenant, id) => not_found("no account of this id"),
        ["accounts", id, "notes"] if reads => found(json!(notes.on(tenant, id))),
        ["accounts", id, "notes"] if head.method == Method::POST => write(tenant, notes, id, body).await,
        ["accounts", _, "notes"] => wrong_method("GET, HEAD, POST"),
        _ if !reads => wrong_method("GET, HEAD"),
        [] => found(json!(["/accounts", "/contacts", "/deals"])),
        [name] => list(tenant, name, &head),
        [name, id] => one(tenant, name, id),
        _ => not_found("there are /accounts, /contacts, /deals and /accounts/{id}/notes"),
    }
}

fn list(tenant: &str, name: &str, head: &Parts) -> Response {
    let Some(records) = data::collection(tenant, name) else {
        return not_found("there are /accounts, /contacts and /deals");
    };
    let wanted: Vec<_> = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).collect();
    let fits = |record: &Value| wanted.iter().all(|(key, value)| field(record, key) == *value);
    found(records.into_iter().filter(fits).collect())
}

fn one(tenant: &str, name: &str, id: &str) -> Response {
    let records = data::collection(tenant, name).unwrap_or_default();
    match records.into_iter().find(|record| field(record, "id") == id) {
        Some(record) => found(record),
        None => not_found("no record of this id"),
    }
}

fn is_account(tenant: &str, id: &str) -> bool {
    let accounts = data::collection(tenant, "accounts").unwrap_or_default();
    accounts.iter().any(|account| field(account, "id") == id)
}

async fn write(tenant: &'static str, notes: &Notes, account: &str, body: Body) -> Response {
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "a note has at most 64 KiB");
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    match body.get("text").and_then(Value::as_str) {
        Some(text) => {
            let note = notes.add(tenant, account, text);
            (StatusCode::CREATED, Json(json!({"sample": true, "data": note}))).into_response()
        }
        None => refused(StatusCode::UNPROCESSABLE_ENTITY, "a note is a JSON object with a text"),
    }
}

fn field(record: &Value, key: &str) -> String {
    match record.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn found(data: Value) -> Response {
    Json(json!({"sample": true, "data": data})).into_response()
}

fn not_found(message: &str) -> Response {
    refused(StatusCode::NOT_FOUND, message)
}

fn wrong_method(allowed: &'static str) -> Response {
    let message = format!("this path takes {allowed}");
    ([(ALLOW, allowed)], refused(StatusCode::METHOD_NOT_ALLOWED, &message)).into_response()
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"message": message}))).into_response()
}
