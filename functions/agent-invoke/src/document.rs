//! What this function says of its routes in the API's OpenAPI document.

use api::document::agent::Gateway;

use crate::{
    answers::{CallProblem, Components, Refusal},
    execute, health, list, query,
};

/// The routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(openapi, list::list, health::health, query::query, execute::execute),
    components(schemas(CallProblem, Refusal)),
    modifiers(&Components)
)]
pub struct Document;

/// This document
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "getDocument", tag = "document", security(()),
    responses((status = 200, description = "The OpenAPI document of the agent's API.", body = Object), Gateway)
)]
#[expect(dead_code, reason = "described here, answered where routes are told apart")]
fn openapi() {}
