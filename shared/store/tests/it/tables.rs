//! The tables as DynamoDB describes them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{BillingMode, KeySchemaElement, KeyType, ProjectionType, TableDescription};
use store::schema::{Key, TABLES, create_all};

use crate::support::{World, bare};

async fn described(world: &World, kind: &str) -> TableDescription {
    let name = world.names.of(kind).unwrap();
    world.raw.describe_table().table_name(name).send().await.unwrap().table.unwrap()
}

fn assert_key(schema: &[KeySchemaElement], (partition, sort): Key, what: &str) {
    let found: Vec<_> = schema.iter().map(|part| (part.attribute_name(), part.key_type().clone())).collect();
    let expected: Vec<_> =
        std::iter::once((partition, KeyType::Hash)).chain(sort.map(|sort| (sort, KeyType::Range))).collect();
    assert_eq!(found, expected, "{what}");
}

#[tokio::test]
async fn every_table_is_as_the_schema_says() {
    let world = World::new().await;
    for table in TABLES {
        let found = described(&world, table.kind).await;
        assert_key(found.key_schema(), table.key, table.kind);
        assert!(
            found.attribute_definitions().iter().all(|d| d.attribute_type().as_str() == "S"),
            "{}",
            table.kind
        );
        let billing = found.billing_mode_summary().and_then(|summary| summary.billing_mode());
        assert_eq!(billing, Some(&BillingMode::PayPerRequest), "{}", table.kind);

        let indexes: BTreeMap<_, _> = found
            .global_secondary_indexes()
            .iter()
            .map(|index| (index.index_name().unwrap(), index))
            .collect();
        assert_eq!(indexes.len(), table.indexes.len(), "{}", table.kind);
        for (name, key) in table.indexes {
            assert_key(indexes[name].key_schema(), *key, name);
            let projection = indexes[name].projection().unwrap().projection_type();
            assert_eq!(projection, Some(&ProjectionType::All), "{name}");
        }
    }
}

#[tokio::test]
async fn items_go_when_the_schema_says_so() {
    let world = World::new().await;
    for table in TABLES {
        let request = world.raw.describe_time_to_live().table_name(world.names.of(table.kind).unwrap());
        let found = request.send().await.unwrap().time_to_live_description.unwrap();
        assert_eq!(found.attribute_name(), table.ttl, "{}", table.kind);
        let enabled = found.time_to_live_status().is_some_and(|status| status.as_str() == "ENABLED");
        assert_eq!(enabled, table.ttl.is_some(), "{}", table.kind);
    }
}

#[tokio::test]
async fn creating_again_changes_nothing() {
    let world = World::new().await;
    let record = world.create(bare("tenant-a", "crm")).await;
    create_all(&world.raw, &world.names).await.unwrap();
    assert_eq!(world.get(&record).await.as_ref(), Some(&record));
}

#[tokio::test]
async fn a_start_that_was_cut_short_is_finished() {
    let world = World::without_tables().await;
    create_all(&world.raw, &world.names).await.unwrap();
    world.raw.delete_table().table_name(&world.names.sessions).send().await.unwrap();
    create_all(&world.raw, &world.names).await.unwrap();
    assert_eq!(described(&world, "sessions").await.key_schema().len(), 1);
}
