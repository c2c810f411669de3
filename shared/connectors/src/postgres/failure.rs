//! What the server or the connection said, in the words of callers. SQLSTATE classes decide; the server's message
//! is passed on without the password and control characters, its detail and hint never: they quote rows.

use std::error::Error as _;

use egress::EgressError;
use tokio_postgres::{Error, error::SqlState};

use super::{
    meter::{CALL_BYTES, Meter},
    target::Target,
};
use crate::{ConnectorError, error::Status, message::passed_on};

/// The driver's own words.
const NO_TLS: &str = "server does not support TLS";

/// What stopped a login.
pub(super) fn of_login(error: &Error, target: &Target) -> ConnectorError {
    let Some(state) = error.code() else {
        // The driver has no other mark for a server that answers the wish for TLS with a no.
        if error.source().is_some_and(|source| source.to_string() == NO_TLS) {
            return EgressError::Tls { target: target.address(), reason: "it does not offer TLS" }.into();
        }
        return EgressError::of_session(target.address(), error.source()).into();
    };
    match state.code() {
        "3D000" => ConnectorError::Configuration(format!(
            "the server has no database {:?}; correct the path of connection_url",
            target.database
        )),
        _ => of_server(error, state, target),
    }
}

/// What stopped a call.
pub(super) fn of_call(error: &Error, target: &Target, meter: &Meter) -> ConnectorError {
    match error.code() {
        Some(state) => of_server(error, state, target),
        None if meter.is_spent() => EgressError::BodyTooLarge { limit: CALL_BYTES }.into(),
        None if error.is_closed() => EgressError::of_session(target.address(), None).into(),
        None => match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
            Some(io) => EgressError::of_session(target.address(), Some(io)).into(),
            None => ConnectorError::Upstream("the server's answer can't be read".into()),
        },
    }
}

/// Whether the session is gone, whatever the call was.
pub(super) fn is_broken(error: &Error) -> bool {
    match error.code() {
        Some(state) => state.code().starts_with("08") || state.code().starts_with("57P"),
        None => true,
    }
}

fn of_server(error: &Error, state: &SqlState, target: &Target) -> ConnectorError {
    let code = state.code();
    let message = message(error, target);
    match (code.get(..2).unwrap_or_default(), code) {
        ("28", _) => ConnectorError::CredentialsRefused(Status::sql(code)),
        (_, "53300") => ConnectorError::RateLimited { retry_after: None },
        (_, "57014") => ConnectorError::Upstream(format!("the server cancelled the statement{message}")),
        ("08" | "53" | "57" | "58" | "F0" | "XX", _) => {
            ConnectorError::Upstream(format!("the server is in trouble (SQLSTATE {code}){message}"))
        }
        _ => ConnectorError::Rejected { status: Status::sql(code), message },
    }
}

fn message(error: &Error, target: &Target) -> String {
    let Some(server) = error.as_db_error() else { return String::new() };
    passed_on(server.message(), &[target.password.as_str()])
}
