//! Why nothing was started, each in one line that says what to do.

use std::path::PathBuf;

use boot::SettingsError;

/// Why nothing was started: one line for a person.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken.
    #[error("port {port} of the {what} can't be used: {error}; choose another with {flag}")]
    Port {
        /// Whose port.
        what: &'static str,
        /// The flag that changes it.
        flag: &'static str,
        /// The port.
        port: u16,
        /// What the system says.
        error: std::io::Error,
    },
    /// The data folder can't be used.
    #[error("the data folder {} can't be used: {why}; choose another with --data-dir", .path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Something inside failed.
    #[error("start-up failed: {0}")]
    Internal(String),
}
