//! `invpc`: the portal manages the whole platform, and says in whose name; the agent stays as strict as anywhere.

use api::Host;
use model::{rules::DeploymentMode, session::Role};
use serde_json::Value;

use crate::{
    known::SignedIn,
    ledger::{Ledger, scan},
    requests::Said,
    stage::Stage,
    target::{STRANGER, VICTIM},
};

#[tokio::test]
async fn a_license_gains_no_further_tenant() {
    let stage = Stage::set(DeploymentMode::Invpc).await;
    stage.ask(&[Host::Agent], &stage.victims, &stage.nobodys).await;
}

/// What names the victim's connector in an operation of the portal.
fn named(stage: &Stage, id: &str) -> Option<Said> {
    let said = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(place, value)| ((*place).to_owned(), (*value).to_owned()));
        Some(pairs.collect())
    };
    match id {
        "createConnector" => said(&[("body:tenant_id", VICTIM)]),
        "listConnectors" => said(&[("query:tenant_id", VICTIM)]),
        "getDocument" => None,
        _ => said(&[("query:tenant_id", VICTIM), ("path:connectorName", stage.victims.connector)]),
    }
}

#[tokio::test]
async fn what_an_editor_does_for_another_tenant_is_done_there_in_the_editors_own_name() {
    let stage = Stage::set(DeploymentMode::Invpc).await;
    for (operation, known) in
        stage.operations.iter().filter(|(_, known)| known.signed_in == SignedIn::Session)
    {
        // The next one would find it gone.
        if operation.id == "deleteConnector" {
            continue;
        }
        done(&stage, operation, known.reads).await;
    }
    let (delete, known) =
        stage.operations.iter().find(|(operation, _)| operation.id == "deleteConnector").unwrap();
    done(&stage, delete, known.reads).await;
}

async fn done(stage: &Stage, operation: &crate::document::Operation, reads: bool) {
    let said = named(stage, &operation.id).unwrap();
    let (own, _) = scan(&stage.world, "connectors").await;
    let (own_audit, audit) = scan(&stage.world, "audit").await;
    let reply = stage.unsigned(operation, &said).session(&stage.session).send().await;
    assert!(reply.status < 300, "{}: {} {}", operation.id, reply.status, reply.text);
    assert_eq!(own, scan(&stage.world, "connectors").await.0, "{} changed one's own", operation.id);
    let (own_after, after) = scan(&stage.world, "audit").await;
    assert_eq!(own_audit, own_after, "{} is in the wrong audit", operation.id);
    let new: Vec<Value> = after
        .iter()
        .filter(|entry| !audit.contains(entry))
        .map(|entry| serde_json::from_str(entry).unwrap())
        .collect();
    assert_eq!(new.len(), usize::from(!reads), "{}: {new:?}", operation.id);
    for entry in new {
        assert_eq!(entry["who"]["S"], format!("session:editor@{STRANGER}"), "{}", operation.id);
        assert_eq!(entry["tenant_id"]["S"], VICTIM, "{}", operation.id);
    }
}

#[tokio::test]
async fn a_viewer_of_the_platform_changes_nothing_of_anybodys() {
    let stage = Stage::set(DeploymentMode::Invpc).await;
    let viewer = stage.world.session(STRANGER, Role::Viewer, 0, 0).await;
    let before = Ledger::read(&stage.world, &stage.theirs).await;
    for (operation, known) in
        stage.operations.iter().filter(|(_, known)| known.signed_in == SignedIn::Session)
    {
        let said = named(&stage, &operation.id).unwrap();
        let status = stage.unsigned(operation, &said).session(&viewer).send().await.status;
        assert_eq!(status, if known.reads { 200 } else { 403 }, "{}", operation.id);
    }
    before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a viewer");
}

#[tokio::test]
async fn a_cursor_is_its_own_tenants_here_too() {
    let stage = Stage::set(DeploymentMode::Invpc).await;
    for (operation, known) in &stage.operations {
        if !known.places().contains_key("query:cursor") {
            continue;
        }
        let said = Said::from([("query:cursor".to_owned(), stage.victims.cursor.clone())]);
        stage.strangers(operation, known, &said).send().await.problem(400, "bad-request");
    }
}
