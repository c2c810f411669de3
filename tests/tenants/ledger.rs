//! What was before and what is after: all six tables, and what the victim's upstream was sent.

use std::collections::BTreeMap;

use end_to_end::{Seen, Upstream, World};
use serde_json::{Value, json};
use store::schema::TABLES;

use crate::target::STRANGER;

/// Everything that is not the stranger's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ledger {
    items: BTreeMap<&'static str, Vec<String>>,
    asked_upstream: usize,
}

impl Ledger {
    /// As it stands.
    pub(crate) async fn read(world: &World, upstream: &Upstream) -> Self {
        let mut items = BTreeMap::new();
        for table in TABLES {
            let (_, others) = scan(world, table.kind).await;
            items.insert(table.kind, others);
        }
        Self { items, asked_upstream: upstream.seen().len() }
    }

    /// Fails where anything is not as it was.
    #[track_caller]
    pub(crate) fn unchanged(&self, after: &Self, by: &str) {
        for (table, before) in &self.items {
            let after = &after.items[table];
            let new: Vec<_> = after.iter().filter(|item| !before.contains(item)).collect();
            let gone: Vec<_> = before.iter().filter(|item| !after.contains(item)).collect();
            assert!(new.is_empty() && gone.is_empty(), "{by} changed {table}: {gone:?} became {new:?}");
        }
        assert_eq!(self.asked_upstream, after.asked_upstream, "{by} reached the other tenant's upstream");
    }
}

/// The stranger's own items of a table, and all others, sorted.
pub(crate) async fn scan(world: &World, table: &str) -> (Vec<String>, Vec<String>) {
    let request = json!({"TableName": table, "ConsistentRead": true});
    let answer = world.dynamo("Scan", &request).await;
    assert!(answer.get("LastEvaluatedKey").is_none_or(Value::is_null), "{table} takes more than one page");
    let items = answer["Items"].as_array().unwrap();
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for item in items {
        let whose = if is_strangers(item) { &mut own } else { &mut others };
        whose.push(item.to_string());
    }
    own.sort();
    others.sort();
    (own, others)
}

fn is_strangers(item: &Value) -> bool {
    let scope = item["scope"]["S"].as_str().unwrap_or_default();
    let of_scope = scope.strip_prefix("tenant#").and_then(|rest| rest.split('#').next());
    item["tenant_id"]["S"] == STRANGER || of_scope == Some(STRANGER)
}

/// What an upstream was sent, as text.
pub(crate) fn sent(upstream: &Upstream) -> String {
    let seen = upstream.seen();
    let line = |seen: &Seen| format!("{} {} {:?} {}", seen.method, seen.target, seen.headers, seen.body);
    seen.iter().map(line).collect::<Vec<_>>().join("\n")
}
