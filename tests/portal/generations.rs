//! A write tells every container: it raises the connector's generation in the transaction that changes the record.

use end_to_end::World;
use serde_json::json;

use crate::{
    given::{MODES, path, slack},
    stored::{audit, generation, record},
    user::User,
};

#[tokio::test]
async fn create_update_and_delete_each_raise_the_connectors_generation_by_one() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let now = || generation(&world, "tenant-a", "chat");
        assert_eq!(now().await, 0);
        user.created(&slack("chat")).await;
        assert_eq!(now().await, 1);
        user.update("chat", &json!({"description": "x"})).await.expect(200);
        assert_eq!(now().await, 2);
        user.delete("chat").await.expect(204);
        assert_eq!(now().await, 3);
        assert_eq!(generation(&world, "tenant-b", "chat").await, 0);
    }
}

#[tokio::test]
async fn what_is_refused_or_only_looked_at_raises_nothing() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    user.create(&slack("chat")).await.problem(409, "name-taken");
    user.update("chat", &json!({"timeout_ms": 1})).await.problem(422, "invalid-body");
    let stale = user.call("DELETE", &path("chat")).header("if-match", "\"9.0\"");
    stale.send().await.problem(412, "stale-version");
    user.read("chat").await.expect(200);
    user.list("").await.expect(200);
    user.test("chat").await.expect(200);
    assert_eq!(generation(&world, "tenant-a", "chat").await, 1);
}

#[tokio::test]
async fn record_audit_and_generation_are_written_together_or_not_at_all() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let before = user.created(&slack("chat")).await;
    let without_audit = world.variant(|boot| boot.settings.tables.audit = "missing-audit".into()).await;
    let without_markers =
        world.variant(|boot| boot.settings.tables.generations = "missing-markers".into()).await;
    for portal in [&without_audit, &without_markers] {
        let user = user.at(portal);
        user.create(&slack("new")).await.problem(503, "store-unavailable");
        user.update("chat", &json!({"description": "x"})).await.problem(503, "store-unavailable");
        user.delete("chat").await.problem(503, "store-unavailable");
    }
    user.at(&without_audit).test("chat").await.problem(503, "store-unavailable");
    assert_eq!(user.record("chat").await, before);
    assert_eq!(record(&world, "tenant-a", "new").await, None);
    for (name, writes) in [("chat", 1), ("new", 0)] {
        assert_eq!(generation(&world, "tenant-a", name).await, writes);
        assert_eq!(audit(&world, "tenant-a", name).await.len(), usize::try_from(writes).unwrap());
    }
}
