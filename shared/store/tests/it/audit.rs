//! Who did what: one entry and one step of the generation with every mutation.

use model::{
    audit::{AuditAction, AuditEntry},
    clock::{Clock, SystemClock},
    entropy::{Entropy, SystemEntropy},
    health::{Health, HealthStatus},
};
use serde_json::{Value, json};
use store::{AuditWriter, ConnectorWriter, TestRecorder, Write};

use crate::support::{Item, World, actor, bare, changed, full, soon, tenant, text};

fn health(error: &str) -> Health {
    let last_check = Some(SystemClock.now().millis());
    Health { status: HealthStatus::Unhealthy, last_check, last_error: Some(error.to_owned()), tests: 0 }
}

async fn entry(world: &World, action: &str) -> Item {
    let items = world.items(&world.names.audit).await;
    items.into_iter().find(|item| text(item, "action") == action).unwrap()
}

fn shown(item: &Item, attribute: &str) -> Value {
    serde_json::from_str(&text(item, attribute)).unwrap()
}

#[tokio::test]
async fn every_mutation_is_one_entry_and_one_step_and_a_test_is_no_step() {
    let world = World::new().await;
    let first = world.create(full("tenant-a", "crm")).await;
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (1, 1));
    let second = changed(&first, |record| record.enabled = true);
    world.store.update(&first, &second, &actor(), soon()).await.unwrap();
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (2, 2));
    world.store.record_test(&second, &health("no route"), &actor(), soon()).await.unwrap();
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (3, 2));
    world.store.delete(&second, &actor(), soon()).await.unwrap();
    // The counter outlives the connector: a cached instance must still be found out.
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (4, 3));
    let mut audited = world.audited().await;
    audited.sort();
    assert_eq!(audited, ["connector_create", "connector_delete", "connector_test", "connector_update"]);
    assert_eq!(world.items(&world.names.generations).await.len(), 1);
}

#[tokio::test]
async fn an_entry_says_who_did_what_and_shows_both_records_masked() {
    let world = World::new().await;
    let first = world.create(full("tenant-a", "crm")).await;
    let second = changed(&first, |record| record.display_name = "After".into());
    world.store.update(&first, &second, &actor(), soon()).await.unwrap();
    world.store.record_test(&second, &health("no route"), &actor(), soon()).await.unwrap();
    world.store.delete(&second, &actor(), soon()).await.unwrap();

    let view = |record: &model::record::ConnectorRecord| serde_json::to_value(record.view()).unwrap();
    let update = entry(&world, "connector_update").await;
    assert_eq!((shown(&update, "before"), shown(&update, "after")), (view(&first), view(&second)));
    assert_eq!(
        shown(&update, "after")["credentials_secret_arn"],
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/...masked"
    );
    let words =
        ["tenant_id", "connector_name", "who", "request_id", "result"].map(|name| text(&update, name));
    assert_eq!(words, ["tenant-a", "crm", "session:someone", "request-1", "updated"]);

    let create = entry(&world, "connector_create").await;
    assert_eq!((create.get("before"), shown(&create, "after")), (None, view(&first)));
    let delete = entry(&world, "connector_delete").await;
    assert_eq!((shown(&delete, "before"), delete.get("after")), (view(&second), None));
    let test = entry(&world, "connector_test").await;
    assert_eq!(
        (test.get("before"), test.get("after"), text(&test, "result")),
        (None, None, "no route".into())
    );
}

#[tokio::test]
async fn a_mutation_that_can_not_be_audited_does_not_happen() {
    let world = World::new().await;
    let record = world.create(bare("tenant-a", "crm")).await;
    world.raw.delete_table().table_name(&world.names.audit).send().await.unwrap();
    let after = changed(&record, |record| record.enabled = false);
    assert!(world.store.update(&record, &after, &actor(), soon()).await.is_err());
    assert!(world.store.delete(&record, &actor(), soon()).await.is_err());
    assert!(world.store.create(&bare("tenant-a", "other"), &actor(), soon()).await.is_err());
    assert_eq!(world.get(&record).await.as_ref(), Some(&record));
    assert_eq!((world.items(&world.names.connectors).await.len(), world.generation(&record).await), (1, 1));
}

#[tokio::test]
async fn an_entry_can_be_added_on_its_own() {
    let world = World::new().await;
    let entry = AuditEntry {
        tenant_id: tenant("tenant-a"),
        at: "2026-07-10T19:19:05Z".parse().unwrap(),
        id: SystemEntropy.uuid(),
        actor: actor(),
        action: AuditAction::QueryRefused,
        connector_name: crate::support::name("crm"),
        before: None,
        after: Some(json!({"operation": "DELETE"})),
        request: None,
        result: "query-reads-only".into(),
    };
    assert_eq!(world.store.append(&entry, soon()).await, Ok(()));
    let items = world.items(&world.names.audit).await;
    assert_eq!(text(&items[0], "at_id"), format!("2026-07-10T19:19:05.000Z#{}", entry.id));
    assert_eq!(shown(&items[0], "after"), json!({"operation": "DELETE"}));
    // The same entry again, as after a lost answer, is the same entry.
    assert_eq!(world.store.append(&entry, soon()).await, Ok(()));
    assert_eq!(world.audited().await, ["query_refused"]);
}

#[tokio::test]
async fn an_entry_that_arrives_late_once_more_does_not_undo_its_outcome() {
    let world = World::new().await;
    let intent = AuditEntry {
        tenant_id: tenant("tenant-a"),
        at: "2026-07-10T19:19:05Z".parse().unwrap(),
        id: SystemEntropy.uuid(),
        actor: actor(),
        action: AuditAction::Execute,
        connector_name: crate::support::name("crm"),
        before: None,
        after: None,
        request: None,
        result: "unknown".into(),
    };
    assert_eq!(world.store.append(&intent, soon()).await, Ok(()));
    assert_eq!(world.store.conclude(&intent, "succeeded: POST 200", soon()).await, Ok(()));
    assert_eq!(world.store.append(&intent, soon()).await, Ok(()));
    let items = world.items(&world.names.audit).await;
    assert_eq!((items.len(), text(&items[0], "result")), (1, "succeeded: POST 200".into()));
}

#[tokio::test]
async fn a_refused_write_leaves_no_entry() {
    let world = World::new().await;
    let record = bare("tenant-a", "crm");
    let after = changed(&record, |record| record.enabled = false);
    assert_eq!(world.store.update(&record, &after, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!((world.audited().await.len(), world.generation(&record).await), (0, 0));
}
