//! The rows that containers write, and how they are found again.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, ToSpan};
use model::{
    clock::{Clock, SystemClock},
    statistics::{Counters, StatisticsRow},
};
use store::{StatisticsReader, StatisticsWriter, StoreError};

use crate::support::{CANARY, World, soon, tenant};

fn row(of: &str, container: &str, heard_at: Timestamp) -> StatisticsRow {
    StatisticsRow {
        tenant_id: tenant(of),
        container: container.to_owned(),
        hour: heard_at.as_second() / 3600,
        counters: Counters { hits: 7, misses: u64::MAX, stale_serves: 1, ..Counters::default() },
        cached_connectors: 3,
        last_eviction: Some(heard_at),
        last_factory_create: None,
        heard_at,
    }
}

fn now() -> Timestamp {
    SystemClock.now().wall
}

async fn put(world: &World, row: &StatisticsRow) {
    world.store.put(row, soon()).await.unwrap();
}

async fn of(world: &World, name: &str) -> Vec<StatisticsRow> {
    sorted(world.store.of_tenant(&tenant(name), soon()).await.unwrap())
}

fn sorted(mut rows: Vec<StatisticsRow>) -> Vec<StatisticsRow> {
    rows.sort_by_key(|row| (row.tenant_id.clone(), row.container.clone(), row.hour));
    rows
}

#[tokio::test]
async fn a_row_is_read_as_it_was_written() {
    let world = World::new().await;
    let full = row("tenant-a", "c-1", now());
    let bare =
        StatisticsRow { last_eviction: None, counters: Counters::default(), ..row("tenant-a", "c-2", now()) };
    put(&world, &full).await;
    put(&world, &bare).await;
    assert_eq!(of(&world, "tenant-a").await, [full, bare]);
}

#[tokio::test]
async fn a_container_replaces_its_row_of_the_hour_and_begins_another_in_the_next() {
    let world = World::new().await;
    let first = row("tenant-a", "c", now());
    let again = StatisticsRow { cached_connectors: 9, ..first.clone() };
    let earlier = StatisticsRow { hour: first.hour - 1, ..first.clone() };
    for row in [&first, &earlier, &again] {
        put(&world, row).await;
    }
    assert_eq!(of(&world, "tenant-a").await, [earlier, again]);
}

#[tokio::test]
async fn a_tenant_has_its_own_rows_and_all_have_every_tenants() {
    let world = World::new().await;
    let rows = [row("tenant-a", "c", now()), row("tenant-ab", "c", now()), row("tenant-b", "c", now())];
    for row in &rows {
        put(&world, row).await;
    }
    assert_eq!(of(&world, "tenant-a").await, rows[..1]);
    assert_eq!(of(&world, "tenant-ab").await, rows[1..2]);
    assert_eq!(of(&world, "tenant").await, []);
    assert_eq!(sorted(world.store.all(soon()).await.unwrap()), rows);
}

#[tokio::test]
async fn a_row_that_the_store_has_not_removed_yet_is_not_read() {
    let world = World::new().await;
    let kept = row("tenant-a", "kept", now() - 25.hours() + 1.minute());
    put(&world, &kept).await;
    put(&world, &row("tenant-a", "over", now() - 25.hours())).await;
    assert_eq!(world.items(&world.names.cache_stats).await.len(), 2);
    assert_eq!(of(&world, "tenant-a").await, std::slice::from_ref(&kept));
    assert_eq!(world.store.all(soon()).await.unwrap(), [kept]);
}

/// More rows than one answer of the store holds (1 MiB).
#[tokio::test]
async fn every_page_is_read() {
    let world = World::new().await;
    // The name of a container is its own; a long one fills a page with few rows.
    let rows: Vec<_> =
        (0..30).map(|number| row("tenant-a", &format!("{number:02}{}", "c".repeat(900)), now())).collect();
    let padding = AttributeValue::S("p".repeat(100_000));
    for row in &rows {
        put(&world, row).await;
        let update = world.raw.update_item().table_name(&world.names.cache_stats);
        let update = update
            .key("tenant_id", AttributeValue::S(row.tenant_id.to_string()))
            .key("instance_id", AttributeValue::S(format!("{}#{}", row.container, row.hour)));
        let update =
            update.update_expression("SET padding = :p").expression_attribute_values(":p", padding.clone());
        update.send().await.unwrap();
    }
    world.wire.script(&[]);
    assert_eq!(of(&world, "tenant-a").await, rows);
    let sent = world.wire.sent();
    assert!(sent.len() >= 3, "{}", sent.len());
    assert!(sent.iter().all(|one| one.operation == "Query" && one.body["ConsistentRead"] == true));
    world.wire.script(&[]);
    assert_eq!(sorted(world.store.all(soon()).await.unwrap()), rows);
    let sent = world.wire.sent();
    assert!(sent.len() >= 3 && sent.iter().all(|one| one.operation == "Scan"), "{}", sent.len());
}

#[tokio::test]
async fn a_row_that_can_not_be_read_is_a_fault_that_quotes_nothing() {
    let world = World::new().await;
    put(&world, &row("tenant-a", "c", now())).await;
    let damage = world.raw.update_item().table_name(&world.names.cache_stats);
    let item = world.items(&world.names.cache_stats).await.remove(0);
    let damage =
        damage.key("tenant_id", item["tenant_id"].clone()).key("instance_id", item["instance_id"].clone());
    let damage = damage.update_expression("SET heard_at = :x");
    damage.expression_attribute_values(":x", AttributeValue::S(CANARY.into())).send().await.unwrap();
    let error = world.store.of_tenant(&tenant("tenant-a"), soon()).await.unwrap_err();
    assert_eq!(error, StoreError::Fault("unreadable statistics".into()));
    assert_eq!(world.store.all(soon()).await.unwrap_err(), error);
}
