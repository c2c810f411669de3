//! The OpenAPI documents of both APIs: each function describes its own routes, and here they become one document per
//! API. They are kept in `shared/api/openapi`, where the functions that serve them find them.

mod agent;
pub mod pages;
mod portal;

use utoipa::openapi::OpenApi;

pub use agent::agent;
pub use portal::portal;

/// The documents by the names of their files in `shared/api/openapi`.
pub fn documents() -> [(&'static str, OpenApi); 2] {
    [("portal.json", portal()), ("agent.json", agent())]
}

/// A document as its file holds it.
pub fn text(document: &OpenApi) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}
