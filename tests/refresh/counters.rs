//! A refresh and what calls read: the fingerprint that a call starts from is another one after it.

use end_to_end::{World, soon};
use model::{
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
};
use store::MarkerReader;

use crate::setup::{license, refresh};

async fn fingerprint(world: &World, shard: u8) -> Fingerprint {
    let (tenant, name) = (TenantId::parse("tenant-a").unwrap(), ConnectorName::parse("demo-crm").unwrap());
    world.stack.boot.dynamo().read(shard, &tenant, &name, "any", soon()).await.unwrap().fingerprint
}

#[tokio::test]
async fn a_call_of_any_container_sees_each_refresh_that_holds_its_connector() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for below in ["", "/tenant-a", "/tenant-a/demo-crm"] {
        for shard in [0, 7, 15] {
            let before = fingerprint(&world, shard).await;
            refresh(&world, below, &key).await.expect(200);
            let after = fingerprint(&world, shard).await;
            assert!(after != before && after.covers(before), "{below}: {before:?} {after:?}");
        }
    }
}

#[tokio::test]
async fn a_call_of_another_connector_or_tenant_sees_none() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    let before = fingerprint(&world, 0).await;
    for below in ["/tenant-b", "/tenant-b/demo-crm", "/tenant-a/demo-crm2", "/demo-crm"] {
        refresh(&world, below, &key).await.expect(200);
    }
    assert_eq!(fingerprint(&world, 0).await, before);
}
