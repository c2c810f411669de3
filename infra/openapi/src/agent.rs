//! The agent's API.

use api::agent_document::{Common, REQUEST_ID, header};
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
    every_answer(&mut document, |answer| {
        let (name, component) = REQUEST_ID;
        answer.headers.insert(name.to_owned(), RefOr::Ref(header(component)));
    });
    document
}

/// Does something to every answer: to those of the operations and to those that they share.
fn every_answer(document: &mut OpenApi, mut act: impl FnMut(&mut Response)) {
    let shared = document.components.iter_mut().flat_map(|components| components.responses.values_mut());
    let operations =
        document.paths.paths.values_mut().flat_map(|path| [path.get.as_mut(), path.post.as_mut()]);
    let own = operations.flatten().flat_map(|operation| operation.responses.responses.values_mut());
    for answer in shared.chain(own) {
        if let RefOr::T(answer) = answer {
            act(answer);
        }
    }
}
