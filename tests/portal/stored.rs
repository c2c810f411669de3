//! What lies in the tables, past every route.

use end_to_end::{World, soon};
use model::{
    audit::Actor,
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
};
use serde_json::{Value, json};
use store::{ConnectorReader, TestRecorder, Write};

/// The record as the runtime loads it, its ARN unmasked.
pub(crate) async fn record(world: &World, tenant: &str, name: &str) -> Option<ConnectorRecord> {
    let (tenant, name) = (TenantId::parse(tenant).unwrap(), ConnectorName::parse(name).unwrap());
    world.stack.boot.dynamo().get(&tenant, &name, soon()).await.unwrap()
}

/// The secret that a connector's credentials lie in.
pub(crate) async fn arn(world: &World, tenant: &str, name: &str) -> Option<String> {
    let record = record(world, tenant, name).await.unwrap();
    record.credentials_secret_arn.map(|arn| arn.expose().to_owned())
}

/// The generation counter of one connector.
pub(crate) async fn generation(world: &World, tenant: &str, name: &str) -> u64 {
    let key = json!({"scope": {"S": format!("tenant#{tenant}#{name}")}});
    let request = json!({"TableName": "generations", "Key": key, "ConsistentRead": true});
    let answer = world.dynamo("GetItem", &request).await;
    answer["Item"]["g"]["N"].as_str().map_or(0, |number| number.parse().unwrap())
}

/// One entry of the audit.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) who: String,
    pub(crate) action: String,
    pub(crate) request_id: String,
    pub(crate) result: String,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// The audit of one connector, in the order of its keys.
pub(crate) async fn audit(world: &World, tenant: &str, name: &str) -> Vec<Entry> {
    let items = audit_items(world, tenant).await;
    let of_name = items.iter().filter(|item| item["connector_name"]["S"] == name);
    of_name.map(entry).collect()
}

/// The audit of a tenant as DynamoDB holds it.
pub(crate) async fn audit_items(world: &World, tenant: &str) -> Vec<Value> {
    let mut request = json!({
        "TableName": "audit", "KeyConditionExpression": "tenant_id = :t", "ConsistentRead": true,
        "ExpressionAttributeValues": {":t": {"S": tenant}},
    });
    let mut items = Vec::new();
    loop {
        let answer = world.dynamo("Query", &request).await;
        items.extend(answer["Items"].as_array().unwrap().iter().cloned());
        match answer.get("LastEvaluatedKey").filter(|key| !key.is_null()) {
            Some(key) => request["ExclusiveStartKey"] = key.clone(),
            None => return items,
        }
    }
}

fn entry(item: &Value) -> Entry {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    let shown =
        |name: &str| item[name]["S"].as_str().map_or(Value::Null, |json| serde_json::from_str(json).unwrap());
    Entry {
        who: text("who"),
        action: text("action"),
        request_id: text("request_id"),
        result: text("result"),
        before: shown("before"),
        after: shown("after"),
    }
}

/// Notes a state of health that no simulated test finds.
pub(crate) async fn set_health(world: &World, tenant: &str, name: &str, status: HealthStatus) {
    let record = record(world, tenant, name).await.unwrap();
    let health =
        Health { status, last_check: Some(record.updated_at), last_error: Some("refused".into()), tests: 0 };
    let actor = Actor { who: "test".to_owned(), request_id: "test".to_owned() };
    let written = world.stack.boot.dynamo().record_test(&record, &health, &actor, soon()).await;
    assert_eq!(written.unwrap(), Write::Stored);
}

/// Copies a stored connector to other names at once, as no route could. The name must occur in the item as a name
/// only.
pub(crate) async fn copy(world: &World, tenant: &str, name: &str, copies: impl Iterator<Item = String>) {
    let key = json!({"tenant_id": {"S": tenant}, "connector_name": {"S": name}});
    let item =
        world.dynamo("GetItem", &json!({"TableName": "connectors", "Key": key})).await["Item"].to_string();
    let copies: Vec<String> = copies.map(|copy| item.replace(name, &copy)).collect();
    // DynamoDB takes up to 25 items and 16 MB at a time.
    for batch in copies.chunks(25) {
        let puts =
            batch.iter().map(|item| format!(r#"{{"PutRequest":{{"Item":{item}}}}}"#)).collect::<Vec<_>>();
        let request = format!(r#"{{"RequestItems":{{"connectors":[{}]}}}}"#, puts.join(","));
        let answer = world.dynamo("BatchWriteItem", &serde_json::from_str(&request).unwrap()).await;
        assert!(answer["UnprocessedItems"].as_object().is_none_or(serde_json::Map::is_empty), "{answer}");
    }
}
