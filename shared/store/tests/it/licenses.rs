//! Whether a license was revoked.

use aws_sdk_dynamodb::types::AttributeValue;
use store::LicenseReader;

use crate::support::{World, soon};

#[tokio::test]
async fn only_a_license_that_has_an_item_is_revoked() {
    let world = World::new().await;
    let put = world.raw.put_item().table_name(&world.names.licenses);
    put.item("jti", AttributeValue::S("license-1".into())).send().await.unwrap();
    for (jti, revoked) in
        [("license-1", true), ("license-2", false), ("license-", false), ("LICENSE-1", false)]
    {
        assert_eq!(world.store.revoked(jti, soon()).await, Ok(revoked), "{jti}");
    }
}

#[tokio::test]
async fn a_revocation_is_read_as_of_now_and_in_one_request() {
    let world = World::new().await;
    world.wire.script(&[]);
    world.store.revoked(&"j".repeat(255), soon()).await.unwrap();
    let sent = world.wire.sent();
    assert_eq!((sent.len(), sent[0].operation.as_str()), (1, "GetItem"));
    assert_eq!(sent[0].body["ConsistentRead"], true);
    assert_eq!(sent[0].body["TableName"], world.names.licenses);
}
