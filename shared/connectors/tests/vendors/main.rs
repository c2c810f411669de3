//! The vendors' connectors against strict stand-ins of the vendors' APIs.

mod amadeus;
mod hubspot;
mod setup;
