//! The agent's API.

use api::agent_document::{Common, REQUEST_ID, header};
use utoipa::{
    OpenApi as _,
    openapi::{OpenApi, RefOr, Response},
};

const DESCRIPTION: &str = "\
Agents query and write through connectors, under governance; operators refresh what is loaded and count what happened.

A license key proves who calls: in `X-License-Key`, or as the password of Basic authentication with the tenant as user \
name. A query parameter that a route does not know is 400; unknown fields of a body are ignored.

Errors are `application/problem+json` (RFC 9457) with `success` false and `error` beside; `type` tells them apart, and \
`instance` is the request id. An unknown path is 404 `no-such-path`, another method 405 with `Allow`. What the gateway \
answers of its own is `application/json` with a `message`.";

/// The agent's document.
pub fn agent() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(title = "Connectors: agent API", description = DESCRIPTION),
        servers((url = "/")),
        modifiers(&Common),
        security(("license_key" = []), ("client" = [])),
        tags(
            (name = "calls", description = "Governed reads and writes"),
            (name = "connectors", description = "What can be called, and whether it works"),
            (name = "cache", description = "What is loaded, and what it did"),
            (name = "document", description = "What the API says of itself")
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
