//! What a connector speaks to, and what follows from the type alone.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of upstream that the runtime knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorType {
    /// PostgreSQL.
    Postgres,
    /// Apache Cassandra.
    Cassandra,
    /// Salesforce REST API.
    Salesforce,
    /// Amadeus Enterprise REST API.
    Amadeus,
    /// Slack Web API.
    Slack,
    /// Snowflake SQL API v2.
    Snowflake,
    /// Any HTTP service that speaks JSON.
    Custom,
    /// HubSpot CRM API.
    Hubspot,
    /// Jira Cloud REST API v3.
    Jira,
    /// ServiceNow Table API.
    Servicenow,
}

impl ConnectorType {
    /// Every type of the runtime, those that the portal manages first.
    pub const ALL: [Self; 10] = [
        Self::Postgres,
        Self::Cassandra,
        Self::Salesforce,
        Self::Amadeus,
        Self::Slack,
        Self::Snowflake,
        Self::Custom,
        Self::Hubspot,
        Self::Jira,
        Self::Servicenow,
    ];

    /// The word for the type in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Cassandra => "cassandra",
            Self::Salesforce => "salesforce",
            Self::Amadeus => "amadeus",
            Self::Slack => "slack",
            Self::Snowflake => "snowflake",
            Self::Custom => "custom",
            Self::Hubspot => "hubspot",
            Self::Jira => "jira",
            Self::Servicenow => "servicenow",
        }
    }

    /// The type that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether the portal manages the type without being told to.
    pub fn portal_managed(self) -> bool {
        match self {
            Self::Hubspot | Self::Jira | Self::Servicenow => false,
            Self::Postgres
            | Self::Cassandra
            | Self::Salesforce
            | Self::Amadeus
            | Self::Slack
            | Self::Snowflake
            | Self::Custom => true,
        }
    }

    /// Whether a record must say where the upstream is.
    pub fn requires_connection_url(self) -> bool {
        match self {
            Self::Postgres
            | Self::Cassandra
            | Self::Snowflake
            | Self::Custom
            | Self::Jira
            | Self::Servicenow => true,
            Self::Salesforce | Self::Amadeus | Self::Slack | Self::Hubspot => false,
        }
    }

    /// Verbs that `execute` refuses unless the record says otherwise.
    pub fn default_blocked(self) -> &'static [&'static str] {
        match self {
            Self::Postgres | Self::Snowflake => &["DROP", "DELETE", "TRUNCATE", "ALTER", "GRANT", "REVOKE"],
            Self::Cassandra => &["DROP", "TRUNCATE", "ALTER", "GRANT", "REVOKE"],
            Self::Salesforce => &["DELETE", "PURGE"],
            Self::Amadeus => &[],
            Self::Slack | Self::Custom | Self::Hubspot | Self::Jira => &["DELETE"],
            // The CMDB is what others decide by.
            Self::Servicenow => &["DELETE", "cmdb_create", "cmdb_update"],
        }
    }

    /// Whether a record may replace [`Self::default_blocked`]; the databases' lists are fixed.
    pub fn blocked_is_configurable(self) -> bool {
        !matches!(self, Self::Postgres | Self::Snowflake | Self::Cassandra)
    }
}

impl fmt::Display for ConnectorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_parsed_from_its_own_word() {
        for kind in ConnectorType::ALL {
            assert_eq!(ConnectorType::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(ConnectorType::parse("Postgres"), None);
    }
}
