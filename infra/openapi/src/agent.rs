//! The agent's API.

use api::document::{REQUEST_ID, agent::Common, header};
use utoipa::{
    OpenApi as _,
    openapi::{OpenApi, RefOr, Response},
};

/// The agent's document.
pub fn agent() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(title = "Connectors: agent API", description = include_str!("agent.md")),
        servers((url = "/", description = "Where this document was read.")),
        modifiers(&Common),
        security(("license_key" = []), ("client" = [])),
        tags(
            (name = "calls", description = "Governed reads and writes."),
            (name = "connectors", description = "What can be called, and whether it works."),
            (name = "cache", description = "What is loaded, and what it did."),
            (name = "document", description = "The API's own description.")
        )
    )]
    struct Agent;
    let mut document = Agent::openapi()
        .merge_from(agent_invoke::Document::openapi())
        .merge_from(agent_refresh::Document::openapi())
        .merge_from(cache_stats::Document::openapi());
    for answer in own_answers(&mut document) {
        let (name, component) = REQUEST_ID;
        answer.headers.insert(name.to_owned(), RefOr::Ref(header(component)));
    }
    document
}

/// The answers that operations do not share with others.
fn own_answers(document: &mut OpenApi) -> impl Iterator<Item = &mut Response> {
    let operations =
        document.paths.paths.values_mut().flat_map(|path| [path.get.as_mut(), path.post.as_mut()]);
    let answers = operations.flatten().flat_map(|operation| operation.responses.responses.values_mut());
    answers.filter_map(|answer| match answer {
        RefOr::T(answer) => Some(answer),
        RefOr::Ref(_) => None,
    })
}
