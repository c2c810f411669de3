//! The vendors' connectors against strict stand-ins of the vendors' APIs.

#[cfg(test)]
mod amadeus;
#[cfg(test)]
mod hubspot;
#[cfg(test)]
mod jira;
#[cfg(test)]
mod salesforce;
#[cfg(test)]
mod servicenow;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod slack;
