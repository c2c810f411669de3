//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod setup;
mod slack;
