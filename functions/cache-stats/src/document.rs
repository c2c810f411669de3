//! What this function says of its routes in the API's OpenAPI document.

/// The routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(crate::statistics))]
pub struct Document;
