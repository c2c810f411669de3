//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod hubspot;
#[cfg(test)]
mod jira;
#[cfg(test)]
mod salesforce;
#[cfg(test)]
#[cfg(test)]
mod servicenow;
mod setup;
mod slack;
