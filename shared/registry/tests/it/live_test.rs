//! A live test: every stage from the settings to the upstream, and the first that fails.

use connectors::Stage;
use registry::{LiveTest, Tested};
use serde_json::{Value, json};

use crate::support::World;

async fn tested(world: &World, more: &Value) -> Tested {
    let test = LiveTest { loader: world.loader.clone(), clock: world.clock.clone() };
    test.run(world.record(more), None, world.deadline()).await
}

fn stages(tested: &Tested) -> Vec<Stage> {
    tested.passed.iter().map(|passed| passed.stage).collect()
}

#[tokio::test]
async fn a_connector_that_works_passes_every_stage_in_order() {
    let world = World::new().await;
    let tested = tested(&world, &json!({})).await;
    assert!(tested.failed.is_none(), "{tested:?}");
    let stages = stages(&tested);
    assert_eq!(
        (stages[0], stages[1], *stages.last().unwrap()),
        (Stage::Configuration, Stage::Secret, Stage::Call)
    );
    assert_eq!(world.upstream.seen(), 1);
}

#[tokio::test]
async fn the_first_stage_that_fails_is_named_and_nothing_is_asked_behind_it() {
    let world = World::new().await;
    world.stores.fail("describe");
    let without_secret = tested(&world, &json!({})).await;
    assert_eq!(stages(&without_secret), [Stage::Configuration]);
    assert_eq!(without_secret.failed.unwrap().0, Stage::Secret);
    assert_eq!(world.upstream.seen(), 0);

    world.stores.mend();
    *world.upstream.accepted.lock().unwrap() = "second".into();
    let refused = tested(&world, &json!({})).await;
    assert_eq!(refused.failed.unwrap().0, Stage::Authenticate);
}
