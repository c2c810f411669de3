//! Sessions that are none, and roles: what each operation of the portal does for them.

use end_to_end::{Call, World};
use model::{
    rules::DeploymentMode,
    session::{ABSOLUTE_SECONDS, IDLE_SECONDS, Role, SessionToken},
};
use serde_json::json;

use crate::{
    alike::told,
    document::Operation,
    known::{Known, SignedIn},
    ledger::{Ledger, scan},
    requests::Said,
    stage::Stage,
    target::{STRANGER, Target},
};

fn of_the_portal(stage: &Stage) -> Vec<(&Operation, &'static Known)> {
    let with_session = stage.operations.iter().filter(|(_, known)| known.signed_in == SignedIn::Session);
    let operations: Vec<_> = with_session.map(|(operation, known)| (operation, *known)).collect();
    assert_eq!(operations.len(), 6);
    operations
}

fn named(operation: &Operation, target: &Target) -> Said {
    let place = "path:connectorName".to_owned();
    operation.places.contains(&place).then(|| (place, target.connector.to_owned())).into_iter().collect()
}

/// Sessions that are none, each with why.
async fn worthless(world: &World) -> Vec<(&'static str, String)> {
    let good = world.session(STRANGER, Role::Editor, 0, 0).await;
    let deleted = world.session(STRANGER, Role::Editor, 0, 0).await;
    let hash = |token: &str| SessionToken::from_cookie(token).hash().as_str().to_owned();
    let key = json!({"token_hash": {"S": hash(&deleted)}});
    world.dynamo("DeleteItem", &json!({"TableName": "sessions", "Key": key})).await;
    let altered: String = good.chars().rev().collect();
    vec![
        ("none", String::new()),
        ("unknown", "open sesame".to_owned()),
        ("idle for too long", world.session(STRANGER, Role::Editor, IDLE_SECONDS + 1, IDLE_SECONDS).await),
        ("of yesterday", world.session(STRANGER, Role::Editor, ABSOLUTE_SECONDS, 0).await),
        ("altered", altered),
        ("cut", good[..good.len() - 1].to_owned()),
        ("the stored hash", hash(&good)),
        ("ended", deleted),
    ]
}

#[tokio::test]
async fn a_session_that_is_none_opens_no_operation_and_tells_nothing() {
    for mode in [DeploymentMode::Saas, DeploymentMode::Invpc] {
        let stage = Stage::set(mode).await;
        let worthless = worthless(&stage.world).await;
        let before = Ledger::read(&stage.world, &stage.theirs).await;
        let own = scan(&stage.world, "connectors").await;
        for (why, token) in worthless {
            let mut answers = Vec::new();
            for (operation, _) in of_the_portal(&stage) {
                for target in [&stage.victims, &stage.nobodys] {
                    stage.settle();
                    let reply =
                        stage.unsigned(operation, &named(operation, target)).session(&token).send().await;
                    assert_eq!(reply.status, 401, "{why}: {}: {}", operation.id, reply.text);
                    stage.overheard(why);
                    answers.push(told(&reply, target));
                }
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{why}: {answers:?}");
        }
        before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a session that is none");
        assert_eq!(own, scan(&stage.world, "connectors").await);
    }
}

#[tokio::test]
async fn a_viewer_reads_what_is_its_own_and_learns_nothing_by_trying_to_write() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    let token = stage.world.session(STRANGER, Role::Viewer, 0, 0).await;
    let before = Ledger::read(&stage.world, &stage.theirs).await;
    let own = scan(&stage.world, "connectors").await;
    for (operation, known) in of_the_portal(&stage) {
        let send = async |said: Said| -> end_to_end::Reply {
            let call: Call = stage.unsigned(operation, &said).session(&token);
            call.send().await
        };
        let reply = send(Said::new()).await;
        if known.reads {
            assert_eq!(reply.status, 200, "{}: {}", operation.id, reply.text);
            continue;
        }
        reply.problem(403, "viewer");
        for target in [&stage.victims, &stage.nobodys] {
            let other = send(named(operation, target)).await;
            assert_eq!(told(&reply, target), told(&other, target), "{}", operation.id);
        }
    }
    before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a viewer");
    assert_eq!(own, scan(&stage.world, "connectors").await);
}
