//! `saas`: the matrix itself, and that it fails where it should.

use std::collections::BTreeSet;

use api::{Host, routes::ROUTES};
use end_to_end::World;
use model::rules::DeploymentMode;

use crate::{document::operations, known::differences, stage::Stage};

#[tokio::test]
async fn a_stranger_learns_of_another_tenants_things_what_he_learns_of_what_does_not_exist() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    let asked = stage.ask(&[Host::Portal, Host::Agent], &stage.victims, &stage.nobodys).await;
    assert!(asked > 300, "only {asked} cells");
}

#[tokio::test]
async fn the_documents_hold_every_route_and_nothing_that_the_matrix_does_not_know() {
    let world = World::saas().await;
    let served = operations(&world).await;
    assert_eq!(differences(&served), Vec::<String>::new());
    let documented: BTreeSet<_> = served
        .iter()
        .map(|operation| {
            (format!("{:?}", operation.host), format!("{} {}", operation.method, operation.path))
        })
        .collect();
    let routed = ROUTES.iter().map(|route| (format!("{:?}", route.host), route.key()));
    assert_eq!(documented, routed.collect());
}

#[tokio::test]
async fn an_operation_a_parameter_a_field_or_a_way_to_sign_in_that_is_added_fails_the_matrix() {
    let world = World::saas().await;
    let served = operations(&world).await;
    let at = served.iter().position(|operation| operation.id == "query").unwrap();
    let mut added = served.clone();
    added[at].places.insert("query:on_behalf_of".to_owned());
    added[at].places.insert("body:tenants".to_owned());
    added[at].security.insert("mutual_tls".to_owned());
    assert_eq!(
        differences(&added),
        ["query: body:tenants", "query: query:on_behalf_of", "query: signed in by mutual_tls"]
    );
    let mut added = served.clone();
    added.push(served[at].clone());
    added[at].id = "queryAll".to_owned();
    assert_eq!(differences(&added).len(), 2, "{:?}", differences(&added));
    let mut gone = served.clone();
    gone[at].places.remove("header:X-Tenant-ID");
    gone.remove(0);
    assert_eq!(differences(&gone).len(), 2, "{:?}", differences(&gone));
}
