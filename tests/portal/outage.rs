//! When the platform's own store fails: 503 with a time to come back, and not a word of the inside.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use boot::aws::Clients;
use end_to_end::{Fault, Loss, Reply, Variant, World};
use model::session::Role;
use serde_json::json;

use crate::{
    given::{CONNECTORS, MODES, slack},
    stored,
    user::User,
};

/// Every route of the portal.
async fn every_route(user: &User) -> Vec<Reply> {
    let mut replies = vec![
        user.list("").await,
        user.list("?connector_type=slack&limit=5").await,
        user.call("POST", CONNECTORS).json(&slack("new")).send().await,
    ];
    for (_, call) in user.by_name("demo-crm", "") {
        replies.push(call.send().await);
    }
    replies
}

fn expect_unavailable(replies: &[Reply]) {
    for reply in replies {
        reply.problem(503, "store-unavailable");
        assert_eq!(reply.header("retry-after"), "1");
        let text = reply.text.to_lowercase();
        for inside in [
            "dynamo",
            "127.0.0.1",
            "missing-",
            "resourcenotfound",
            "getitem",
            "query:",
            "transact",
            "connect:",
        ] {
            assert!(!text.contains(inside), "{inside}: {text}");
        }
    }
}

#[tokio::test]
async fn a_store_that_can_not_be_reached_is_503_on_every_route() {
    for mode in MODES {
        let world = World::start(mode).await;
        let dead = Clients::local("http://127.0.0.1:1", "us-east-1").unwrap();
        let portal = world.variant(|boot| boot.clients = dead).await;
        expect_unavailable(&every_route(&User::of(&world, "tenant-a").at(&portal)).await);
    }
}

async fn without_records(world: &World) -> Variant {
    world.variant(|boot| boot.settings.tables.connectors = "missing-connectors".into()).await
}

#[tokio::test]
async fn a_store_that_fails_behind_a_good_session_is_503_on_every_route() {
    for mode in MODES {
        let world = World::start(mode).await;
        let portal = without_records(&world).await;
        expect_unavailable(&every_route(&User::of(&world, "tenant-a").at(&portal)).await);
    }
}

#[tokio::test]
async fn what_needs_no_store_is_answered_without_it() {
    let world = World::saas().await;
    let portal = without_records(&world).await;
    let user = User::of(&world, "tenant-a").at(&portal);
    user.create(&json!({})).await.problem(422, "invalid-body");
    user.list("?limit=0").await.problem(400, "bad-request");
    user.call("GET", "/nowhere").send().await.problem(404, "no-such-path");
    user.call("PATCH", CONNECTORS).send().await.problem(405, "wrong-method");
}

#[tokio::test]
async fn a_store_that_throttles_or_forbids_is_503_too() {
    for kind in ["ProvisionedThroughputExceededException", "AccessDeniedException", "InternalServerError"] {
        let world = World::saas().await;
        let portal = world.faulty(move |_| Fault::refused(kind)).await;
        expect_unavailable(&every_route(&User::of(&world, "tenant-a").at(&portal)).await);
    }
}

#[tokio::test]
async fn a_session_whose_use_can_not_be_noted_is_served_all_the_same() {
    let world = World::saas().await;
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let portal = world
        .faulty(move |operation| match operation {
            "UpdateItem" => {
                count.fetch_add(1, Ordering::Relaxed);
                Fault::refused("AccessDeniedException")
            }
            _ => Fault::None,
        })
        .await;
    // Last used long enough ago to be noted again.
    let token = world.session("tenant-a", Role::Editor, 600, 600).await;
    User::with(&world, token).at(&portal).list("").await.expect(200);
    assert_eq!(refused.load(Ordering::Relaxed), 1);
}

/// A portal whose first transaction meets a fault.
async fn first_transaction(world: &World, fault: fn() -> Fault) -> Variant {
    let first = AtomicBool::new(true);
    let judge = move |operation: &str| match operation {
        "TransactWriteItems" if first.swap(false, Ordering::Relaxed) => fault(),
        _ => Fault::None,
    };
    world.faulty(judge).await
}

fn answer_lost() -> Fault {
    Fault::AnswerLost(Loss::ServerError)
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_done_again() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.at(&first_transaction(&world, Fault::conflict).await).created(&slack("chat")).await;
    let updating = first_transaction(&world, Fault::conflict).await;
    user.at(&updating).update("chat", &json!({"description": "x"})).await.expect(200);
    user.at(&first_transaction(&world, Fault::conflict).await).test("chat").await.expect(200);
    assert_eq!(user.read("chat").await.header("etag"), "\"2.1\"");
    user.at(&first_transaction(&world, Fault::conflict).await).delete("chat").await.expect(204);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_takes_effect_once_and_is_no_conflict_with_itself() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.at(&first_transaction(&world, answer_lost).await).created(&slack("chat")).await;
    let updating = first_transaction(&world, answer_lost).await;
    let reply = user.at(&updating).update("chat", &json!({"description": "x"})).await.expect(200);
    assert_eq!(reply.header("etag"), "\"2.0\"");
    user.at(&first_transaction(&world, answer_lost).await).test("chat").await.expect(200);
    assert_eq!(user.read("chat").await.header("etag"), "\"2.1\"");
    user.at(&first_transaction(&world, answer_lost).await).delete("chat").await.expect(204);
    assert_eq!(stored::audit(&world, "tenant-a", "chat").await.len(), 4);
    assert_eq!(stored::generation(&world, "tenant-a", "chat").await, 3);
}
