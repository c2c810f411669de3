//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod amadeus;
mod hubspot;
#[cfg(test)]
mod salesforce;
#[cfg(test)]
mod jira;
#[cfg(test)]
#[cfg(test)]
mod servicenow;
mod setup;
mod slack;
