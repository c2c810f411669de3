//! What R1 rests on: every read of a call says that it must be strongly consistent. The embedded DynamoDB answers
//! as if it always did, so the requests themselves are looked at.

use end_to_end::{Asked, Upstream, World};
use serde_json::{Value, json};

fn reads(asked: Vec<Asked>) -> Vec<Asked> {
    const WRITES: [&str; 5] =
        ["PutItem", "UpdateItem", "DescribeSecret", "GetSecretValue", "TransactWriteItems"];
    asked.into_iter().filter(|asked| !WRITES.contains(&asked.operation.as_str())).collect()
}

#[tokio::test]
async fn every_read_of_a_call_is_strongly_consistent() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let body = json!({"connector_name": "crm", "connector_type": "custom", "connection_url": upstream.url()});
    world.create(&body).await;
    let passage = world.passage(|_| false).await;
    let fleet = world.fleet_of(vec![world.agent_through(&passage)]);

    // A miss, a hit, a miss after a refresh, and a name that is not there.
    for (name, status, operations) in [
        ("crm", 200, vec!["BatchGetItem", "GetItem"]),
        ("crm", 200, vec!["BatchGetItem"]),
        ("crm", 200, vec!["BatchGetItem", "GetItem"]),
        ("absent", 404, vec!["BatchGetItem", "GetItem"]),
    ] {
        let (answered, body) = fleet.query("tenant-a", name).await;
        assert_eq!(answered, status, "{body}");
        let reads = reads(passage.take());
        let asked: Vec<&str> = reads.iter().map(|read| read.operation.as_str()).collect();
        assert_eq!(asked, operations);
        for read in &reads {
            let tables = match read.body.get("RequestItems") {
                Some(tables) => tables.as_object().unwrap().values().collect(),
                None => vec![&read.body],
            };
            assert!(!tables.is_empty());
            for table in tables {
                assert_eq!(table.get("ConsistentRead"), Some(&Value::Bool(true)), "{read:?}");
            }
        }
        if operations.len() == 1 {
            assert_eq!(fleet.refresh(&["tenant-a", "crm"]).await.0, 200);
        }
    }
}
