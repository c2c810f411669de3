//! Why a command did not do what it was asked: one line that says what to do.

use std::{fmt::Display, io, process::ExitCode};

use store::StoreError;

/// A command that ended without doing what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Arguments that each make sense and together do not.
    #[error("{0} (--help explains the arguments)")]
    Usage(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    pub(crate) fn usage(why: impl Into<String>) -> Self {
        Self::Usage(why.into())
    }

    pub(crate) fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }

    /// A file that can't be used.
    pub(crate) fn file(path: &std::path::Path, why: impl Display) -> Self {
        Self::Failed(format!("{}: {why}", path.display()))
    }

    /// A table that did not answer as it should.
    pub(crate) fn store(table: &str, error: &StoreError) -> Self {
        let text = error.to_string();
        let advice = [
            ("ResourceNotFound", "there is no such table in this region; set the table's name or AWS_REGION"),
            ("AccessDenied", "these credentials may not do this; use others"),
            ("UnrecognizedClient", "AWS does not know these credentials; sign in again"),
            ("ExpiredToken", "the credentials have expired; sign in again"),
            (
                "could not be built",
                "no region or credentials; set AWS_REGION, and sign in or set AWS_PROFILE",
            ),
            (
                "connection failed",
                "no connection or no credentials; check AWS_REGION, AWS_ENDPOINT_URL and that you are signed in",
            ),
            ("unreadable", "an item of the table is not of this version's making"),
        ];
        let advice = advice.iter().find(|(sign, _)| text.contains(sign)).map(|(_, advice)| *advice);
        Self::Failed(format!("table {table}: {text}; {}", advice.unwrap_or("try again in a moment")))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(error)
    }
}
