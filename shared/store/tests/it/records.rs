//! A record comes back as it went in.

use model::{options::Options, record::ConnectorRecord};
use serde_json::{Value, json};
use store::{ConnectorReader, ConnectorWriter, Write};

use crate::support::{World, actor, bare, changed, full, name, options, soon, tenant};

#[tokio::test]
async fn a_record_comes_back_with_every_field_and_with_none() {
    let world = World::new().await;
    for record in [full("tenant-a", "everything"), bare("tenant-a", "nothing")] {
        assert_eq!(world.get(&record).await, None);
        let record = world.create(record).await;
        assert_eq!(world.get(&record).await, Some(record));
    }
    assert_eq!(world.store.get(&tenant("tenant-b"), &name("everything"), soon()).await, Ok(None));
}

#[tokio::test]
async fn an_update_from_one_extreme_to_the_other_comes_back() {
    let world = World::new().await;
    for (before, like) in [
        (full("tenant-a", "to-bare"), bare("tenant-a", "to-bare")),
        (bare("tenant-a", "to-full"), full("tenant-a", "to-full")),
    ] {
        let before = world.create(before).await;
        let after = changed(&before, |record| {
            *record = ConnectorRecord {
                id: record.id,
                connector_type: record.connector_type,
                created_at: record.created_at,
                health: record.health.clone(),
                version: record.version,
                ..like
            }
        });
        assert_eq!(world.store.update(&before, &after, &actor(), soon()).await, Ok(Write::Stored));
        assert_eq!(world.get(&before).await, Some(after));
    }
}

#[tokio::test]
async fn options_come_back_to_the_last_digit() {
    let world = World::new().await;
    let cases = [
        json!({"float": 1.0, "minus_zero": -0.0, "tiny": 5e-324, "huge": f64::MAX, "digits": 0.1}),
        // Shortest spellings that a parser without exact rounding reads as their neighbour.
        json!({"a": 31.245_270_191_439_438, "b": 121.488_791_938_330_25, "c": 100_000_000_000.000_02_f64}),
        json!({"most": u64::MAX, "least": i64::MIN, "past_53_bits": 9_007_199_254_740_993_u64}),
        json!({"": {"": [[], {}, "", null, false]}, "a.b": 1, "#": 2, ":v": 3, "λ": "\u{1f980}\u{0}\u{2028}"}),
        json!({"z": 1, "a": 2, "m": {"z": 1, "a": 2}}),
    ];
    for (number, value) in cases.into_iter().enumerate() {
        let mut record = bare("tenant-a", &format!("c{number}"));
        record.options = options(value);
        let record = world.create(record).await;
        let found = world.get(&record).await.unwrap();
        assert_eq!(text(&found.options), text(&record.options));
    }
}

#[tokio::test]
async fn a_deleted_record_is_gone_and_its_name_is_free() {
    let world = World::new().await;
    let first = world.create(full("tenant-a", "crm")).await;
    let other = world.create(full("tenant-b", "crm")).await;
    assert_eq!(world.store.delete(&first, &actor(), soon()).await, Ok(Write::Stored));
    assert_eq!(world.get(&first).await, None);
    assert_eq!(world.get(&other).await, Some(other));
    let second = world.create(bare("tenant-a", "crm")).await;
    assert_eq!(world.get(&first).await, Some(second));
}

/// As JSON text: `Value`s compare 1.0 with 1 as different, but -0.0 with 0.0 as equal.
fn text(options: &Options) -> String {
    serde_json::to_value(options).as_ref().map(Value::to_string).unwrap()
}
