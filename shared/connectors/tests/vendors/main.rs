//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod hubspot;
#[cfg(test)]
mod servicenow;
mod setup;
