//! The vendors' connectors against strict stand-ins of the vendors' APIs.
#![cfg(test)]

#[path = "../support/ahead.rs"]
mod ahead;
mod amadeus;
mod hubspot;
mod jira;
mod salesforce;
mod servicenow;
mod setup;
mod slack;
