//! The tables are those of `store::schema`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use store::schema::{Key, TABLES};

use crate::stack::{Stack, kind, list, referred};

fn tables(stack: &Stack) -> BTreeMap<String, (&str, &Value)> {
    let tables = stack.of_type("AWS::DynamoDB::Table").into_iter();
    tables.map(|(id, properties)| (kind(id).unwrap(), (id, properties))).collect()
}

fn schema((partition, sort): Key) -> Value {
    let part = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let parts = std::iter::once(part(partition, "HASH")).chain(sort.map(|sort| part(sort, "RANGE")));
    parts.collect()
}

fn attributes((partition, sort): Key) -> impl Iterator<Item = &'static str> {
    std::iter::once(partition).chain(sort)
}

#[test]
fn the_tables_are_those_of_the_code() {
    let stack = Stack::read();
    let found: BTreeSet<_> = tables(&stack).into_keys().collect();
    assert_eq!(found, TABLES.iter().map(|table| table.kind.to_owned()).collect());
}

#[test]
fn keys_indexes_and_times_to_live_are_those_of_the_code() {
    let stack = Stack::read();
    let found = tables(&stack);
    for table in TABLES {
        let (id, properties) = found[table.kind];
        assert_eq!(properties["KeySchema"], schema(table.key), "{id}");

        let indexes = list(&properties["GlobalSecondaryIndexes"]).into_iter();
        let indexes: BTreeSet<_> = indexes.map(ToString::to_string).collect();
        let expected = table.indexes.iter().map(|(name, key)| {
            let all = json!({"ProjectionType": "ALL"});
            json!({"IndexName": name, "KeySchema": schema(*key), "Projection": all}).to_string()
        });
        assert_eq!(indexes, expected.collect(), "{id}");

        let keys = std::iter::once(table.key).chain(table.indexes.iter().map(|(_, key)| *key));
        let expected: BTreeSet<_> = keys.flat_map(attributes).map(|name| (name, "S")).collect();
        let defined = list(&properties["AttributeDefinitions"]).into_iter();
        let defined = defined.map(|definition| {
            let text = |name: &str| definition[name].as_str().unwrap();
            (text("AttributeName"), text("AttributeType"))
        });
        assert_eq!(defined.collect::<BTreeSet<_>>(), expected, "{id}");

        let ttl = &properties["TimeToLiveSpecification"];
        let ttl = (ttl["Enabled"] == true).then(|| ttl["AttributeName"].as_str()).flatten();
        assert_eq!(ttl, table.ttl, "{id}");
    }
}

#[test]
fn no_table_can_be_lost_by_accident_or_read_without_the_key() {
    let stack = Stack::read();
    for (id, properties) in stack.of_type("AWS::DynamoDB::Table") {
        let resource = stack.resource(id);
        assert_eq!(
            (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
        let recovery = &properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
        assert_eq!(recovery, true, "{id}");
        assert_eq!(referred(&properties["DeletionProtectionEnabled"]), Some("DeletionProtection"), "{id}");
        let key = &properties["SSESpecification"];
        assert_eq!((&key["SSEType"], referred(&key["KMSMasterKeyId"])), (&json!("KMS"), Some("Key")), "{id}");
        assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST", "{id}");
    }
    assert_eq!(stack.at("/Parameters/DeletionProtection/Default"), "true");
    let key = stack.resource("Key");
    assert_eq!(
        (&key["DeletionPolicy"], &key["Properties"]["EnableKeyRotation"]),
        (&json!("Retain"), &json!(true))
    );
}
