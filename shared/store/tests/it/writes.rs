//! What is refused, and what a write leaves alone.

use model::{
    entropy::{Entropy, SystemEntropy},
    health::{Health, HealthStatus},
    record::ConnectorRecord,
};
use serde_json::json;
use store::{ConnectorWriter, TestRecorder, Write};

use crate::support::{World, actor, arn, bare, changed, full, options, soon};

fn tested(error: Option<&str>) -> Health {
    Health {
        status: if error.is_some() { HealthStatus::Unhealthy } else { HealthStatus::Healthy },
        last_check: Some("2026-09-01T12:00:00.250Z".parse().unwrap()),
        last_error: error.map(str::to_owned),
        tests: 0,
    }
}

/// The same name again, as somebody makes it after a delete.
async fn recreated(world: &World, first: &ConnectorRecord) -> ConnectorRecord {
    world.store.delete(first, &actor(), soon()).await.unwrap();
    world.create(ConnectorRecord { id: SystemEntropy.uuid(), ..first.clone() }).await
}

#[tokio::test]
async fn a_taken_name_is_refused_and_its_record_stays() {
    let world = World::new().await;
    let first = world.create(full("tenant-a", "crm")).await;
    assert_eq!(world.store.create(&bare("tenant-a", "crm"), &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.get(&first).await.as_ref(), Some(&first));
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (1, 1));
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let world = World::new().await;
    let first = world.create(bare("tenant-a", "crm")).await;
    let second = changed(&first, |record| record.enabled = false);
    assert_eq!(world.store.update(&first, &second, &actor(), soon()).await, Ok(Write::Stored));
    let late = changed(&first, |record| record.timeout_ms = 100);
    assert_eq!(world.store.update(&first, &late, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.store.delete(&first, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.get(&first).await, Some(second));
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (2, 2));
}

#[tokio::test]
async fn a_recreated_record_is_not_the_one_that_was_read() {
    let world = World::new().await;
    let first = world.create(bare("tenant-a", "crm")).await;
    let second = recreated(&world, &first).await;
    assert_eq!((second.version, second.id == first.id), (first.version, false));
    let late = changed(&first, |record| record.enabled = false);
    assert_eq!(world.store.update(&first, &late, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.store.delete(&first, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.store.record_test(&first, &tested(None), &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.get(&first).await, Some(second));
}

#[tokio::test]
async fn what_is_gone_can_be_neither_changed_nor_deleted_nor_tested() {
    let world = World::new().await;
    let record = world.create(bare("tenant-a", "crm")).await;
    world.store.delete(&record, &actor(), soon()).await.unwrap();
    let after = changed(&record, |record| record.enabled = false);
    assert_eq!(world.store.update(&record, &after, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.store.delete(&record, &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.store.record_test(&record, &tested(None), &actor(), soon()).await, Ok(Write::Refused));
    assert_eq!(world.get(&record).await, None);
    assert_eq!((world.audited().await.len(), world.generation(&record).await), (2, 2));
}

#[tokio::test]
async fn a_test_result_stored_between_read_and_update_survives() {
    let world = World::new().await;
    let read = world.create(full("tenant-a", "crm")).await;
    let result = tested(Some("no route"));
    assert_eq!(world.store.record_test(&read, &result, &actor(), soon()).await, Ok(Write::Stored));
    let after = changed(&read, |record| record.description = Some("new".into()));
    assert_eq!(world.store.update(&read, &after, &actor(), soon()).await, Ok(Write::Stored));
    let health = Health { tests: read.health.tests + 1, ..result };
    assert_eq!(world.get(&read).await, Some(ConnectorRecord { health, ..after }));
}

#[tokio::test]
async fn an_update_sends_what_changed_and_nothing_else() {
    let world = World::new().await;
    let before = world.create(full("tenant-a", "crm")).await;
    let after = changed(&before, |record| {
        record.options = options(json!({"schema": "private"}));
        record.description = None;
    });
    world.wire.script(&[]);
    world.store.update(&before, &after, &actor(), soon()).await.unwrap();
    let sent = &world.wire.sent()[0].body["TransactItems"][0]["Update"];
    let mut names: Vec<_> = sent["ExpressionAttributeNames"].as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["#description", "#options", "#updated_at", "#version"]);
}

#[tokio::test]
async fn a_removed_optional_attribute_is_gone_from_the_item() {
    let world = World::new().await;
    let before = world.create(full("tenant-a", "crm")).await;
    let after = changed(&before, |record| {
        record.description = None;
        record.connection_url = None;
        record.credentials_secret_arn = None;
    });
    world.store.update(&before, &after, &actor(), soon()).await.unwrap();
    let items = world.items(&world.names.connectors).await;
    for attribute in ["description", "connection_url", "credentials_secret_arn"] {
        assert!(!items[0].contains_key(attribute), "{attribute}");
    }
    assert_eq!(world.get(&before).await, Some(after));
}

#[tokio::test]
async fn a_test_changes_the_health_alone_and_counts() {
    let world = World::new().await;
    let mut expected = world.create(bare("tenant-a", "crm")).await;
    for error in [None, Some("no route"), None] {
        let result = tested(error);
        assert_eq!(world.store.record_test(&expected, &result, &actor(), soon()).await, Ok(Write::Stored));
        expected.health = Health { tests: expected.health.tests + 1, ..result };
        assert_eq!(world.get(&expected).await.as_ref(), Some(&expected));
    }
    assert!(!world.items(&world.names.connectors).await[0].contains_key("last_error"));
}

#[tokio::test]
async fn of_many_updates_of_one_version_one_is_stored() {
    let world = World::new().await;
    let before = world.create(bare("tenant-a", "crm")).await;
    let mut writers = tokio::task::JoinSet::new();
    for timeout_ms in 1_000..1_020 {
        let (store, before) = (world.store.clone(), before.clone());
        let after = changed(&before, |record| {
            record.timeout_ms = timeout_ms;
            record.credentials_secret_arn = Some(arn());
        });
        writers.spawn(async move { store.update(&before, &after, &actor(), soon()).await.unwrap() });
    }
    let outcomes = writers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Write::Stored).count(), 1);
    assert_eq!(world.get(&before).await.unwrap().version, 2);
    assert_eq!((world.audited().await.len(), world.generation(&before).await), (2, 2));
}
