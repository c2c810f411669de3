//! What a read costs: one request, and a strongly consistent one wherever that can be had.

use serde_json::Value;
use store::{ConnectorReader, Filter, MarkerReader, NameDirectory, SessionStore};

use crate::{
    support::{View, World, bare, name, soon, tenant},
    wire::Sent,
};

async fn only(world: &World, read: impl AsyncFnOnce(&World)) -> Sent {
    world.wire.script(&[]);
    read(world).await;
    let sent = world.wire.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent[0].clone()
}

#[tokio::test]
async fn a_record_is_one_consistent_read() {
    let world = World::new().await;
    let record = world.create(bare("tenant-a", "crm")).await;
    let sent = only(&world, async |world| {
        world.store.get(&record.tenant_id, &record.connector_name, soon()).await.unwrap().unwrap();
    })
    .await;
    assert_eq!((sent.operation.as_str(), &sent.body["ConsistentRead"]), ("GetItem", &Value::Bool(true)));
}

#[tokio::test]
async fn a_session_is_one_consistent_read() {
    let world = World::new().await;
    let token = model::session::SessionToken::from_cookie("none").hash();
    let sent = only(&world, async |world| {
        world.store.find(&token, soon()).await.unwrap();
    })
    .await;
    assert_eq!((sent.operation.as_str(), &sent.body["ConsistentRead"]), ("GetItem", &Value::Bool(true)));
}

#[tokio::test]
async fn all_markers_are_one_consistent_read() {
    let world = World::new().await;
    let sent = only(&world, async |world| {
        world.store.read(0, &tenant("tenant-a"), &name("crm"), "license", soon()).await.unwrap();
    })
    .await;
    assert_eq!(sent.operation, "BatchGetItem");
    for (table, keys) in [(&world.names.generations, 3), (&world.names.licenses, 1)] {
        let wanted = &sent.body["RequestItems"][table];
        assert_eq!(wanted["ConsistentRead"], true, "{table}");
        assert_eq!(wanted["Keys"].as_array().map(Vec::len), Some(keys), "{table}");
    }
}

#[tokio::test]
async fn a_page_is_one_read_and_a_tenants_own_is_consistent() {
    let world = World::new().await;
    world.create(bare("tenant-a", "crm")).await;
    let enabled = Filter { enabled: Some(true), ..Filter::default() };
    for (view, consistent) in
        [(View::Tenant(tenant("tenant-a")), Value::Bool(true)), (View::Platform, Value::Null)]
    {
        for (filter, limit) in [(Filter::default(), Value::from(7)), (enabled.clone(), Value::Null)] {
            let sent = only(&world, async |world| {
                world.page(&view, &filter, None, 7).await.unwrap();
            })
            .await;
            assert_eq!(sent.operation, "Query");
            assert_eq!(
                (&sent.body["ConsistentRead"], &sent.body["Limit"]),
                (&consistent, &limit),
                "{view:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_owners_of_a_name_are_one_read() {
    let world = World::new().await;
    world.create(bare("tenant-a", "crm")).await;
    let sent = only(&world, async |world| {
        world.store.tenants_with(&name("crm"), soon()).await.unwrap();
    })
    .await;
    assert_eq!((sent.operation.as_str(), &sent.body["IndexName"]), ("Query", &Value::from("by_name")));
}
