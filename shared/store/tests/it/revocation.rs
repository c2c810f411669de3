//! Revoked licenses: one item each, and what a call reads of it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use store::{LicenseWriter, MarkerReader, Revocation, RevocationReader, StoreError, Write};

use crate::support::{CANARY, World, name, soon, tenant};

fn revocation(jti: &str) -> Revocation {
    let at = |second| Some(Timestamp::from_second(second).unwrap());
    let (by, reason) = (Some("operator".to_owned()), Some("lost laptop".to_owned()));
    Revocation { jti: jti.to_owned(), revoked_at: at(1_783_711_145), by, reason, until: at(1_799_999_999) }
}

async fn all(world: &World) -> Vec<Revocation> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.revocations(after.as_deref(), soon()).await.unwrap();
        found.extend(page.revocations);
        after = page.next;
        if after.is_none() {
            found.sort_by(|a, b| a.jti.cmp(&b.jti));
            return found;
        }
    }
}

#[tokio::test]
async fn the_next_call_sees_a_revocation() {
    let world = World::new().await;
    let revoked = async |jti: &str| {
        let markers = world.store.read(0, &tenant("tenant-a"), &name("crm"), jti, soon()).await;
        markers.unwrap().license_revoked
    };
    assert!(!revoked("license-1").await);
    assert_eq!(world.store.revoke(&revocation("license-1"), soon()).await, Ok(Write::Stored));
    assert!(revoked("license-1").await && !revoked("license-2").await);
}

#[tokio::test]
async fn revoking_again_changes_nothing() {
    let world = World::new().await;
    let first = revocation("license-1");
    world.store.revoke(&first, soon()).await.unwrap();
    let again = Revocation { by: Some("somebody else".into()), reason: None, ..first.clone() };
    assert_eq!(world.store.revoke(&again, soon()).await, Ok(Write::Refused));
    assert_eq!(world.store.revocation("license-1", soon()).await, Ok(Some(first)));
    assert_eq!(world.store.revocation("license-2", soon()).await, Ok(None));
}

#[tokio::test]
async fn an_item_put_by_hand_is_listed_like_any_other() {
    let world = World::new().await;
    let put = world.raw.put_item().table_name(&world.names.licenses);
    put.item("jti", AttributeValue::S("by-hand".into())).send().await.unwrap();
    world.store.revoke(&revocation("license-1"), soon()).await.unwrap();
    let bare = Revocation { jti: "by-hand".into(), revoked_at: None, by: None, reason: None, until: None };
    assert_eq!(all(&world).await, [bare, revocation("license-1")]);
}

#[tokio::test]
async fn the_list_goes_on_past_what_one_answer_holds() {
    let world = World::new().await;
    let jtis: Vec<String> = (0..8).map(|number| format!("license-{number}")).collect();
    for jti in &jtis {
        let reason = Some("x".repeat(200_000));
        world.store.revoke(&Revocation { reason, ..revocation(jti) }, soon()).await.unwrap();
    }
    world.wire.script(&[]);
    let found: Vec<String> = all(&world).await.into_iter().map(|revocation| revocation.jti).collect();
    assert_eq!(found, jtis);
    assert!(world.wire.sent().len() > 1, "one answer held everything: the items are too small for this test");
}

#[tokio::test]
async fn an_item_that_can_not_be_read_is_a_fault_that_quotes_nothing() {
    let world = World::new().await;
    let put = world.raw.put_item().table_name(&world.names.licenses);
    let put = put.item("jti", AttributeValue::S("one".into()));
    put.item("revoked_at", AttributeValue::S(CANARY.into())).send().await.unwrap();
    for error in [
        world.store.revocation("one", soon()).await.unwrap_err(),
        world.store.revocations(None, soon()).await.unwrap_err(),
    ] {
        assert_eq!(error, StoreError::Fault("unreadable revocation".into()));
    }
}
