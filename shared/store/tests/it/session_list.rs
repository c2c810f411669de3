//! Sessions as an operator sees and ends them.

use aws_sdk_dynamodb::types::AttributeValue;
use model::{
    entropy::SystemEntropy,
    session::{Role, Session, SessionToken},
};
use store::{SessionDirectory, SessionFilter, SessionStore, SessionWriter, StoreError};

use crate::support::{CANARY, World, soon, tenant};

async fn sign_in(world: &World, of: &str, user: &str) -> Session {
    let token_hash = SessionToken::generate(&SystemEntropy).hash();
    let (tenant_id, user) = (tenant(of), user.to_owned());
    let session =
        Session { token_hash, tenant_id, user, role: Role::Viewer, created_at: 1_000, last_seen_at: 2_000 };
    world.store.put(&session, soon()).await.unwrap();
    session
}

async fn all(world: &World, filter: &SessionFilter) -> Vec<Session> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.list(filter, after.as_ref(), soon()).await.unwrap();
        found.extend(page.sessions);
        after = page.next;
        if after.is_none() {
            found.sort_by(|a, b| a.token_hash.as_str().cmp(b.token_hash.as_str()));
            return found;
        }
    }
}

fn json(sessions: &[Session]) -> serde_json::Value {
    serde_json::to_value(sessions).unwrap()
}

#[tokio::test]
async fn filters_admit_what_they_name_and_whole_sessions_are_shown() {
    let world = World::new().await;
    for (of, user) in [("tenant-a", "ann"), ("tenant-a", "bob"), ("tenant-b", "ann"), ("tenant-b", "bo")] {
        sign_in(&world, of, user).await;
    }
    let everything = all(&world, &SessionFilter::default()).await;
    assert_eq!(everything.len(), 4);
    let of = |text: &str| Some(tenant(text));
    let called = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (SessionFilter { tenant: of("tenant-a"), user: None }, 2),
        (SessionFilter { tenant: None, user: called("ann") }, 2),
        (SessionFilter { tenant: of("tenant-b"), user: called("ann") }, 1),
        (SessionFilter { tenant: of("tenant"), user: None }, 0),
        (SessionFilter { tenant: None, user: called("an") }, 0),
    ] {
        let admitted = |session: &&Session| {
            filter.tenant.as_ref().is_none_or(|tenant| *tenant == session.tenant_id)
                && filter.user.as_ref().is_none_or(|user| *user == session.user)
        };
        let wanted: Vec<Session> = everything.iter().filter(admitted).cloned().collect();
        let found = all(&world, &filter).await;
        assert_eq!((found.len(), json(&found)), (expected, json(&wanted)), "{filter:?}");
    }
}

#[tokio::test]
async fn the_list_goes_on_past_what_one_answer_holds() {
    let world = World::new().await;
    for _ in 0..8 {
        sign_in(&world, "tenant-a", &"x".repeat(200_000)).await;
    }
    world.wire.script(&[]);
    assert_eq!(all(&world, &SessionFilter::default()).await.len(), 8);
    assert!(world.wire.sent().len() > 1, "one answer held everything: the items are too small for this test");
}

#[tokio::test]
async fn a_deleted_session_is_gone_and_the_others_stay() {
    let world = World::new().await;
    let session = sign_in(&world, "tenant-a", "ann").await;
    let other = sign_in(&world, "tenant-a", "bob").await;
    assert_eq!(world.store.delete(&session.token_hash, soon()).await, Ok(true));
    assert_eq!(world.store.delete(&session.token_hash, soon()).await, Ok(false));
    // A request that was under way when the session was deleted does not bring it back.
    world.store.touch(&session, soon()).await.unwrap();
    assert_eq!(json(&all(&world, &SessionFilter::default()).await), json(&[other]));
}

#[tokio::test]
async fn an_item_that_can_not_be_read_is_a_fault_that_quotes_nothing() {
    let world = World::new().await;
    let put = world.raw.put_item().table_name(&world.names.sessions);
    let put = put.item("token_hash", AttributeValue::S("one".into()));
    put.item("tenant_id", AttributeValue::S(format!("{CANARY}#"))).send().await.unwrap();
    let error = world.store.list(&SessionFilter::default(), None, soon()).await.unwrap_err();
    assert_eq!(error, StoreError::Fault("unreadable session".into()));
}
