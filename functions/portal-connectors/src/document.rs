//! What this function says of its routes in the API's OpenAPI document.

/// The routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(openapi))]
pub struct Document;

/// This document.
#[utoipa::path(get, path = "/openapi.json", security(()), responses((status = 200, description = "This document.", body = Object)))]
#[expect(dead_code, reason = "described here, answered where routes are told apart")]
fn openapi() {}
