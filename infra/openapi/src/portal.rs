//! The portal's API.

use api::document::portal::Common;
use utoipa::{Modify, OpenApi as _, openapi::OpenApi};

/// The portal's document.
pub fn portal() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(title = "Connectors: portal API", description = include_str!("portal.md")),
        servers((url = "/", description = "Where this document was read.")),
        tags(
            (name = "connectors", description = "The connector records."),
            (name = "document", description = "The API's own description.")
        )
    )]
    struct Portal;
    let mut document = Portal::openapi()
        .merge_from(portal_connectors::Document::openapi())
        .merge_from(portal_test::Document::openapi());
    Common.modify(&mut document);
    document
}
