//! Callers that go away.

use std::{future::Future, pin::pin, sync::Arc, task::Poll, time::Duration};

use crate::support::{World, query};

#[tokio::test]
async fn a_query_dropped_at_any_await_point_leaves_nothing_stuck() {
    let world = World::new().await;
    for polls in 1..200 {
        // A new generation: each round loads.
        world.stores.write(world.record(&serde_json::json!({})));
        let (runtime, clock) = (Arc::clone(&world.runtime), Arc::clone(&world.clock));
        let ended = {
            let mut call = pin!(query(&runtime, &clock));
            let mut ended = false;
            for _ in 0..polls {
                ended = std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready())).await;
                if ended {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            ended
        };
        let next = tokio::time::timeout(Duration::from_secs(10), world.query()).await;
        next.unwrap_or_else(|_| panic!("stuck after a drop at poll {polls}")).unwrap();
        if ended {
            assert!(polls > 8, "the call was never really interrupted");
            return;
        }
    }
    panic!("the call never ended");
}
