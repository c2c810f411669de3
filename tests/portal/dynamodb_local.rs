//! A connector's life over AWS's own DynamoDB Local: the store's tests hold on it one by one, and here the functions do.

use std::sync::Arc;

use boot::{Boot, aws::Clients};
use end_to_end::{Call, Reply, Variant, World};
use local::{seed, stack::REGION};
use serde_json::{Value, json};
use test_servers::dynamodb_local::DynamoDbLocal;
use tokio::task::JoinSet;

use crate::{
    given::{CONNECTORS, path},
    stored,
    user::User,
};

/// The functions of a world over other tables: its own, in DynamoDB Local.
async fn over(server: &DynamoDbLocal, world: &World) -> Variant {
    let Boot { settings, clients, clock, entropy, metrics } = world.stack.boot.as_ref();
    let dynamo = Clients::local(&format!("http://127.0.0.1:{}", server.port), REGION).unwrap().dynamo;
    let clients = Clients { dynamo, ..clients.clone() };
    store::schema::create_all(&clients.dynamo, &settings.tables).await.unwrap();
    let (settings, clock, entropy) = (settings.clone(), Arc::clone(clock), Arc::clone(entropy));
    let metrics = metrics.clone();
    let boot = Boot { settings, clients: clients.clone(), clock, entropy, metrics };
    seed::sessions(&boot, &world.stack.identity).await.unwrap();
    world.variant(|boot| boot.clients = clients).await
}

async fn statuses(calls: impl Iterator<Item = Call>) -> Vec<u16> {
    let replies = calls.map(Call::send).collect::<JoinSet<_>>().join_all().await;
    let mut statuses: Vec<_> = replies.iter().map(|reply: &Reply| reply.status).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creating_racing_refreshing_and_deleting_hold_over_dynamodb_local() {
    let Some(server) = DynamoDbLocal::start() else { return };
    let world = World::saas().await;
    let functions = over(&server, &world).await;
    let user = User::of(&world, "tenant-a").at(&functions);
    let query = || functions.query(&world, &json!({"connector": "crm", "statement": "/accounts"})).send();
    let change = |change: Value| user.call("PUT", &path("crm")).json(&change);

    let connector = json!({
        "connector_name": "crm",
        "connector_type": "custom",
        "connection_url": format!("http://{}", world.stack.demo),
        "options": {"auth_type": "bearer", "data_path": "/data"},
        "credentials_secret_arn": stored::arn(&world, "tenant-a", "demo-crm").await.unwrap(),
    });
    assert_eq!(query().await.status, 404);
    let create = |_| user.call("POST", CONNECTORS).json(&connector);
    assert_eq!(statuses((0..3).map(create)).await, [201, 409, 409]);
    assert_eq!(query().await.expect(200).json()["row_count"], 3);

    let puts = (1..=20).map(|n| change(json!({"description": format!("by {n}")})));
    assert_eq!(statuses(puts).await, [200; 20]);
    assert_eq!(user.record("crm").await["version"], 21);

    // Each change of the portal is obeyed by the very next call.
    change(json!({"enabled": false})).send().await.expect(200);
    assert_eq!(query().await.status, 409);
    change(json!({"enabled": true})).send().await.expect(200);
    query().await.expect(200);

    for (license, scope) in [("tenant-a", "/tenant-a/crm"), ("tenant-a", "/tenant-a"), ("*", "")] {
        let refresh = async || {
            let route = format!("{CONNECTORS}/refresh{scope}");
            let answer = functions.agent_as(&world, license, "POST", &route).send().await;
            answer.expect(200).json()["generation"].clone()
        };
        // A counter in the table, or sixteen in one transaction.
        assert_ne!(refresh().await, refresh().await, "{scope}");
        query().await.expect(200);
    }

    let delete = |_| user.call("DELETE", &path("crm"));
    assert_eq!(statuses((0..2).map(delete)).await, [204, 404]);
    assert_eq!(query().await.status, 404);
}
