//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod salesforce;
mod setup;
