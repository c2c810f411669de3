//! Sessions: the table holds the hash of a token and never the token.

use aws_sdk_dynamodb::types::AttributeValue;
use model::{
    entropy::SystemEntropy,
    session::{ABSOLUTE_SECONDS, IDLE_SECONDS, Role, Session, SessionToken},
};
use store::{SessionStore, SessionWriter};

use crate::support::{World, soon, tenant};

const BEGAN: i64 = 1_783_711_145;

fn session() -> (SessionToken, Session) {
    let token = SessionToken::generate(&SystemEntropy);
    let token_hash = token.hash();
    let (tenant_id, user) = (tenant("tenant-a"), "someone@example.com".to_owned());
    (
        token,
        Session { token_hash, tenant_id, user, role: Role::Viewer, created_at: BEGAN, last_seen_at: BEGAN },
    )
}

/// Sessions have no equality of their own; their JSON has.
fn json(session: &Session) -> serde_json::Value {
    serde_json::to_value(session).unwrap()
}

async fn expires_at(world: &World) -> i64 {
    world.items(&world.names.sessions).await[0]["expires_at"].as_n().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_session_is_found_by_its_token_alone() {
    let world = World::new().await;
    let (token, session) = session();
    assert!(world.store.find(&token.hash(), soon()).await.unwrap().is_none());
    world.store.put(&session, soon()).await.unwrap();
    let found = world.store.find(&token.hash(), soon()).await.unwrap().unwrap();
    assert_eq!(json(&found), json(&session));
    let other = SessionToken::generate(&SystemEntropy).hash();
    assert!(world.store.find(&other, soon()).await.unwrap().is_none());
    assert_eq!(expires_at(&world).await, BEGAN + IDLE_SECONDS);
    assert!(!format!("{:?}", world.items(&world.names.sessions).await).contains(token.expose()));
}

#[tokio::test]
async fn a_touch_moves_the_idle_end_and_never_the_absolute_one() {
    let world = World::new().await;
    let (_, session) = session();
    world.store.put(&session, soon()).await.unwrap();
    for (seen, ends) in [
        (BEGAN + 3_600, BEGAN + 3_600 + IDLE_SECONDS),
        (BEGAN + ABSOLUTE_SECONDS - 60, BEGAN + ABSOLUTE_SECONDS),
    ] {
        let used = Session { last_seen_at: seen, ..session.clone() };
        world.store.touch(&used, soon()).await.unwrap();
        let found = world.store.find(&session.token_hash, soon()).await.unwrap().unwrap();
        assert_eq!(json(&found), json(&used));
        assert_eq!(expires_at(&world).await, ends);
    }
}

#[tokio::test]
async fn a_touch_changes_neither_tenant_nor_role() {
    let world = World::new().await;
    let (_, session) = session();
    world.store.put(&session, soon()).await.unwrap();
    let risen = Session { role: Role::Editor, tenant_id: tenant("tenant-b"), ..session.clone() };
    world.store.touch(&risen, soon()).await.unwrap();
    let found = world.store.find(&session.token_hash, soon()).await.unwrap().unwrap();
    assert_eq!(json(&found), json(&session));
}

#[tokio::test]
async fn a_session_that_is_gone_stays_gone() {
    let world = World::new().await;
    let (_, session) = session();
    world.store.put(&session, soon()).await.unwrap();
    let key = AttributeValue::S(session.token_hash.as_str().to_owned());
    world.raw.delete_item().table_name(&world.names.sessions).key("token_hash", key).send().await.unwrap();
    assert_eq!(world.store.touch(&session, soon()).await, Ok(()));
    assert!(world.items(&world.names.sessions).await.is_empty());
}
