//! What the driver or the server said, in the words of callers, and what it means for another attempt. The server's
//! own message is passed on without the credentials and control characters.

use std::error::Error;

use egress::EgressError;
use scylla::errors::{
    BrokenConnectionError, BrokenConnectionErrorKind, ConnectionError, ConnectionPoolError,
    ConnectionSetupRequestErrorKind, DbError, ExecutionError, MetadataError, MetadataFetchErrorKind,
    NewSessionError, NextPageError, NextRowError, PrepareError, RequestAttemptError, RequestError,
    UseKeyspaceError,
};
use scylla::frame::frame_errors::FrameHeaderParseError;

use super::target::Target;
use crate::{ConnectorError, error::Status, message::passed_on};

/// Whether the same call may fare better another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chance {
    /// Not by itself.
    None,
    /// On another connection; the server may have acted.
    Elsewhere,
    /// In a new session, because this one is silent; the server may have acted.
    Anew,
    /// Later; the server may have acted.
    Later,
    /// Later; the server said that it has not acted.
    Untaken,
}

/// What stopped an attempt.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ConnectorError,
    pub(super) chance: Chance,
    /// Whether a write may have taken effect in spite of it.
    pub(super) acted: bool,
}

impl Failure {
    /// A failure before anything was asked.
    pub(super) fn before(error: ConnectorError) -> Self {
        let chance = match &error {
            ConnectorError::Egress(EgressError::Refused { .. } | EgressError::Deadline { .. }) => {
                Chance::None
            }
            ConnectorError::Egress(_) => Chance::Untaken,
            _ => Chance::None,
        };
        Self { error, chance, acted: false }
    }

    /// A server that said nothing in all the time that it had.
    pub(super) fn silent(target: &Target) -> Self {
        Self { error: silent(target).into(), chance: Chance::Anew, acted: true }
    }

    /// A connection that was lost, or never there.
    fn lost(error: impl Into<ConnectorError>) -> Self {
        Self { error: error.into(), chance: Chance::Elsewhere, acted: true }
    }
}

/// What kept us from a session.
pub(super) fn of_session(error: &NewSessionError, target: &Target) -> ConnectorError {
    match error {
        NewSessionError::MetadataError(MetadataError::ConnectionPoolError(error)) => of_pool(error, target),
        NewSessionError::MetadataError(MetadataError::FetchError(error)) => match &error.error {
            MetadataFetchErrorKind::PrepareError(error) => of_attempt(error, target).error,
            MetadataFetchErrorKind::NextRowError(NextRowError::NextPageError(
                NextPageError::RequestFailure(error),
            )) => of_request(error, target).error,
            _ => unreadable(),
        },
        NewSessionError::UseKeyspaceError(error) => of_keyspace(error, target),
        _ => unreadable(),
    }
}

/// What kept a statement from being prepared: it has done nothing.
pub(super) fn of_prepare(error: &PrepareError, target: &Target) -> Failure {
    let failure = match error {
        PrepareError::ConnectionPoolError(error) => Failure::lost(of_pool(error, target)),
        PrepareError::AllAttemptsFailed { first_attempt } => of_attempt(first_attempt, target),
        _ => Failure { error: unreadable(), chance: Chance::None, acted: false },
    };
    Failure { acted: false, ..failure }
}

/// What stopped an execution.
pub(super) fn of_execution(error: &ExecutionError, target: &Target) -> Failure {
    match error {
        ExecutionError::LastAttemptError(error) => of_attempt(error, target),
        ExecutionError::ConnectionPoolError(error) => {
            Failure { acted: false, ..Failure::lost(of_pool(error, target)) }
        }
        ExecutionError::PrepareError(error) => of_prepare(error, target),
        ExecutionError::EmptyPlan => {
            let reason = "it has no node in options.local_dc that may be reached";
            let error = EgressError::Connect { target: target.address(), reason };
            Failure { acted: false, ..Failure::lost(error) }
        }
        ExecutionError::RequestTimeout(_) => Failure::silent(target),
        ExecutionError::BadQuery(_) => {
            let why = "the values don't fit the statement as the server reads it";
            Failure { error: ConnectorError::Invalid(why.into()), chance: Chance::None, acted: false }
        }
        _ => Failure { error: unreadable(), chance: Chance::None, acted: true },
    }
}

fn of_request(error: &RequestError, target: &Target) -> Failure {
    of_execution(&error.clone().into_execution_error(), target)
}

fn of_attempt(error: &RequestAttemptError, target: &Target) -> Failure {
    match error {
        RequestAttemptError::DbError(error, words) => of_server(error, words, target),
        RequestAttemptError::BrokenConnectionError(error) => Failure::lost(of_broken(error, target)),
        RequestAttemptError::UnableToAllocStreamId => {
            let why = "too many calls wait for this server; try again later";
            Failure { error: ConnectorError::Upstream(why.into()), chance: Chance::Untaken, acted: false }
        }
        RequestAttemptError::SerializationError(_) | RequestAttemptError::CqlRequestSerialization(_) => {
            let why = "the values can't be sent to the server; they are too large";
            Failure { error: ConnectorError::Invalid(why.into()), chance: Chance::None, acted: false }
        }
        _ => Failure { error: unreadable(), chance: Chance::None, acted: true },
    }
}

fn of_pool(error: &ConnectionPoolError, target: &Target) -> ConnectorError {
    match error {
        ConnectionPoolError::Broken { last_connection_error } => of_connection(last_connection_error, target),
        ConnectionPoolError::NodeDisabledByHostFilter => EgressError::Refused {
            what: target.address(),
            why: "EGRESS_ALLOW lists none of its nodes".into(),
        }
        .into(),
        _ => EgressError::Connect { target: target.address(), reason: "no connection could be made" }.into(),
    }
}

fn of_connection(error: &ConnectionError, target: &Target) -> ConnectorError {
    match error {
        ConnectionError::ConnectTimeout => silent(target).into(),
        ConnectionError::IoError(error) => EgressError::of_dialling(target.address(), error).into(),
        ConnectionError::BrokenConnection(error) => of_broken(error, target).into(),
        ConnectionError::UseKeyspaceError(error) => of_keyspace(error, target),
        ConnectionError::ConnectionSetupRequestError(error) => match error.get_error() {
            ConnectionSetupRequestErrorKind::DbError(error, words) => of_server(error, words, target).error,
            ConnectionSetupRequestErrorKind::BrokenConnection(error) => of_broken(error, target).into(),
            _ => EgressError::Broken {
                target: target.address(),
                reason: "it does not speak the protocol that was expected",
            }
            .into(),
        },
        _ => EgressError::Connect { target: target.address(), reason: "no connection could be made" }.into(),
    }
}

fn of_keyspace(error: &UseKeyspaceError, target: &Target) -> ConnectorError {
    match error {
        UseKeyspaceError::RequestError(RequestAttemptError::DbError(DbError::Invalid, _)) => {
            ConnectorError::Configuration(format!(
                "the server has no keyspace {:?}; correct the path of connection_url",
                target.keyspace
            ))
        }
        UseKeyspaceError::RequestError(error) => of_attempt(error, target).error,
        UseKeyspaceError::RequestTimeout(_) => silent(target).into(),
        _ => unreadable(),
    }
}

/// The driver keeps what ended a connection behind a type without sources.
fn of_broken(error: &BrokenConnectionError, target: &Target) -> EgressError {
    let io: Option<&(dyn Error + 'static)> = match error.downcast_ref::<BrokenConnectionErrorKind>() {
        Some(BrokenConnectionErrorKind::KeepaliveTimeout(_)) => return silent(target),
        Some(BrokenConnectionErrorKind::WriteError(error)) => Some(error),
        Some(BrokenConnectionErrorKind::FrameHeaderParseError(error)) => match error {
            FrameHeaderParseError::HeaderIoError(error)
            | FrameHeaderParseError::BodyChunkIoError(_, error) => Some(error),
            FrameHeaderParseError::ConnectionClosed(..) => None,
            other => Some(other),
        },
        _ => None,
    };
    EgressError::of_session(target.address(), io)
}

fn silent(target: &Target) -> EgressError {
    EgressError::Connect { target: target.address(), reason: "it did not answer in time" }
}

fn unreadable() -> ConnectorError {
    ConnectorError::Upstream("the server's answer can't be read".into())
}

fn of_server(error: &DbError, words: &str, target: &Target) -> Failure {
    let message = passed_on(words, &[target.password.as_str(), target.user.as_str()]);
    let status = Status::cql(code(error));
    let trouble = |what: &str| ConnectorError::Upstream(format!("{what} ({status}){message}"));
    let rejected = || ConnectorError::Rejected { status: status.clone(), message: message.clone() };
    let (error, chance, acted) = match error {
        DbError::AuthenticationError => (ConnectorError::CredentialsRefused(status), Chance::None, false),
        DbError::Unauthorized => (ConnectorError::Forbidden(status), Chance::None, false),
        DbError::SyntaxError
        | DbError::Invalid
        | DbError::ConfigError
        | DbError::AlreadyExists { .. }
        | DbError::FunctionFailure { .. } => (rejected(), Chance::None, false),
        DbError::Overloaded | DbError::RateLimitReached { .. } => {
            (ConnectorError::RateLimited { retry_after: None }, Chance::Untaken, false)
        }
        DbError::Unavailable { .. } => {
            (trouble("too few nodes are up for the consistency that is asked for"), Chance::Untaken, false)
        }
        DbError::IsBootstrapping | DbError::Unprepared { .. } => {
            (trouble("the server is not ready"), Chance::Untaken, false)
        }
        DbError::ReadTimeout { .. } => (trouble("too few nodes answered in time"), Chance::Later, true),
        DbError::WriteTimeout { .. } => (trouble("too few nodes confirmed in time"), Chance::None, true),
        DbError::ReadFailure { .. } | DbError::WriteFailure { .. } => {
            (trouble("nodes of the cluster failed"), Chance::None, true)
        }
        DbError::ProtocolError => (trouble("the server does not take the request"), Chance::None, false),
        _ => (trouble("the server is in trouble"), Chance::None, true),
    };
    Failure { error, chance, acted }
}

/// The number of an error in the protocol (version 4, 9).
fn code(error: &DbError) -> u16 {
    match error {
        DbError::ProtocolError => 0x000a,
        DbError::AuthenticationError => 0x0100,
        DbError::Unavailable { .. } => 0x1000,
        DbError::Overloaded => 0x1001,
        DbError::IsBootstrapping => 0x1002,
        DbError::TruncateError => 0x1003,
        DbError::WriteTimeout { .. } => 0x1100,
        DbError::ReadTimeout { .. } => 0x1200,
        DbError::ReadFailure { .. } => 0x1300,
        DbError::FunctionFailure { .. } => 0x1400,
        DbError::WriteFailure { .. } => 0x1500,
        DbError::SyntaxError => 0x2000,
        DbError::Unauthorized => 0x2100,
        DbError::Invalid => 0x2200,
        DbError::ConfigError => 0x2300,
        DbError::AlreadyExists { .. } => 0x2400,
        DbError::Unprepared { .. } => 0x2500,
        DbError::Other(code) => u16::try_from(*code).unwrap_or_default(),
        _ => 0,
    }
}
