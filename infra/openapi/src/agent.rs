//! The agent's API.

use utoipa::OpenApi as _;

/// The agent's document.
pub fn agent() -> utoipa::openapi::OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(info(
        title = "Connectors: agent API",
        description = "Agents query and write through connectors under governance; operators refresh and count."
    ))]
    struct Agent;
    Agent::openapi()
        .merge_from(agent_invoke::Document::openapi())
        .merge_from(agent_refresh::Document::openapi())
        .merge_from(cache_stats::Document::openapi())
}
