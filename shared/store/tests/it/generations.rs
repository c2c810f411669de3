//! A refresh: which counters it raises, and that it is the same however often it is sent.

use std::collections::{BTreeMap, BTreeSet};

use model::{generation::Fingerprint, scope::PLATFORM_SHARDS};
use serde_json::{Value, json};
use store::{ConnectorWriter, GenerationWriter, MarkerReader, RefreshScope, StoreError};

use crate::{
    support::{World, actor, bare, changed, name, soon, tenant, text},
    wire::Step,
};

fn tenant_a() -> RefreshScope {
    RefreshScope::Tenant(tenant("tenant-a"))
}

fn crm() -> RefreshScope {
    RefreshScope::Connector(tenant("tenant-a"), name("crm"))
}

async fn bump(world: &World, scope: &RefreshScope) -> String {
    world.store.bump(scope, soon()).await.unwrap()
}

/// Every counter that was ever raised.
async fn counters(world: &World) -> BTreeMap<String, u64> {
    let items = world.items(&world.names.generations).await;
    items.iter().map(|item| (text(item, "scope"), item["g"].as_n().unwrap().parse().unwrap())).collect()
}

fn platform_at(counter: u64) -> BTreeMap<String, u64> {
    (0..16).map(|shard| (format!("platform#{shard:02}"), counter)).collect()
}

#[tokio::test]
async fn a_connector_and_a_tenant_have_a_counter_each() {
    let world = World::new().await;
    world.wire.script(&[]);
    assert_eq!(bump(&world, &crm()).await, "1");
    assert_eq!(bump(&world, &crm()).await, "2");
    assert_eq!(bump(&world, &tenant_a()).await, "1");
    assert_eq!(world.wire.sent().len(), 3);
    let expected = [("tenant#tenant-a".to_owned(), 1), ("tenant#tenant-a#crm".to_owned(), 2)];
    assert_eq!(counters(&world).await, expected.into());
}

#[tokio::test]
async fn all_raises_every_shard_at_once_and_nothing_else() {
    let world = World::new().await;
    world.wire.script(&[]);
    let first = bump(&world, &RefreshScope::All).await;
    let sent = world.wire.sent();
    assert_eq!((sent.len(), sent[0].operation.as_str()), (1, "TransactWriteItems"));
    assert_eq!(counters(&world).await, platform_at(1));
    let second = bump(&world, &RefreshScope::All).await;
    assert_eq!(counters(&world).await, platform_at(2));
    assert!(!first.is_empty() && first != second);
}

#[tokio::test]
async fn what_a_call_reads_differs_after_each_scope_that_holds_it_and_after_no_other() {
    let world = World::new().await;
    let read =
        async |shard| world.store.read(shard, &tenant("tenant-a"), &name("crm"), "x", soon()).await.unwrap();
    let mut before = vec![Fingerprint::default()];
    for scope in [RefreshScope::All, tenant_a(), crm(), RefreshScope::All] {
        bump(&world, &scope).await;
        let now = read(0).await.fingerprint;
        assert_eq!(read(PLATFORM_SHARDS - 1).await.fingerprint, now, "shards stand alike");
        assert!(before.iter().all(|old| *old != now && now.covers(*old)), "{scope:?}");
        before.push(now);
    }
    let now = read(0).await;
    bump(&world, &RefreshScope::Tenant(tenant("tenant-b"))).await;
    bump(&world, &RefreshScope::Connector(tenant("tenant-a"), name("erp"))).await;
    bump(&world, &RefreshScope::Connector(tenant("tenant-b"), name("crm"))).await;
    assert_eq!(read(0).await, now);
}

#[tokio::test]
async fn a_refresh_and_a_portal_write_raise_the_same_counter() {
    let world = World::new().await;
    let record = world.create(bare("tenant-a", "crm")).await;
    assert_eq!(bump(&world, &crm()).await, "2");
    let after = changed(&record, |record| record.enabled = false);
    world.store.update(&record, &after, &actor(), soon()).await.unwrap();
    assert_eq!(bump(&world, &crm()).await, "4");
}

#[tokio::test]
async fn a_counter_that_a_transaction_holds_is_waited_for() {
    let world = World::new().await;
    let held = Step::Refuse("com.amazonaws.dynamodb.v20120810#TransactionConflictException");
    world.wire.script(&[held, held, Step::Refuse("ThrottlingException"), held]);
    assert_eq!(bump(&world, &crm()).await, "1");
    assert_eq!(world.wire.sent().len(), 5);
}

#[tokio::test]
async fn shards_that_another_refresh_holds_are_waited_for_and_raised_once() {
    let world = World::new().await;
    world.wire.script(&[
        Step::Cancel(&["None", "TransactionConflict"]),
        Step::LoseAnswer,
        Step::Refuse("TransactionInProgressException"),
    ]);
    bump(&world, &RefreshScope::All).await;
    let sent = world.wire.sent();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|one| one.body == sent[0].body));
    assert_eq!(counters(&world).await, platform_at(1));
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_has_happened() {
    let world = World::new().await;
    world.wire.script(&[Step::LoseAnswer]);
    let generation: u64 = bump(&world, &crm()).await.parse().unwrap();
    assert!(generation >= 1);
    assert_eq!(counters(&world).await["tenant#tenant-a#crm"], generation);
}

#[tokio::test]
async fn many_at_once_all_count() {
    let world = World::new().await;
    let bumps = (0..20).map(|turn| {
        let store = world.store.clone();
        let scope = if turn % 2 == 0 { RefreshScope::All } else { crm() };
        tokio::spawn(async move { store.bump(&scope, soon()).await })
    });
    let mut generations = BTreeSet::new();
    for bump in bumps.collect::<Vec<_>>() {
        generations.insert(bump.await.unwrap().unwrap());
    }
    assert_eq!(generations.len(), 20);
    let counters = counters(&world).await;
    assert_eq!((counters["platform#15"], counters["tenant#tenant-a#crm"]), (10, 10));
}

#[tokio::test]
async fn an_answer_without_a_counter_is_a_fault_that_quotes_nothing() {
    fn of_text(_request: &Value) -> Value {
        json!({"Attributes": {"g": {"S": crate::support::arn().expose()}}})
    }
    fn without(_request: &Value) -> Value {
        json!({})
    }
    let world = World::new().await;
    for answer in [of_text, without] {
        world.wire.script(&[Step::Answer(answer)]);
        let error = world.store.bump(&crm(), soon()).await.unwrap_err();
        assert_eq!(error, StoreError::Fault("unreadable generation".into()));
    }
}
