//! What the last test of a connector found out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A connector's state of health; only tests change it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Never tested, or disabled when last tested.
    #[default]
    Unknown,
    /// The last test succeeded.
    Healthy,
    /// The last test failed.
    Unhealthy,
}

impl HealthStatus {
    /// The status that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unknown, Self::Healthy, Self::Unhealthy].into_iter().find(|status| status.as_str() == word)
    }

    /// The word for the status in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// The part of a record that tests write and nothing else does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The status that the last test stored.
    pub status: HealthStatus,
    /// When the last test ended.
    pub last_check: Option<Timestamp>,
    /// What it found wrong, without any secret.
    pub last_error: Option<String>,
    /// How many tests have been stored; part of the `ETag`.
    pub tests: u64,
}

/// How a test is to be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TestMode {
    /// Looks at the record only.
    #[default]
    Simulated,
    /// Goes the way of an agent's call.
    Live,
}

/// How one stage of a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// The stage is in order.
    Passed,
    /// The stage failed; later stages are skipped.
    Failed,
    /// Not looked at.
    Skipped,
}

/// One stage of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// The stage.
    pub name: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// How long it took.
    pub duration_ms: u64,
    /// What was seen, and what to do about it.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_from_the_word_that_the_api_shows() {
        for status in [HealthStatus::Unknown, HealthStatus::Healthy, HealthStatus::Unhealthy] {
            assert_eq!(HealthStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(HealthStatus::parse("Healthy"), None);
    }
}
