//! When the platform's own store fails: 503 with a time to come back, and not a word of the inside.

use boot::aws::Clients;
use end_to_end::{Reply, Variant, World};
use serde_json::json;

use crate::{
    given::{CONNECTORS, MODES, slack},
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
        let dead = Clients::local("http://127.0.0.1:1", "us-east-1");
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
async fn a_session_whose_use_can_not_be_noted_is_served_all_the_same() {
    let world = World::saas().await;
    // A session that was last used long enough ago to be noted again.
    let token = world.session("tenant-a", model::session::Role::Editor, 600, 600).await;
    User::with(&world, token).list("").await.expect(200);
}
