//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod amadeus;
mod hubspot;
mod jira;
mod salesforce;
mod servicenow;
mod setup;
mod slack;
