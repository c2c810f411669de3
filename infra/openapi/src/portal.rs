//! The portal's API.

use utoipa::OpenApi as _;

/// The portal's document.
pub fn portal() -> utoipa::openapi::OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(info(
        title = "Connectors: portal API",
        description = "Platform teams manage the connector records of their tenant."
    ))]
    struct Portal;
    Portal::openapi()
        .merge_from(portal_connectors::Document::openapi())
        .merge_from(portal_test::Document::openapi())
}
