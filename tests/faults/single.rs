//! One fault is nobody's trouble: whatever a single request of a call meets, the call ends as it would have without.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use end_to_end::{Asked, Fault, Loss, Upstream, World};
use serde_json::json;

use crate::{
    calls::Marked,
    case::Case,
    rig::Rig,
    steps::{IfMatch, Kind, Meet, Op, Requests, Scope, Slot, Step, Trouble},
};

/// Every route that works on a connector and its secret, in an order in which each succeeds.
fn life() -> Vec<Op> {
    let slot = Slot { tenant: 0, name: 1 };
    vec![
        Op::Create(slot),
        Op::Query(slot, 0, Kind::Plain),
        Op::Query(slot, 0, Kind::Forbidden),
        Op::Execute(slot, 1, Kind::Plain),
        Op::Execute(slot, 1, Kind::Forbidden),
        Op::Put(slot, None, IfMatch::Known),
        Op::Test(slot),
        Op::Read(slot),
        Op::List(0),
        Op::Refresh(Scope::Connector(slot)),
        Op::Refresh(Scope::Tenant(0)),
        Op::Refresh(Scope::All),
        Op::Query(slot, 2, Kind::Plain),
        Op::Delete(slot, IfMatch::Known),
    ]
}

#[tokio::test]
async fn one_fault_of_any_kind_at_any_request_is_not_noticed() {
    let (world, upstream) = (Arc::new(World::saas().await), Marked::start().await);
    let rig = Rig::new(world, None).await;
    let mut disturbed = 0;
    for meet in [
        Meet::Throttled,
        Meet::Lost(Loss::ServerError),
        Meet::Lost(Loss::HangUp),
        Meet::Lost(Loss::Cut),
        Meet::AnswerLost(Loss::ServerError),
        Meet::AnswerLost(Loss::HangUp),
        Meet::AnswerLost(Loss::Cut),
        Meet::Late(20),
        Meet::AnswerLate(20),
    ] {
        for spared in 0..5 {
            disturbed += lived(&rig, &upstream, &Trouble { of: Requests::Any, spared, times: 1, meet }).await;
        }
    }
    for reason in
        ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgress"]
    {
        let meet = Meet::Cancelled(reason);
        disturbed +=
            lived(&rig, &upstream, &Trouble { of: Requests::Transactions, spared: 0, times: 3, meet }).await;
    }
    for keys in 1..=4 {
        let meet = Meet::Unread(keys);
        disturbed +=
            lived(&rig, &upstream, &Trouble { of: Requests::Markers, spared: 0, times: 2, meet }).await;
    }
    let pages = Trouble { of: Requests::Pages, spared: 0, times: usize::MAX, meet: Meet::ShortPage };
    disturbed += lived(&rig, &upstream, &pages).await;
    println!("{disturbed} requests met with a fault");
    assert!(disturbed > 300, "{disturbed}");
}

/// Lives one life in which each call meets with this; gives how many did.
async fn lived(rig: &Rig, upstream: &Marked, trouble: &Trouble) -> usize {
    let mut case = Case::new(rig, upstream).await;
    // The first use of a session that is a minute old is noted: a request more.
    case.step(&Step::Pass(Duration::from_secs(61))).await.unwrap();
    let mut disturbed = 0;
    for op in life() {
        // What was loaded before must be loaded again.
        case.step(&Step::Pass(Duration::from_secs(31))).await.unwrap();
        let (hits, heard) =
            case.undaunted(&op, trouble).await.unwrap_or_else(|error| panic!("{trouble:?}: {error}"));
        disturbed += hits;
        let right = match op {
            Op::Create(_) => 201,
            Op::Delete(..) => 204,
            Op::Query(_, _, Kind::Forbidden) | Op::Execute(_, _, Kind::Forbidden) => 403,
            _ => 200,
        };
        assert_eq!(heard.status, right, "{op:?} while {trouble:?}: {heard:?}");
    }
    case.end().await.unwrap_or_else(|error| panic!("{trouble:?}: {error}"));
    disturbed
}

#[tokio::test]
async fn an_intent_that_arrives_late_does_not_undo_its_outcome() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let body = json!({"connector_name": "crm", "connector_type": "custom", "connection_url": upstream.url()});
    world.create(&body).await;
    let first = AtomicBool::new(true);
    let proxy = world
        .proxy(move |asked: &Asked| {
            let intent = asked.operation == "PutItem" && asked.body["TableName"] == "audit";
            // Longer than an attempt is waited for.
            let late = intent && first.swap(false, Ordering::SeqCst);
            if late { Fault::Late(Duration::from_secs(5)) } else { Fault::None }
        })
        .await;
    let clients = proxy.clients();
    let agent = world.variant(|boot| boot.clients = clients).await;
    agent.execute(&world, &json!({"connector": "crm", "action": "POST"})).send().await.expect(200);
    proxy.settled().await;
    let request = json!({
        "TableName": "audit", "KeyConditionExpression": "tenant_id = :t", "FilterExpression": "#a = :a",
        "ExpressionAttributeNames": {"#a": "action"},
        "ExpressionAttributeValues": {":t": {"S": "tenant-a"}, ":a": {"S": "execute"}},
    });
    let answer = world.dynamo("Query", &request).await;
    let results: Vec<_> =
        answer["Items"].as_array().unwrap().iter().map(|item| &item["result"]["S"]).collect();
    assert_eq!((results, upstream.seen().len()), (vec![&json!("succeeded: POST 200")], 1));
}
