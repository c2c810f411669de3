//! The documents that the functions serve are those that the code makes, and hold every route.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect fails"
)]

use std::collections::BTreeSet;

use api::{Host, routes::ROUTES};
use utoipa::openapi::OpenApi;

#[test]
fn the_documents_that_are_served_are_those_that_the_code_makes() {
    let served = [("portal.json", api::openapi::PORTAL), ("agent.json", api::openapi::AGENT)];
    for ((name, document), (served_name, served)) in openapi::documents().iter().zip(served) {
        assert_eq!(*name, served_name);
        let made = openapi::text(document).unwrap();
        assert!(
            made == served,
            "shared/api/openapi/{name} is not what the code makes: run `cargo run -p openapi`"
        );
    }
}

#[test]
fn every_route_of_the_portal_is_described_and_nothing_else() {
    assert_eq!(described(&openapi::portal()), routes(Host::Portal));
}

#[test]
fn every_route_of_the_agent_is_described_and_nothing_else() {
    assert_eq!(described(&openapi::agent()), routes(Host::Agent));
}

fn routes(host: Host) -> BTreeSet<String> {
    ROUTES.iter().filter(|route| route.host == host).map(api::routes::Route::key).collect()
}

fn described(document: &OpenApi) -> BTreeSet<String> {
    let document = serde_json::to_value(document).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let keys = paths.iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    keys.collect()
}
