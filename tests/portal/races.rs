//! Many at once: no update is lost, no name is given twice.

use std::collections::BTreeSet;

use end_to_end::{Call, Reply, World, soon};
use model::{audit::Actor, record::ConnectorRecord};
use serde_json::{Value, json};
use store::{ConnectorWriter, Write};
use tokio::task::JoinSet;

use crate::{
    given::{CONNECTORS, MODES, path, slack, with},
    stored,
    user::User,
};

/// Runs all at once and gives their answers.
async fn at_once(calls: impl Iterator<Item = Call>) -> Vec<Reply> {
    calls.map(Call::send).collect::<JoinSet<_>>().join_all().await
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_updates_at_once_are_all_stored() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let put = |n: u32| {
        user.call("PUT", &path("chat"))
            .json(&json!({"description": format!("by {n}"), "timeout_ms": 1_000 + n}))
    };
    let replies = at_once((1..=100).map(put)).await;
    for reply in &replies {
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let versions: BTreeSet<u64> =
        replies.iter().map(|reply| reply.json()["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (2..=101).collect());
    assert_eq!(user.record("chat").await["version"], 101);
    assert_eq!(stored::generation(&world, "tenant-a", "chat").await, 101);

    // The audit tells the story without a gap: each entry begins where another ended, and each writer is in it.
    let mut entries = stored::audit(&world, "tenant-a", "chat").await;
    entries.sort_by_key(|entry| entry.after["version"].as_u64());
    assert_eq!(entries.len(), 101);
    for (version, pair) in (2_u64..).zip(entries.windows(2)) {
        assert_eq!(pair[1].after["version"], version);
        assert_eq!(pair[1].before, pair[0].after);
        assert_eq!(
            pair[1].after["description"],
            format!("by {}", pair[1].after["timeout_ms"].as_u64().unwrap() - 1_000)
        );
    }
    let writers: BTreeSet<_> = entries.iter().map(|entry| entry.after["description"].to_string()).collect();
    assert_eq!(writers.len(), 101);
    assert_eq!(user.record("chat").await, entries[100].after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_of_different_fields_at_once_are_all_in_the_record() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let changes = [
        ("display_name", json!("Chat")),
        ("description", json!("text")),
        ("connection_url", json!("https://slack.com")),
        ("options", json!({"a": 1})),
        ("timeout_ms", json!(1_234)),
        ("max_retries", json!(7)),
        ("enabled", json!(false)),
    ];
    let put = |(field, value): &(&str, Value)| user.call("PUT", &path("chat")).json(&json!({*field: value}));
    let replies = at_once(changes.iter().map(put)).await;
    assert_eq!(count(&replies, 200), changes.len());
    let record = user.record("chat").await;
    for (field, value) in changes {
        assert_eq!(record[field], value);
    }
    assert_eq!(record["version"], 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_creations_of_one_name_one_wins() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let post = |n: u32| user.call("POST", CONNECTORS).json(&with(slack("chat"), "timeout_ms", 1_000 + n));
        let replies = at_once((0..50).map(post)).await;
        assert_eq!((count(&replies, 201), count(&replies, 409)), (1, 49));
        let winner = replies.iter().find(|reply| reply.status == 201).unwrap().json();
        assert_eq!(user.record("chat").await, winner);
        assert_eq!(stored::audit(&world, "tenant-a", "chat").await.len(), 1);
        assert_eq!(stored::generation(&world, "tenant-a", "chat").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_writers_with_the_same_tag_one_wins() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let tag = user.create(&slack("chat")).await.header("etag").to_owned();
    let put = |n: u32| {
        user.call("PUT", &path("chat")).header("if-match", &tag).json(&json!({"timeout_ms": 1_000 + n}))
    };
    let replies = at_once((0..20).map(put)).await;
    assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 19));
    let winner = replies.iter().find(|reply| reply.status == 200).unwrap().json();
    assert_eq!(user.record("chat").await, winner);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_and_tests_at_once_keep_each_other() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let calls = (0..20).flat_map(|n: u32| {
        let put = user.call("PUT", &path("chat")).json(&json!({"timeout_ms": 1_000 + n}));
        [put, user.call("POST", &path("chat/test"))]
    });
    let replies = at_once(calls).await;
    assert_eq!(count(&replies, 200), 40);
    let reply = user.read("chat").await;
    assert_eq!(reply.header("etag"), "\"21.20\"");
    assert_eq!(reply.json()["health_status"], "healthy");
}

#[tokio::test]
async fn a_test_that_ends_between_the_read_and_the_write_of_an_update_keeps_its_result() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let read = stored::record(&world, "tenant-a", "chat").await.unwrap();
    user.test("chat").await.expect(200);
    let written = ConnectorRecord { timeout_ms: 1_234, version: 2, ..read.clone() };
    let actor = Actor { who: "test".to_owned(), request_id: "test".to_owned() };
    let write = world.stack.boot.dynamo().update(&read, &written, &actor, soon()).await;
    assert_eq!(write.unwrap(), Write::Stored);
    let reply = user.read("chat").await;
    assert_eq!((reply.header("etag"), &reply.json()["health_status"]), ("\"2.1\"", &json!("healthy")));
    assert_eq!(reply.json()["timeout_ms"], 1_234);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_deletions_one_finds_the_connector() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let mut calls: Vec<_> = (0..10).map(|_| user.call("DELETE", &path("chat"))).collect();
    calls.extend((0..10).map(|n| user.call("PUT", &path("chat")).json(&json!({"timeout_ms": 1_000 + n}))));
    let replies = at_once(calls.into_iter()).await;
    assert_eq!(count(&replies, 204), 1);
    assert_eq!(count(&replies, 204) + count(&replies, 200) + count(&replies, 404), 20);
    user.read("chat").await.problem(404, "connector-not-found");
    let deletions = stored::audit(&world, "tenant-a", "chat").await;
    assert_eq!(deletions.iter().filter(|entry| entry.action == "connector_delete").count(), 1);
}
