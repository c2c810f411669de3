//! The proxy does to requests what it says, and chance draws what it was told to.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::{Client, config::retry::RetryConfig, types::AttributeValue};
use end_to_end::{Asked, Chance, Fault, Loss, Proxy, World};
use serde_json::{Value, json};

/// A client that asks once and waits for a second.
fn once(proxy: &Proxy) -> Client {
    let timeouts = aws_sdk_dynamodb::config::timeout::TimeoutConfig::builder();
    let timeouts = timeouts.operation_timeout(Duration::from_secs(1)).build();
    let config = proxy.clients().dynamo.config().to_builder();
    Client::from_conf(config.retry_config(RetryConfig::disabled()).timeout_config(timeouts).build())
}

/// A proxy whose every request meets this.
async fn always(world: &World, fault: Fault) -> Proxy {
    world.proxy(move |_| fault.clone()).await
}

/// Raises a counter; whether that was answered.
async fn raise(client: &Client, scope: &str) -> bool {
    let request =
        client.update_item().table_name("generations").key("scope", AttributeValue::S(scope.into()));
    let request = request.update_expression("ADD g :one");
    request.expression_attribute_values(":one", AttributeValue::N("1".into())).send().await.is_ok()
}

async fn counter(world: &World, scope: &str) -> u64 {
    let request = json!({"TableName": "generations", "Key": {"scope": {"S": scope}}, "ConsistentRead": true});
    let answer = world.dynamo("GetItem", &request).await;
    answer["Item"]["g"]["N"].as_str().map_or(0, |number| number.parse().unwrap())
}

#[tokio::test]
async fn what_is_lost_before_is_not_done_and_what_is_lost_after_is_done_once() {
    let world = World::saas().await;
    let ways = [Loss::ServerError, Loss::HangUp, Loss::Cut, Loss::Silence];
    for (index, loss) in ways.into_iter().enumerate() {
        for (fault, done) in [(Fault::Lost(loss), 0), (Fault::AnswerLost(loss), 1)] {
            let scope = format!("{index}-{done}");
            let proxy = always(&world, fault).await;
            assert!(!raise(&once(&proxy), &scope).await, "{loss:?}");
            proxy.settled().await;
            assert_eq!(counter(&world, &scope).await, done, "{loss:?}");
        }
    }
}

#[tokio::test]
async fn refusals_do_nothing_and_have_the_names_that_aws_gives_them() {
    let world = World::saas().await;
    for (fault, code) in [
        (Fault::Throttled, "ProvisionedThroughputExceededException"),
        (Fault::conflict(), "TransactionConflictException"),
        (Fault::refused("AccessDeniedException"), "AccessDeniedException"),
    ] {
        let proxy = always(&world, fault).await;
        let request =
            once(&proxy).put_item().table_name("generations").item("scope", AttributeValue::S("x".into()));
        let error = request.send().await.unwrap_err().into_service_error();
        assert_eq!(error.meta().code(), Some(code));
    }
    assert_eq!(counter(&world, "x").await, 0);
}

#[tokio::test]
async fn what_is_late_is_done_though_nobody_waits_any_more() {
    let world = World::saas().await;
    let proxy = always(&world, Fault::Late(Duration::from_millis(1_500))).await;
    assert!(!raise(&once(&proxy), "late").await);
    assert_eq!(counter(&world, "late").await, 0);
    proxy.settled().await;
    assert_eq!(counter(&world, "late").await, 1);
}

#[tokio::test]
async fn a_batch_in_part_leaves_the_rest_to_be_asked_for() {
    let world = World::saas().await;
    for scope in ["a", "b", "c"] {
        assert!(raise(&world.stack.boot.clients.dynamo, scope).await);
    }
    let sizes = Arc::<Mutex<Vec<usize>>>::default();
    for unread in [1, 2, 3] {
        let (log, turn) = (Arc::clone(&sizes), AtomicUsize::new(0));
        let judge = move |asked: &Asked| {
            let keys = asked.body["RequestItems"]["generations"]["Keys"].as_array().map_or(0, Vec::len);
            log.lock().unwrap().push(keys);
            if turn.fetch_add(1, Ordering::SeqCst) == 0 { Fault::Unread(unread) } else { Fault::None }
        };
        let proxy = world.proxy(judge).await;
        let mut wanted = Some(vec!["a", "b", "c"].into_iter().map(key).collect::<Vec<_>>());
        let mut found = 0;
        while let Some(keys) = wanted.take() {
            let keys =
                aws_sdk_dynamodb::types::KeysAndAttributes::builder().set_keys(Some(keys)).build().unwrap();
            let answer =
                once(&proxy).batch_get_item().request_items("generations", keys).send().await.unwrap();
            found += answer.responses().unwrap().get("generations").map_or(0, Vec::len);
            let rest = answer.unprocessed_keys.and_then(|mut tables| tables.remove("generations"));
            wanted = rest.map(|keys| keys.keys().to_vec());
        }
        assert_eq!(found, 3);
    }
    assert_eq!(*sizes.lock().unwrap(), [3, 1, 3, 2, 3, 3]);
}

fn key(scope: &str) -> std::collections::HashMap<String, AttributeValue> {
    [("scope".to_owned(), AttributeValue::S(scope.into()))].into()
}

#[tokio::test]
async fn a_short_page_says_where_the_next_one_begins() {
    let world = World::saas().await;
    let proxy = always(&world, Fault::ShortPage(1)).await;
    let page = once(&proxy).scan().table_name("sessions").send().await.unwrap();
    assert_eq!((page.count(), page.last_evaluated_key().is_some()), (1, true));
}

fn asked(operation: &str) -> Asked {
    Asked { operation: operation.to_owned(), trace: None, body: Value::Null }
}

#[test]
fn chance_draws_the_same_again_and_about_as_often_as_its_odds_say() {
    let drawn = |seed| {
        let chance = Chance::new(seed, &[(100_000, Fault::Throttled), (50_000, Fault::conflict())]);
        let faults = (0..20_000).map(|_| format!("{:?}", chance.judge(&asked("TransactWriteItems"))));
        let faults: Vec<_> = faults.collect();
        (faults, chance.met().into_iter().map(|(_, met)| met).collect::<Vec<_>>())
    };
    let (first, met) = drawn(7);
    assert_eq!(first, drawn(7).0);
    assert_ne!(first, drawn(8).0);
    assert!((1_800..2_200).contains(&met[0]) && (850..1_150).contains(&met[1]), "{met:?}");
}

#[test]
fn chance_keeps_to_what_a_request_can_meet_and_to_calm() {
    let chance = Chance::new(1, &[(1_000_000, Fault::Unread(1))]);
    assert!(matches!(chance.judge(&asked("GetItem")), Fault::None));
    assert!(matches!(chance.judge(&asked("BatchGetItem")), Fault::Unread(1)));
    chance.calm(true);
    assert!(matches!(chance.judge(&asked("BatchGetItem")), Fault::None));
    assert_eq!((chance.asked(), chance.met()[0].1), (3, 1));
}
