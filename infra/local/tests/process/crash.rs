//! A kill in the middle of writes: whatever was acknowledged is there with its audit entry and its generation, and
//! nothing is there in part.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::types::AttributeValue;
use boot::aws::Clients;
use end_to_end::Call;
use model::{
    ids::{ConnectorName, TenantId},
    scope::ScopeKey,
};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet};

use crate::running::Running;

const ROUNDS: usize = 3;
const WRITERS: usize = 6;
/// Acknowledged writes of one round, after which the process is killed.
const ENOUGH: usize = 60;

type Item = HashMap<String, AttributeValue>;

/// The highest version of each connector that was acknowledged.
#[derive(Clone, Default)]
struct Acknowledged(Arc<Mutex<HashMap<String, u64>>>);

impl Acknowledged {
    fn note(&self, record: &Value) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = record["connector_name"].as_str().unwrap().to_owned();
        let version = record["version"].as_u64().unwrap();
        let highest = map.entry(name).or_default();
        *highest = version.max(*highest);
    }

    fn all(&self) -> HashMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Sends a write; false where the process was gone before it answered.
async fn write(call: Call, acknowledged: &Acknowledged, count: &watch::Sender<usize>) -> bool {
    let Ok(reply) = call.try_send().await else { return false };
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
    acknowledged.note(&reply.json());
    count.send_modify(|count| *count += 1);
    true
}

fn body(name: &str) -> Value {
    json!({"connector_name": name, "connector_type": "custom", "connection_url": "https://api.example.com"})
}

/// Writes until the process is killed: connectors of one's own, and one that every writer changes.
async fn writer(
    running: Arc<Running>,
    name: String,
    acknowledged: Acknowledged,
    count: Arc<watch::Sender<usize>>,
) {
    for number in 0.. {
        let own = format!("{name}-{number}");
        let create = running.portal("POST", "/api/v1/connectors").json(&body(&own));
        if !write(create, &acknowledged, &count).await {
            return;
        }
        for target in [own.as_str(), "shared", own.as_str(), "shared"] {
            let change = json!({"description": format!("{name} {number}")});
            let update = running.portal("PUT", &format!("/api/v1/connectors/{target}")).json(&change);
            if !write(update, &acknowledged, &count).await {
                return;
            }
        }
    }
}

/// One round: many writers at once, and a kill while they write.
async fn round(folder: &Path, number: usize, acknowledged: &Acknowledged) {
    let running = Running::start(folder, &[]).await;
    let (count, mut enough) = watch::channel(0);
    let count = Arc::new(count);
    if number == 0 {
        let create = running.portal("POST", "/api/v1/connectors").json(&body("shared"));
        assert!(write(create, acknowledged, &count).await);
    }
    let running = Arc::new(running);
    let mut writers = JoinSet::new();
    for index in 0..WRITERS {
        let name = format!("w-{number}-{index}");
        writers.spawn(writer(Arc::clone(&running), name, acknowledged.clone(), Arc::clone(&count)));
    }
    enough.wait_for(|count| *count >= ENOUGH).await.unwrap();
    running.send_signal("KILL").await;
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(Arc::into_inner(running).unwrap().ended().await.code, None, "it was killed");
}

async fn scan(clients: &Clients, table: &str) -> Vec<Item> {
    let pages = clients.dynamo.scan().table_name(table).consistent_read(true).into_paginator();
    pages.items().send().collect::<Result<_, _>>().await.unwrap()
}

fn text<'i>(item: &'i Item, name: &str) -> &'i str {
    item[name].as_s().unwrap()
}

fn number(item: &Item, name: &str) -> u64 {
    item[name].as_n().unwrap().parse().unwrap()
}

/// The tables hold together, and hold everything that was acknowledged.
async fn check(running: &Running, acknowledged: &Acknowledged) {
    let clients =
        Clients::local(running.credentials["aws"]["endpoint"].as_str().unwrap(), "us-east-1").unwrap();
    let records = scan(&clients, "connectors").await;
    let generations = scan(&clients, "generations").await;
    let generations: HashMap<&str, u64> =
        generations.iter().map(|item| (text(item, "scope"), number(item, "g"))).collect();
    let mut entries: HashMap<(String, String), u64> = HashMap::new();
    for entry in scan(&clients, "audit").await {
        assert!(matches!(text(&entry, "action"), "connector_create" | "connector_update"), "{entry:?}");
        let key = (text(&entry, "tenant_id").to_owned(), text(&entry, "connector_name").to_owned());
        *entries.entry(key).or_default() += 1;
    }
    let mut stored = HashMap::new();
    for record in &records {
        let (tenant, name) = (text(record, "tenant_id"), text(record, "connector_name"));
        let version = number(record, "version");
        let written = entries.remove(&(tenant.to_owned(), name.to_owned()));
        assert_eq!(written, Some(version), "audit of {tenant} {name}");
        let scope =
            ScopeKey::connector(&TenantId::parse(tenant).unwrap(), &ConnectorName::parse(name).unwrap());
        assert_eq!(generations.get(scope.as_str()), Some(&version), "generation of {tenant} {name}");
        if tenant == "tenant-a" {
            stored.insert(name, version);
        }
    }
    assert!(entries.is_empty(), "audited and not stored: {entries:?}");
    for (name, version) in acknowledged.all() {
        let stored = stored.get(name.as_str()).copied();
        assert!(stored >= Some(version), "{name}: version {version} was acknowledged, stored is {stored:?}");
    }
}

#[tokio::test]
async fn a_kill_in_the_middle_of_writes_loses_nothing_and_leaves_nothing_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Acknowledged::default();
    for number in 0..ROUNDS {
        round(folder.path(), number, &acknowledged).await;
        let after = Running::start(folder.path(), &[]).await;
        check(&after, &acknowledged).await;
        assert_eq!(after.signal("TERM").await.code, Some(0));
    }
    assert!(acknowledged.all().len() > ROUNDS * WRITERS);
}
