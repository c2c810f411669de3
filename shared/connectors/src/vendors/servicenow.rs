//! ServiceNow: incidents, change requests, the CMDB and any table, by the Table, Change Management, CMDB Instance and
//! Aggregate APIs.
//!
//! An instance passes over what it doesn't know: a condition on a field that isn't there gives every record. So queries
//! are read before they are sent ([`query`]), and held against what came back ([`named`]).

mod change;
mod cmdb;
mod incident;
mod lookup;
mod named;
mod query;
mod record;
mod table;

use egress::Response;
use model::connector_type::ConnectorType;
use serde_json::Value;

use crate::{
    ConnectorError, Credentials,
    http::{
        answer::{is_page, small},
        auth::Auth,
        oauth::Grant,
    },
    vendor::{
        Health, Vendor,
        op::Op,
        said::{Refused, Said},
        way::{Setup, Way},
    },
};

pub(crate) static SERVICENOW: Vendor = Vendor {
    kind: ConnectorType::Servicenow,
    name: "ServiceNow",
    operations: OPERATIONS,
    language: Some(|_| "query_table"),
    way,
    refusal,
    health: Health {
        op: Op::read("health", "Who calls.").get("/api/now/table/sys_user").with(&[
            ("sysparm_query", "sys_id=javascript:gs.getUserID()"),
            ("sysparm_fields", "sys_id,user_name"),
            ("sysparm_limit", "1"),
        ]),
        told: |response, _| {
            let records = lookup::records(response).unwrap_or_default();
            let user = records.first().and_then(|user| lookup::text(user, "user_name"));
            let user =
                user.map(|user| user.chars().filter(|c| !c.is_control()).take(SHOWN).collect::<String>());
            Ok(user.map_or_else(
                || "GET of sys_user: answered; the caller may not read his own record".into(),
                |user| format!("GET of sys_user: acts as {user}"),
            ))
        },
    },
};

const OPERATIONS: &[Op] = &[
    table::RECORDS,
    table::AGGREGATE,
    incident::LIST,
    incident::GET,
    incident::CREATE,
    incident::UPDATE,
    incident::WORK_NOTE,
    incident::COMMENT,
    incident::RESOLVE,
    change::LIST,
    change::GET,
    change::NEXT_STATES,
    change::CONFLICTS,
    change::TASKS,
    change::TEMPLATES,
    change::CREATE_NORMAL,
    change::CREATE_EMERGENCY,
    change::CREATE_STANDARD,
    change::CREATE,
    change::UPDATE,
    change::APPROVE,
    change::CHECK_CONFLICTS,
    change::CREATE_TASK,
    cmdb::LIST,
    cmdb::GET,
    cmdb::CREATE,
    cmdb::UPDATE,
];

/// The most characters of the caller's name that are shown.
const SHOWN: usize = 300;

const USER: &[&str] = &["username", "USERNAME"];
const PASSWORD: &[&str] = &["password", "PASSWORD"];
const CLIENT: &[&str] = &["client_id", "clientId"];
const CLIENT_SECRET: &[&str] =
    &["client_secret", "clientSecret", "USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET"];

/// `{"api_key"}`, `{"username", "password"}`, `{"client_id", "client_secret"}`, or a client with a user's password or
/// refresh token; `options.auth_type` says which where a secret holds more than it takes.
fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let base = setup.base(&[], None)?;
    let held = |keys: &[&str]| setup.credentials.get(keys).is_some();
    let by_shape = match (held(&["api_key"]), held(CLIENT), held(&["refresh_token"]), held(USER)) {
        (true, ..) => "api_key",
        (_, true, true, _) => "oauth2_refresh_token",
        (_, true, _, true) => "oauth2_password",
        (_, true, ..) => "oauth2_client_credentials",
        (_, false, _, true) => "basic",
        _ => {
            let why =
                "the secret holds none of api_key, client_id with client_secret, username with password";
            return Err(ConnectorError::Credentials(why.into()));
        }
    };
    let auth = match setup.options().text("auth_type").unwrap_or(by_shape) {
        "api_key" => setup.key("x-sn-apikey", &["api_key"])?,
        "basic" => setup.basic(USER, PASSWORD)?,
        "oauth2_client_credentials" => tokens(setup, "client_credentials", &[])?,
        "oauth2_password" => tokens(setup, "password", &[("username", USER), ("password", PASSWORD)])?,
        "oauth2_refresh_token" => tokens(setup, "refresh_token", &[("refresh_token", &["refresh_token"])])?,
        other => {
            let why = format!(
                "options.auth_type {other:?} is not known; it is one of api_key, basic, \
                 oauth2_client_credentials, oauth2_password, oauth2_refresh_token"
            );
            return Err(ConnectorError::Configuration(why));
        }
    };
    Ok(Way::new(base, auth))
}

/// A form's field, and the keys by which the secret has its value.
type Field = (&'static str, &'static [&'static str]);

/// Tokens of the instance's own endpoint, which takes a form with everything in it.
fn tokens(setup: &Setup<'_>, grant: &'static str, more: &[Field]) -> Result<Auth, ConnectorError> {
    let url = Setup::below(&setup.base(&[], None)?, "oauth_token.do")?;
    let credentials: &Credentials = setup.credentials;
    let mut form = vec![("grant_type", grant)];
    form.push(("client_id", credentials.require(CLIENT)?));
    form.push(("client_secret", credentials.require(CLIENT_SECRET)?));
    for (name, keys) in more {
        form.push((name, credentials.require(keys)?));
    }
    if let Some(scope) = credentials.get(&["scope"]).filter(|_| grant != "refresh_token") {
        form.push(("scope", scope));
    }
    setup.tokens(Grant::of(url, &form))
}

/// `{"error":{"message","detail"},"status":"failure"}`. A 403 may be a missing right, and just as well a rule of the
/// instance about the record's values. A page with status 200 is no answer: developer instances hibernate.
fn refusal(response: &Response) -> Option<Refused> {
    let Some(said) = Said::by_status(response) else {
        let why = "a page and not JSON: the instance hibernates, or the host is none";
        return is_page(response).then(|| Refused::new(Said::Failed, why, ""));
    };
    let body = small(response).unwrap_or_default();
    let text = |key: &str| body.pointer(key).and_then(Value::as_str).unwrap_or_default().trim();
    let (message, detail) = (text("/error/message"), text("/error/detail"));
    let ruled = detail.contains("Data Policy") || detail.contains("Business Rule");
    let said = if said == Said::Lacks && ruled { Said::Rejected } else { said };
    let between = if message.is_empty() || detail.is_empty() { "" } else { ": " };
    Some(Refused::new(said, "", format!("{message}{between}{detail}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::answer::MESSAGE_BODY_BYTES;
    use reqwest::{StatusCode, header::HeaderMap};

    #[test]
    fn words_are_looked_for_in_64_kibibytes() {
        let words = |size: usize| {
            let text = |filler: &str| format!(r#"{{"error":{{"message":"no"}},"filler":"{filler}"}}"#);
            let body = text(&"x".repeat(size - text("").len())).into();
            refusal(&Response { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body })
                .unwrap()
                .words
        };
        assert_eq!((words(MESSAGE_BODY_BYTES).as_str(), words(MESSAGE_BODY_BYTES + 1).as_str()), ("no", ""));
    }
}
