//! A store over fresh tables, and records to keep in it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::{Client, config::retry::RetryPartition, types::AttributeValue};
use boot::aws::Clients;
use jiff::Timestamp;
use model::{
    audit::Actor,
    clock::{Clock, Moment, SystemClock},
    connector_type::ConnectorType,
    deadline::Deadline,
    entropy::{Entropy, SystemEntropy},
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
    secret_arn::SecretArn,
};
use serde_json::{Value, json};
use store::{
    ConnectorReader, ConnectorWriter, Dynamo, Filter, Page, PlatformDirectory, Position, StoreError,
    TenantDirectory, Write, schema::TableNames,
};

use crate::{backend::Backend, wire::Wire};

/// A part of every ARN that no text may show.
pub(crate) const CANARY: &str = "CANARY";

/// An item as the SDK gives it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A store and two ways to look behind it.
pub(crate) struct World {
    /// The store under test, its client set up as a function's is.
    pub(crate) store: Dynamo,
    /// What the store's requests go through.
    pub(crate) wire: Wire,
    /// A client of its own, which the wire does not see.
    pub(crate) raw: Client,
    /// The tables' names, none of them the default.
    pub(crate) names: TableNames,
}

/// Whose records a list shows.
#[derive(Clone, Debug)]
pub(crate) enum View {
    Tenant(TenantId),
    Platform,
}

impl World {
    /// Empty tables.
    pub(crate) async fn new() -> Self {
        let world = Self::without_tables().await;
        store::schema::create_all(&world.raw, &world.names).await.unwrap();
        world
    }

    /// No tables yet, but names for them.
    pub(crate) async fn without_tables() -> Self {
        let endpoint = Backend::chosen().endpoint().await;
        let raw = Clients::local(&endpoint, "us-east-1").unwrap().dynamo;
        let wire = Wire::over(raw.config().http_client().unwrap()).await;
        let config = raw.config().to_builder().http_client(wire.clone()).retry_partition(partition());
        let names = names();
        let client = Client::from_conf(config.build());
        let store = Dynamo::new(client, names.clone(), Arc::new(TestClock), Arc::new(SystemEntropy));
        Self { store, wire, raw, names }
    }

    /// Stores a record and gives it back.
    pub(crate) async fn create(&self, record: ConnectorRecord) -> ConnectorRecord {
        assert_eq!(self.store.create(&record, &actor(), soon()).await, Ok(Write::Stored));
        record
    }

    /// The record as the store holds it.
    pub(crate) async fn get(&self, record: &ConnectorRecord) -> Option<ConnectorRecord> {
        self.store.get(&record.tenant_id, &record.connector_name, soon()).await.unwrap()
    }

    /// One page of a view.
    pub(crate) async fn page(
        &self,
        view: &View,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        match view {
            View::Tenant(tenant) => self.store.page_of_tenant(tenant, filter, after, limit, soon()).await,
            View::Platform => self.store.page_of_all(filter, after, limit, soon()).await,
        }
    }

    /// Every item of a table.
    pub(crate) async fn items(&self, table: &str) -> Vec<Item> {
        self.raw.scan().table_name(table).send().await.unwrap().items.unwrap()
    }

    /// The counter of a connector's generation; 0 where there is none.
    pub(crate) async fn generation(&self, record: &ConnectorRecord) -> u64 {
        let scope = format!("tenant#{}#{}", record.tenant_id, record.connector_name);
        let items = self.items(&self.names.generations).await;
        let item = items.iter().find(|item| text(item, "scope") == scope);
        item.map_or(0, |item| item["g"].as_n().unwrap().parse().unwrap())
    }

    /// The actions that the audit holds, in the order of its keys.
    pub(crate) async fn audited(&self) -> Vec<String> {
        let mut items = self.items(&self.names.audit).await;
        items.sort_by_key(|item| text(item, "at_id"));
        items.iter().map(|item| text(item, "action")).collect()
    }

    /// Sets one attribute of a record's item past the store.
    pub(crate) async fn damage(&self, record: &ConnectorRecord, attribute: &str, value: AttributeValue) {
        let request = self.raw.update_item().table_name(&self.names.connectors);
        let request = request
            .key("tenant_id", AttributeValue::S(record.tenant_id.to_string()))
            .key("connector_name", AttributeValue::S(record.connector_name.to_string()))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value);
        request.send().await.unwrap();
    }
}

/// Names that no other world of this process has: worlds may share a server.
fn names() -> TableNames {
    static WORLDS: AtomicUsize = AtomicUsize::new(0);
    let world = WORLDS.fetch_add(1, Ordering::Relaxed);
    TableNames::from_lookup(|kind| Some(format!("test-{world}-{kind}")))
}

/// Tokio's own time, so that a test that pauses it decides how long things take.
#[derive(Clone, Copy)]
pub(crate) struct TestClock;

impl Clock for TestClock {
    #[expect(clippy::disallowed_methods, reason = "the clock that pauses with the runtime")]
    fn now(&self) -> Moment {
        Moment { ticks: tokio::time::Instant::now().into_std(), ..SystemClock.now() }
    }
}

/// A retry quota of a test's own: the SDK's is shared by the whole process, and tests of failures spend it.
pub(crate) fn partition() -> RetryPartition {
    RetryPartition::new(SystemEntropy.uuid().to_string())
}

/// A deadline that no test should reach.
pub(crate) fn soon() -> Deadline {
    after_ms(20_000)
}

/// A deadline some milliseconds from now.
pub(crate) fn after_ms(left: u64) -> Deadline {
    Deadline::after(TestClock.now(), Duration::from_millis(left))
}

/// Whoever does what the tests do.
pub(crate) fn actor() -> Actor {
    Actor { who: "session:someone".into(), request_id: "request-1".into() }
}

pub(crate) fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

pub(crate) fn name(text: &str) -> ConnectorName {
    ConnectorName::parse(text).unwrap()
}

pub(crate) fn arn() -> SecretArn {
    SecretArn::parse(&format!(
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/{CANARY}-AbCdEf"
    ))
    .unwrap()
}

/// A string attribute of an item.
pub(crate) fn text(item: &Item, attribute: &str) -> String {
    item[attribute].as_s().unwrap().clone()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A record with nothing optional in it.
pub(crate) fn bare(of: &str, called: &str) -> ConnectorRecord {
    ConnectorRecord {
        id: SystemEntropy.uuid(),
        tenant_id: tenant(of),
        connector_name: name(called),
        connector_type: ConnectorType::Slack,
        display_name: called.to_owned(),
        description: None,
        connection_url: None,
        options: options(json!({})),
        credentials_secret_arn: None,
        timeout_ms: 30_000,
        max_retries: 3,
        enabled: true,
        health: Health::default(),
        created_at: at("2026-07-10T19:19:05.766Z"),
        updated_at: at("2026-07-10T19:19:05.766Z"),
        version: 1,
    }
}

/// A record with everything in it, nothing at its default.
pub(crate) fn full(of: &str, called: &str) -> ConnectorRecord {
    ConnectorRecord {
        connector_type: ConnectorType::Postgres,
        display_name: "Größe \"λ\" 🦀 #1".into(),
        description: Some("Line one\nline two\u{0}".into()),
        connection_url: Some("postgres://db.example.com:5432/crm?sslmode=require".into()),
        options: options(
            json!({"schema": "public", "pool": {"max": 5, "ratio": 1.0}, "tags": [null, true, "é"]}),
        ),
        credentials_secret_arn: Some(arn()),
        timeout_ms: 120_000,
        max_retries: 0,
        enabled: false,
        health: Health {
            status: HealthStatus::Unhealthy,
            last_check: Some(at("2026-07-11T00:00:00.001Z")),
            last_error: Some("the upstream refused".into()),
            tests: 7,
        },
        updated_at: at("2026-07-12T23:59:59.999Z"),
        version: 41,
        ..bare(of, called)
    }
}

pub(crate) fn options(value: Value) -> model::options::Options {
    model::options::Options::stored(&value.to_string()).unwrap()
}

/// A record's next version, with something changed.
pub(crate) fn changed(
    record: &ConnectorRecord,
    change: impl FnOnce(&mut ConnectorRecord),
) -> ConnectorRecord {
    let mut after = record.clone();
    change(&mut after);
    after.version += 1;
    after.updated_at = at("2026-08-01T00:00:00Z");
    after
}
