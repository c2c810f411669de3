//! The audit as it is read back.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use model::{
    audit::{Actor, AuditAction, AuditEntry, AuditedRequest},
    entropy::{Entropy, SystemEntropy},
};
use serde_json::json;
use store::{AuditFilter, AuditReader, AuditWriter, ConnectorWriter, StoreError, StoredAuditEntry};

use crate::support::{CANARY, World, actor, full, name, soon, tenant};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_783_711_145_000 + millis).unwrap()
}

fn entry(of: &str, connector: &str, action: AuditAction, who: &str, millis: i64) -> AuditEntry {
    AuditEntry {
        tenant_id: tenant(of),
        at: at(millis),
        id: SystemEntropy.uuid(),
        actor: Actor { who: who.to_owned(), request_id: "request-1".to_owned() },
        action,
        connector_name: name(connector),
        before: None,
        after: None,
        request: None,
        result: "done".to_owned(),
    }
}

async fn pages(world: &World, filter: &AuditFilter) -> Vec<StoredAuditEntry> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.list(filter, after.as_ref(), soon()).await.unwrap();
        found.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// The times of what is found: in the store's order for one tenant, sorted for all.
async fn times(world: &World, filter: &AuditFilter) -> Vec<i64> {
    let mut found: Vec<i64> = pages(world, filter)
        .await
        .iter()
        .map(|entry| entry.at.as_millisecond() - at(0).as_millisecond())
        .collect();
    if filter.tenant.is_none() {
        found.sort_by_key(|time| std::cmp::Reverse(*time));
    }
    found
}

#[tokio::test]
async fn filters_admit_what_they_name_for_one_tenant_and_for_all() {
    use AuditAction::{ConnectorCreate, ConnectorDelete, Execute};
    let world = World::new().await;
    for (connector, action, who, millis) in [
        ("crm", ConnectorCreate, "session:ann", 0),
        ("crm", Execute, "license:acme#one", 1),
        ("erp", Execute, "license:acme#two", 1_000),
        ("crm", ConnectorDelete, "session:bob", 2_000),
    ] {
        world.store.append(&entry("tenant-a", connector, action, who, millis), soon()).await.unwrap();
    }
    world.store.append(&entry("tenant-b", "crm", Execute, "session:ann", 5), soon()).await.unwrap();

    let none = AuditFilter::default();
    for (filter, mut expected) in [
        (none.clone(), vec![2_000, 1_000, 1, 0]),
        (AuditFilter { connector: Some(name("erp")), ..none.clone() }, vec![1_000]),
        (AuditFilter { action: Some(Execute), ..none.clone() }, vec![1_000, 1]),
        (AuditFilter { who: Some("acme".into()), ..none.clone() }, vec![1_000, 1]),
        (AuditFilter { who: Some("acme#one".into()), ..none.clone() }, vec![1]),
        // From the start on, before the end.
        (AuditFilter { since: Some(at(1)), ..none.clone() }, vec![2_000, 1_000, 1]),
        (AuditFilter { since: Some(at(2)), ..none.clone() }, vec![2_000, 1_000]),
        (AuditFilter { until: Some(at(1)), ..none.clone() }, vec![0]),
        (AuditFilter { until: Some(at(2)), ..none.clone() }, vec![1, 0]),
        (AuditFilter { since: Some(at(1)), until: Some(at(2_000)), ..none.clone() }, vec![1_000, 1]),
        (AuditFilter { since: Some(at(9)), until: Some(at(8)), ..none.clone() }, vec![]),
        (
            AuditFilter {
                connector: Some(name("crm")),
                action: Some(Execute),
                who: Some("license:".into()),
                since: Some(at(0)),
                until: Some(at(9)),
                ..none.clone()
            },
            vec![1],
        ),
    ] {
        let of_one = AuditFilter { tenant: Some(tenant("tenant-a")), ..filter.clone() };
        assert_eq!(times(&world, &of_one).await, expected, "{of_one:?}");
        // The other tenant's entry is at 5 and fits what names neither another connector nor another actor.
        let fits = filter.connector.as_ref().is_none_or(|connector| *connector == name("crm"))
            && filter.who.is_none()
            && filter.since.is_none_or(|since| since <= at(5))
            && filter.until.is_none_or(|until| until > at(5));
        if fits {
            expected.push(5);
            expected.sort_by_key(|time| std::cmp::Reverse(*time));
        }
        assert_eq!(times(&world, &filter).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn an_entry_is_read_back_whole() {
    let world = World::new().await;
    let written = AuditEntry {
        before: Some(json!({"enabled": true})),
        after: Some(json!({"enabled": false, "text": "é\n"})),
        request: Some(AuditedRequest {
            statement: Some("/orders".into()),
            operation: Some("POST".into()),
            parameters_sha256: "ab".repeat(32),
        }),
        ..entry("tenant-a", "crm", AuditAction::Execute, "license:acme#one", 7)
    };
    world.store.append(&written, soon()).await.unwrap();
    let read = &pages(&world, &AuditFilter::default()).await[0];
    assert_eq!((read.at, read.id, &read.tenant_id), (written.at, written.id, &written.tenant_id));
    assert_eq!((&read.connector_name, read.action.as_str()), (&written.connector_name, "execute"));
    assert_eq!(
        [&read.who, &read.request_id, &read.result].map(String::as_str),
        ["license:acme#one", "request-1", "done"]
    );
    assert_eq!((&read.before, &read.after), (&written.before, &written.after));
    let request = written.request.unwrap();
    assert_eq!((&read.statement, &read.operation), (&request.statement, &request.operation));
    assert_eq!(read.parameters_sha256.as_ref(), Some(&request.parameters_sha256));
}

#[tokio::test]
async fn what_mutations_leave_is_read_back_masked() {
    let world = World::new().await;
    let record = world.create(full("tenant-a", "crm")).await;
    world.store.delete(&record, &actor(), soon()).await.unwrap();
    let filter = AuditFilter { tenant: Some(tenant("tenant-a")), ..AuditFilter::default() };
    let found = pages(&world, &filter).await;
    assert_eq!(found.len(), 2);
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains("axonflow/...masked") && !text.contains(CANARY), "{text}");
}

#[tokio::test]
async fn the_list_goes_on_past_what_one_answer_holds() {
    let world = World::new().await;
    for millis in 0..8 {
        let large = AuditEntry {
            result: "x".repeat(200_000),
            ..entry("tenant-a", "crm", AuditAction::Execute, "session:ann", millis)
        };
        world.store.append(&large, soon()).await.unwrap();
    }
    for tenant in [Some(tenant("tenant-a")), None] {
        world.wire.script(&[]);
        let filter = AuditFilter { tenant, ..AuditFilter::default() };
        assert_eq!(times(&world, &filter).await, [7, 6, 5, 4, 3, 2, 1, 0]);
        assert!(world.wire.sent().len() > 1, "one answer held everything: the entries are too small");
    }
}

#[tokio::test]
async fn an_action_of_another_version_is_shown_and_an_unreadable_item_quotes_nothing() {
    let world = World::new().await;
    let written = entry("tenant-a", "crm", AuditAction::Execute, "session:ann", 0);
    world.store.append(&written, soon()).await.unwrap();
    let set = async |attribute: &str, value: &str| {
        let request = world.raw.update_item().table_name(&world.names.audit);
        let request = request
            .key("tenant_id", AttributeValue::S("tenant-a".into()))
            .key("at_id", AttributeValue::S(written.key()))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", AttributeValue::S(value.into()));
        request.send().await.unwrap();
    };
    set("action", "connector_renamed").await;
    assert_eq!(pages(&world, &AuditFilter::default()).await[0].action, "connector_renamed");
    set("after", &format!("{{\"{CANARY}")).await;
    let error = world.store.list(&AuditFilter::default(), None, soon()).await.unwrap_err();
    assert_eq!(error, StoreError::Fault("unreadable audit entry".into()));
}
