//! Where a connector's configuration comes from. The order of the tiers is the order of precedence.

use serde::{Deserialize, Serialize};

/// A tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A record that the portal manages.
    Database,
    /// The configuration file of the deployment.
    File,
    /// Variables of the function's environment.
    Environment,
}

impl Source {
    /// The word for the tier in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::File => "file",
            Self::Environment => "environment",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_and_answers_name_a_tier_by_one_word() {
        for source in [Source::Database, Source::File, Source::Environment] {
            assert_eq!(serde_json::to_value(source).unwrap(), source.as_str());
        }
    }
}
