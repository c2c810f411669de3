//! What this function says of its routes in the API's OpenAPI document.

use api::routes::CONNECTOR_TEST;
use utoipa::{
    Modify,
    openapi::{OpenApi, RefOr, Required},
};

/// The routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(crate::test), modifiers(&OptionalBody))]
pub struct Document;

/// The body may be absent, but is never null: the attribute for the one says the other too.
struct OptionalBody;

impl Modify for OptionalBody {
    fn modify(&self, document: &mut OpenApi) {
        let item = document.paths.paths.get_mut(CONNECTOR_TEST);
        let body = item.and_then(|item| item.post.as_mut()).and_then(|test| test.request_body.as_mut());
        if let Some(RefOr::T(body)) = body {
            body.required = Some(Required::False);
        }
    }
}
