//! Where a secret's ARN lies, and that it is nowhere else.

use aws_sdk_dynamodb::types::AttributeValue;
use model::health::Health;
use store::{ConnectorReader, ConnectorWriter, Filter, MarkerReader, StoreError, TestRecorder};

use crate::support::{CANARY, View, World, actor, arn, bare, changed, full, name, soon, tenant};

#[tokio::test]
async fn an_arn_lies_in_its_records_own_attribute_and_nowhere_else() {
    let world = World::new().await;
    let record = world.create(full("tenant-a", "crm")).await;
    world.create(full("tenant-a", "gone")).await;
    world.store.delete(&full_like(&world, "gone").await, &actor(), soon()).await.unwrap();
    let after = changed(&record, |record| record.credentials_secret_arn = None);
    world.store.update(&record, &after, &actor(), soon()).await.unwrap();
    let again = changed(&after, |record| record.credentials_secret_arn = Some(arn()));
    world.store.update(&after, &again, &actor(), soon()).await.unwrap();
    world.store.record_test(&again, &Health::default(), &actor(), soon()).await.unwrap();

    let mut own = 0;
    for table in store::schema::TABLES {
        for mut item in world.items(world.names.of(table.kind).unwrap()).await {
            if table.kind == "connectors" {
                let attribute = item.remove("credentials_secret_arn").unwrap();
                assert_eq!(attribute.as_s().unwrap(), arn().expose());
                own += 1;
            }
            assert!(!format!("{item:?}").contains(CANARY), "{} {item:?}", table.kind);
        }
    }
    assert_eq!((own, world.audited().await.len()), (1, 6));
}

async fn full_like(world: &World, called: &str) -> model::record::ConnectorRecord {
    world.get(&bare("tenant-a", called)).await.unwrap()
}

#[tokio::test]
async fn an_item_that_can_not_be_read_is_a_fault_that_quotes_nothing() {
    let world = World::new().await;
    let text = AttributeValue::S(arn().expose().to_owned());
    for attribute in [
        "id",
        "connector_type",
        "options",
        "timeout_ms",
        "max_retries",
        "enabled",
        "health_status",
        "last_health_check",
        "tests",
        "created_at",
        "version",
    ] {
        let record = world.create(full("tenant-a", &attribute.replace('_', "-"))).await;
        world.damage(&record, attribute, text.clone()).await;
        let error = world.store.get(&record.tenant_id, &record.connector_name, soon()).await.unwrap_err();
        assert_quotes_nothing(&error);
    }
    for (number, options) in ["\"", "{\"a\":", "[\"", ""].iter().enumerate() {
        let record = world.create(full("tenant-a", &format!("options-{number}"))).await;
        let value = AttributeValue::S(format!("{options}{}\"", arn().expose()));
        world.damage(&record, "options", value).await;
        let error = world.store.get(&record.tenant_id, &record.connector_name, soon()).await.unwrap_err();
        assert_quotes_nothing(&error);
    }
    let malformed = world.create(full("tenant-b", "malformed")).await;
    world
        .damage(&malformed, "credentials_secret_arn", AttributeValue::S(format!("arn:aws:s3:::{CANARY}")))
        .await;
    for view in [View::Tenant(tenant("tenant-a")), View::Tenant(tenant("tenant-b")), View::Platform] {
        assert_quotes_nothing(&world.page(&view, &Filter::default(), None, 100).await.unwrap_err());
    }
}

#[tokio::test]
async fn a_counter_that_can_not_be_read_is_a_fault_that_quotes_nothing() {
    let world = World::new().await;
    let put = world.raw.put_item().table_name(&world.names.generations);
    let scope = AttributeValue::S("tenant#tenant-a".into());
    let put = put.item("scope", scope).item("g", AttributeValue::S(arn().expose().to_owned()));
    put.send().await.unwrap();
    let outcome = world.store.read(0, &tenant("tenant-a"), &name("crm"), "x", soon()).await;
    assert_quotes_nothing(&outcome.unwrap_err());
}

#[track_caller]
fn assert_quotes_nothing(error: &StoreError) {
    assert!(matches!(error, StoreError::Fault(_)), "{error}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains(CANARY) && !text.contains("arn:"), "{text}");
}
