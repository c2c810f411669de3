//! The vendors' connectors against strict stand-ins of the vendors' APIs.

#[cfg(test)]
mod servicenow;
mod setup;
