//! What a call costs in the store.

use serde_json::json;

use crate::support::World;

#[tokio::test]
async fn a_warm_query_costs_one_round_trip_and_a_warm_execute_two_before_the_upstream() {
    let world = World::new().await;
    world.query().await.unwrap();
    assert_eq!(world.stores.asked(), ["markers", "record", "describe", "value"]);
    for _ in 0..10 {
        assert_eq!(world.query().await.unwrap().log.cache, "hit");
        assert_eq!(world.stores.asked(), ["markers"]);
    }
    world.execute().await.unwrap();
    assert_eq!(world.stores.asked(), ["markers", "append", "conclude"]);
}

#[tokio::test]
async fn a_change_is_loaded_once_by_the_next_call_and_is_warm_again_after_it() {
    let world = World::new().await;
    world.query().await.unwrap();
    world.stores.write(world.record(&json!({"description": "changed"})));
    world.stores.asked();
    assert_eq!(world.query().await.unwrap().log.cache, "loaded");
    assert_eq!(world.stores.asked(), ["markers", "record", "describe", "value"]);
    assert_eq!(world.query().await.unwrap().log.cache, "hit");
}
