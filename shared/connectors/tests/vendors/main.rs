//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod hubspot;
mod setup;
mod slack;
