//! The vendors' connectors against strict stand-ins of the vendors' APIs.
#![cfg(test)]

mod amadeus;
mod hubspot;
mod jira;
mod salesforce;
mod servicenow;
mod setup;
mod slack;
