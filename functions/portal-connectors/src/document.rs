//! What this function says of its routes in the API's OpenAPI document.

use api::{document::portal::Always, routes::OPENAPI};

/// The routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    openapi,
    crate::list::list,
    crate::create::create,
    crate::read::read,
    crate::update::update,
    crate::delete::delete
))]
pub struct Document;

/// This document.
///
/// It needs no session.
#[utoipa::path(
    get,
    path = OPENAPI,
    operation_id = "getDocument",
    tag = "document",
    security(()),
    responses(
        (
            status = 200,
            description = "An OpenAPI 3.1 document.",
            body = Object,
            headers(("x-request-id" = String, description = "Finds the request in every log."))
        ),
        Always
    )
)]
#[expect(dead_code, reason = "described here, answered where routes are told apart")]
fn openapi() {}
