//! Every mutation leaves exactly one entry: who, what, before and after, masked.

use end_to_end::{SetClock, World};
use serde_json::{Value, json};

use crate::{
    given::{ARN, MASKED, MODES, slack, snowflake},
    stored,
    user::User,
};

#[tokio::test]
async fn each_mutation_has_one_entry_with_what_was_before_and_after() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let create = user.create(&snowflake()).await.expect(201);
        let update = user.update("finance-snowflake", &json!({"enabled": true})).await.expect(200);
        let delete = user.delete("finance-snowflake").await.expect(204);
        let entries = stored::audit(&world, "tenant-a", "finance-snowflake").await;
        let (created, updated) = (create.json(), update.json());
        let expected = [
            ("connector_create", "created", &create, Value::Null, created.clone()),
            ("connector_update", "updated", &update, created, updated.clone()),
            ("connector_delete", "deleted", &delete, updated, Value::Null),
        ];
        assert_eq!(entries.len(), expected.len());
        // Keys are in the order of time, but two entries of one millisecond are in no order.
        for (action, result, reply, before, after) in expected {
            let entry = entries.iter().find(|entry| entry.action == action).unwrap();
            assert_eq!((entry.who.as_str(), entry.result.as_str()), ("session:editor@tenant-a", result));
            assert_eq!(entry.request_id, reply.header("x-request-id"));
            assert_eq!((&entry.before, &entry.after), (&before, &after));
        }
    }
}

#[tokio::test]
async fn keys_of_entries_are_in_the_order_of_time() {
    let world = World::saas().await;
    let clock = SetClock::now();
    let portal = world.variant(|boot| boot.clock = clock.clone()).await;
    let user = User::of(&world, "tenant-a").at(&portal);
    user.created(&slack("chat")).await;
    for _ in 0..5 {
        clock.advance(1);
        user.update("chat", &json!({})).await.expect(200);
    }
    let entries = stored::audit(&world, "tenant-a", "chat").await;
    let versions: Vec<_> = entries.iter().map(|entry| entry.after["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn no_entry_holds_an_unmasked_arn() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&snowflake()).await;
    let other = ARN.replace("finance", "treasury");
    user.update("finance-snowflake", &json!({"credentials_secret_arn": other})).await.expect(200);
    user.test("finance-snowflake").await.expect(200);
    user.delete("finance-snowflake").await.expect(204);
    for tenant in ["tenant-a", "tenant-b"] {
        let items = stored::audit_items(&world, tenant).await;
        assert!(!items.is_empty());
        for item in items {
            let text = item.to_string();
            let (arns, masked) = (text.matches(":secret:").count(), text.matches("...masked").count());
            assert_eq!(arns, masked, "{text}");
        }
    }
    let entries = stored::audit(&world, "tenant-a", "finance-snowflake").await;
    assert_eq!(entries.iter().filter(|entry| entry.after["credentials_secret_arn"] == MASKED).count(), 2);
}

#[tokio::test]
async fn what_was_refused_is_no_mutation() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    user.create(&slack("chat")).await.problem(409, "name-taken");
    user.update("chat", &json!({"timeout_ms": 1})).await.problem(422, "invalid-body");
    User::of(&world, "tenant-b").delete("chat").await.problem(404, "connector-not-found");
    assert_eq!(stored::audit(&world, "tenant-a", "chat").await.len(), 1);
    assert!(stored::audit(&world, "tenant-b", "chat").await.is_empty());
}
