//! What the APIs say of themselves: OpenAPI documents, made from the types and handlers by `cargo run -p openapi`
//! and kept here, so that a function serves what was reviewed and makes nothing at start.

/// The portal's document.
pub const PORTAL: &str = include_str!("../openapi/portal.json");
/// The agent's.
pub const AGENT: &str = include_str!("../openapi/agent.json");
