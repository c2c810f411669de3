//! What every agent call reads first.

use aws_sdk_dynamodb::types::AttributeValue;
use model::generation::Fingerprint;
use store::{ConnectorWriter, MarkerReader, Markers};

use crate::support::{World, actor, bare, changed, name, soon, tenant};

async fn set(world: &World, scope: &str, counter: u64) {
    let put = world.raw.put_item().table_name(&world.names.generations);
    let put =
        put.item("scope", AttributeValue::S(scope.into())).item("g", AttributeValue::N(counter.to_string()));
    put.send().await.unwrap();
}

async fn revoke(world: &World, jti: &str) {
    let put =
        world.raw.put_item().table_name(&world.names.licenses).item("jti", AttributeValue::S(jti.into()));
    put.send().await.unwrap();
}

async fn read(world: &World, shard: u8, jti: &str) -> Markers {
    world.store.read(shard, &tenant("tenant-a"), &name("crm"), jti, soon()).await.unwrap()
}

#[tokio::test]
async fn what_was_never_written_stands_at_zero() {
    let world = World::new().await;
    assert_eq!(read(&world, 3, "license-1").await, Markers::default());
}

#[tokio::test]
async fn counters_and_revocation_are_read_together() {
    let world = World::new().await;
    let largest = u64::MAX;
    for (scope, counter) in [
        ("platform#03", 5),
        ("platform#04", 50),
        ("tenant#tenant-a", 7),
        ("tenant#tenant-b", 70),
        ("tenant#tenant-a#crm", largest),
        ("tenant#tenant-a#erp", 90),
    ] {
        set(&world, scope, counter).await;
    }
    revoke(&world, "license-1").await;
    world.wire.script(&[]);
    let fingerprint = Fingerprint { platform: 5, tenant: 7, connector: largest };
    assert_eq!(read(&world, 3, "license-1").await, Markers { fingerprint, license_revoked: true });
    assert_eq!(world.wire.sent().len(), 1);
    let other = Fingerprint { platform: 50, ..fingerprint };
    assert_eq!(read(&world, 4, "license-2").await, Markers { fingerprint: other, license_revoked: false });
}

#[tokio::test]
async fn a_portal_write_moves_its_connectors_counter_and_no_other() {
    let world = World::new().await;
    let record = world.create(bare("tenant-a", "crm")).await;
    world.create(bare("tenant-a", "erp")).await;
    world.create(bare("tenant-b", "crm")).await;
    assert_eq!(
        read(&world, 0, "x").await.fingerprint,
        Fingerprint { connector: 1, ..Fingerprint::default() }
    );
    let after = changed(&record, |record| record.enabled = false);
    world.store.update(&record, &after, &actor(), soon()).await.unwrap();
    assert_eq!(read(&world, 0, "x").await.fingerprint.connector, 2);
    world.store.delete(&after, &actor(), soon()).await.unwrap();
    assert_eq!(
        read(&world, 0, "x").await.fingerprint,
        Fingerprint { connector: 3, ..Fingerprint::default() }
    );
}

#[tokio::test]
async fn a_counter_that_is_no_number_is_a_fault_and_not_zero() {
    let world = World::new().await;
    let put = world.raw.put_item().table_name(&world.names.generations);
    let put =
        put.item("scope", AttributeValue::S("tenant#tenant-a".into())).item("g", AttributeValue::Bool(true));
    put.send().await.unwrap();
    let outcome = world.store.read(0, &tenant("tenant-a"), &name("crm"), "x", soon()).await;
    assert!(matches!(outcome, Err(store::StoreError::Fault(_))), "{outcome:?}");
}
