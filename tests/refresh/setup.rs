//! What the tests share: calls, rows as containers write them, and the counters past every route.

use std::{collections::BTreeMap, net::SocketAddr};

use end_to_end::{Call, Reply, World, soon};
use jiff::Timestamp;
use model::{
    ids::TenantId,
    license::License,
    statistics::{Counters, StatisticsRow},
};
use serde_json::{Value, json};
use store::StatisticsWriter;

/// Refreshing everything; a tenant and a connector are further segments.
pub(crate) const REFRESH: &str = "/api/v1/connectors/refresh";
pub(crate) const STATS: &str = "/api/v1/connectors/cache/stats";
pub(crate) const ROUTES: [(&str, &str); 4] = [
    ("POST", REFRESH),
    ("POST", "/api/v1/connectors/refresh/tenant-a"),
    ("POST", "/api/v1/connectors/refresh/tenant-a/crm"),
    ("GET", STATS),
];

/// A license that may do everything everywhere, but for a change.
pub(crate) fn license(world: &World, change: impl FnOnce(&mut License)) -> String {
    world.license(|license| {
        license.tenants = words(&["*"]);
        license.scopes = words(&["refresh", "stats", "query", "execute"]);
        // The clock of some tests runs on for days.
        license.exp += 30 * 24 * 3600;
        change(license);
    })
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// A license for one tenant.
pub(crate) fn of_tenant(world: &World, tenant: &str) -> String {
    license(world, |license| license.tenants = words(&[tenant]))
}

pub(crate) async fn call(world: &World, method: &str, path: &str, key: &str) -> Reply {
    world.agent(method, path).header("x-license-key", key).send().await
}

/// A call of an agent that was started from something else.
pub(crate) fn at(agent: SocketAddr, method: &str, path: &str, key: &str) -> Call {
    Call::new(method, format!("http://{agent}{path}")).header("x-license-key", key)
}

/// Refreshes what a path below the route names.
pub(crate) async fn refresh(world: &World, below: &str, key: &str) -> Reply {
    call(world, "POST", &format!("{REFRESH}{below}"), key).await
}

/// A row as a container writes it: `weight` sets every counter apart.
pub(crate) fn row(tenant: &str, container: &str, heard_at: Timestamp, weight: u64) -> StatisticsRow {
    StatisticsRow {
        tenant_id: TenantId::parse(tenant).unwrap(),
        container: container.to_owned(),
        hour: heard_at.as_second() / 3600,
        counters: Counters {
            hits: 6 * weight,
            misses: 2 * weight,
            evictions: 3 * weight,
            factory_creations: 4 * weight,
            factory_failures: 5 * weight,
            connection_errors: 7 * weight,
            stale_serves: 9 * weight,
        },
        cached_connectors: weight,
        last_eviction: None,
        last_factory_create: None,
        heard_at,
    }
}

pub(crate) async fn put(world: &World, row: &StatisticsRow) {
    world.stack.boot.dynamo().put(row, soon()).await.unwrap();
}

/// Every counter that was ever raised, but for those of the seeded connectors.
pub(crate) async fn counters(world: &World) -> BTreeMap<String, u64> {
    let answer = world.dynamo("Scan", &json!({"TableName": "generations", "ConsistentRead": true})).await;
    let items = answer["Items"].as_array().unwrap().iter();
    let counter = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&item["scope"]["S"]), text(&item["g"]["N"]).parse().unwrap())
    };
    items.map(counter).filter(|(scope, _)| !scope.ends_with("#demo-crm")).collect()
}

/// All platform shards at one value.
pub(crate) fn shards_at(counter: u64) -> BTreeMap<String, u64> {
    (0..16).map(|shard| (format!("platform#{shard:02}"), counter)).collect()
}

pub(crate) async fn revoke(world: &World, jti: &str) {
    world.dynamo("PutItem", &json!({"TableName": "licenses", "Item": {"jti": {"S": jti}}})).await;
}

/// Expects a problem in the one shape of the agent's host.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, kind: &str) -> Value {
    let body = reply.problem(status, kind);
    assert_eq!((&body["success"], &body["error"]), (&json!(false), &body["detail"]));
    assert_eq!(reply.header("cache-control"), "no-store");
    body
}

/// Takes a text out of a body, so that the rest can be compared whole.
#[track_caller]
pub(crate) fn take(body: &mut Value, member: &str) -> String {
    let value = body.as_object_mut().unwrap().remove(member);
    value.as_ref().and_then(Value::as_str).unwrap_or_else(|| panic!("{member}: {value:?}")).to_owned()
}
