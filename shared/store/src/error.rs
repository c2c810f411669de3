//! What can go wrong in the store. The text is for the log: it holds codes, never an item, because items hold
//! unmasked ARNs.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use model::problem::Problem;

/// A store that did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Throttled, unreachable, too slow or not permitted: nothing is known to have changed.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// It answered that the request itself is wrong, or holds what this code can't read: a fault of ours.
    #[error("store fault: {0}")]
    Fault(String),
}

impl StoreError {
    /// The time for the call is over.
    pub(crate) fn deadline() -> Self {
        Self::Unavailable("the call's deadline passed".into())
    }

    /// An item that this code did not write. Why it can't be read stays untold: parsers quote what they read.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::Fault(format!("unreadable {what}"))
    }

    /// The class and code of an SDK error.
    pub(crate) fn of<E: ProvideErrorMetadata, R>(operation: &'static str, error: &SdkError<E, R>) -> Self {
        match kind(error) {
            Kind::Code(
                "ValidationException" | "SerializationException" | "IdempotentParameterMismatchException",
            ) => Self::Fault(format!("{operation}: {}", kind(error).text())),
            other => Self::Unavailable(format!("{operation}: {}", other.text())),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::store_unavailable(error),
            StoreError::Fault(_) => Self::internal(error),
        }
    }
}

pub(crate) enum Kind<'e> {
    Code(&'e str),
    Class(&'static str),
}

impl Kind<'_> {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Code(code) => code,
            Self::Class(class) => class,
        }
    }
}

/// Whether a conditional write was done: what its condition forbids is an answer.
pub(crate) fn done<T, E: ProvideErrorMetadata, R>(
    operation: &'static str,
    answer: Result<T, SdkError<E, R>>,
) -> Result<bool, StoreError> {
    match answer {
        Ok(_) => Ok(true),
        Err(error) if matches!(kind(&error), Kind::Code("ConditionalCheckFailedException")) => Ok(false),
        Err(error) => Err(StoreError::of(operation, &error)),
    }
}

/// What an SDK error is, in a word that holds no data.
pub(crate) fn kind<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Kind<'_> {
    match error {
        SdkError::ServiceError(context) => Kind::Code(context.err().code().unwrap_or("unknown error")),
        SdkError::TimeoutError(_) => Kind::Class("time-out"),
        SdkError::DispatchFailure(_) => Kind::Class("connection failed"),
        SdkError::ResponseError(_) => Kind::Class("unreadable response"),
        _ => Kind::Class("request could not be built"),
    }
}
