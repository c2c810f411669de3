//! The portal's API.

use model::session::COOKIE;
use utoipa::{
    Modify, OpenApi as _,
    openapi::{
        OpenApi,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

/// The portal's document.
pub fn portal() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(title = "Connectors: portal API", description = include_str!("portal.md")),
        servers((url = "/", description = "Where this document was read.")),
        tags(
            (name = "connectors", description = "The connector records."),
            (name = "document", description = "The API's own description.")
        ),
        modifiers(&Shared)
    )]
    struct Portal;
    let mut document = Portal::openapi()
        .merge_from(portal_connectors::Document::openapi())
        .merge_from(portal_test::Document::openapi());
    Shared.modify(&mut document);
    document
}

/// What the operations have in common.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.schemas.extend(api::problem_responses::schemas());
        let responses = api::problem_responses::components();
        components.responses.extend(responses.map(|(name, response)| (name.to_owned(), response.into())));
        let cookie = ApiKeyValue::with_description(COOKIE, "The cookie of a portal session.");
        components
            .security_schemes
            .insert("session".to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(cookie)).into());
    }
}
