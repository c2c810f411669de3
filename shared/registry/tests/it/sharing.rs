//! Many calls at once.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::support::{World, query};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_concurrent_misses_are_one_load() {
    let world = World::new().await;
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let (runtime, clock) = (Arc::clone(&world.runtime), Arc::clone(&world.clock));
        calls.spawn(async move { query(&runtime, &clock).await.unwrap().rows.items().len() });
    }
    assert_eq!(calls.join_all().await, vec![1; 1000]);
    let asked = world.stores.asked();
    let count = |operation: &str| asked.iter().filter(|asked| **asked == operation).count();
    assert_eq!((count("markers"), count("record"), count("value")), (1000, 1, 1));
    assert_eq!(world.upstream.seen(), 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_with_refused_credentials_read_the_secret_again_once() {
    let world = World::new().await;
    world.query().await.unwrap();
    *world.upstream.accepted.lock().unwrap() = "second".into();
    *world.stores.secret.lock().unwrap() = r#"{"token":"second"}"#.into();
    world.stores.asked();
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let (runtime, clock) = (Arc::clone(&world.runtime), Arc::clone(&world.clock));
        calls.spawn(async move { query(&runtime, &clock).await.unwrap().rows.items().len() });
    }
    assert_eq!(calls.join_all().await, vec![1; 1000]);
    let asked = world.stores.asked();
    assert_eq!(asked.iter().filter(|asked| **asked == "value").count(), 1);
}
