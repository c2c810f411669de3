//! A look at a connector's health: what is wrong with its secret or its upstream is found, what is wrong with the store
//! is an error.

use connectors::Stage;
use registry::CallError;
use store::SecretOwner;

use crate::support::World;

#[tokio::test]
async fn a_connector_that_works_has_passed_the_stages_of_its_upstream() {
    let world = World::new().await;
    let report = world.health().await.unwrap();
    assert!(report.failed.is_none(), "{report:?}");
    assert_eq!(report.passed.last().unwrap().stage, Stage::Call);
    assert_eq!(world.upstream.seen(), 1);
}

#[tokio::test]
async fn a_secret_that_can_not_be_had_is_found_at_its_stage() {
    let world = World::new().await;
    world.stores.fail("describe");
    let report = world.health().await.unwrap();
    assert_eq!(report.failed.unwrap().0, Stage::Secret);
    assert_eq!(world.upstream.seen(), 0);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_finding() {
    let world = World::new().await;
    world.stores.fail("record");
    assert!(matches!(world.health().await, Err(CallError::Load(_))));
}

#[tokio::test]
async fn a_rotated_secret_heals_within_the_look_and_a_fresh_one_that_is_unusable_is_found() {
    let world = World::new().await;
    world.health().await.unwrap();
    *world.stores.secret.lock().unwrap() = r#"{"token":"second"}"#.into();
    *world.upstream.accepted.lock().unwrap() = "second".into();
    let healed = world.health().await.unwrap();
    assert!(healed.failed.is_none(), "{healed:?}");
    assert_eq!(healed.passed.last().unwrap().stage, Stage::Call);

    *world.upstream.accepted.lock().unwrap() = "third".into();
    *world.stores.owner.lock().unwrap() = SecretOwner::Tagged("tenant-b".into());
    world.clock.advance(std::time::Duration::from_secs(2), std::time::Duration::from_secs(2));
    let report = world.health().await.unwrap();
    assert_eq!(report.failed.unwrap().0, Stage::Secret);
}

#[tokio::test]
async fn a_store_that_fails_while_a_rotation_is_looked_after_is_an_error() {
    let world = World::new().await;
    world.health().await.unwrap();
    *world.upstream.accepted.lock().unwrap() = "second".into();
    world.stores.fail("record");
    assert!(world.health().await.is_err());
}
