//! What passes by itself, and that it takes effect once however often it is sent.

use model::{
    clock::Clock,
    generation::Fingerprint,
    health::{Health, HealthStatus},
    session::{Role, Session, SessionToken},
};
use serde_json::{Value, json};
use store::{ConnectorWriter, MarkerReader, Markers, SessionStore, SessionWriter, TestRecorder, Write};

use crate::{
    support::{TestClock, World, actor, bare, changed, full, name, soon, tenant},
    wire::{Sent, Step},
};

const CONFLICT: Step = Step::Cancel(&["None", "None", "TransactionConflict"]);

/// All of the requests are the same one; its token.
fn repeated(sent: &[Sent], times: usize) -> String {
    assert_eq!(sent.len(), times, "{sent:?}");
    assert!(sent.iter().all(|one| one.body == sent[0].body), "{sent:?}");
    sent[0].body["ClientRequestToken"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn throttling_passes() {
    let world = World::new().await;
    let steps = [Step::Refuse("ProvisionedThroughputExceededException"), Step::Refuse("ThrottlingException")];
    let record = bare("tenant-a", "crm");
    world.wire.script(&steps);
    world.create(record.clone()).await;
    assert_ne!(repeated(&world.wire.sent(), 3), "");
    world.wire.script(&steps);
    assert_eq!(world.get(&record).await.as_ref(), Some(&record));
    repeated(&world.wire.sent(), 3);
}

#[tokio::test]
async fn a_transaction_that_others_block_is_repeated_as_it_was() {
    let world = World::new().await;
    let record = bare("tenant-a", "crm");
    world.wire.script(&[
        CONFLICT,
        Step::Cancel(&["ThrottlingError", "None", "None"]),
        Step::Cancel(&["None", "None", "ProvisionedThroughputExceeded"]),
        Step::Refuse("TransactionInProgressException"),
        CONFLICT,
        CONFLICT,
    ]);
    world.create(record.clone()).await;
    let first = repeated(&world.wire.sent(), 7);
    assert_eq!((world.audited().await.len(), world.generation(&record).await), (1, 1));

    let after = changed(&record, |record| record.enabled = false);
    world.wire.script(&[CONFLICT]);
    assert_eq!(world.store.update(&record, &after, &actor(), soon()).await, Ok(Write::Stored));
    let second = repeated(&world.wire.sent(), 2);
    assert!(!first.is_empty() && !second.is_empty() && first != second);
}

#[tokio::test]
async fn a_condition_that_fails_is_an_answer_even_beside_a_conflict() {
    let world = World::new().await;
    world.wire.script(&[Step::Cancel(&["ConditionalCheckFailed", "None", "TransactionConflict"])]);
    let outcome = world.store.create(&bare("tenant-a", "crm"), &actor(), soon()).await;
    assert_eq!((outcome, world.wire.sent().len()), (Ok(Write::Refused), 1));
}

#[tokio::test]
async fn a_mutation_whose_answer_was_lost_takes_effect_once() {
    let world = World::new().await;
    let first = bare("tenant-a", "crm");
    world.wire.script(&[Step::LoseAnswer]);
    world.create(first.clone()).await;
    repeated(&world.wire.sent(), 2);
    assert_eq!(world.get(&first).await.as_ref(), Some(&first));
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (1, 1));

    let second = changed(&first, |record| record.enabled = false);
    world.wire.script(&[Step::LoseAnswer, Step::LoseAnswer]);
    assert_eq!(world.store.update(&first, &second, &actor(), soon()).await, Ok(Write::Stored));
    repeated(&world.wire.sent(), 3);
    assert_eq!(world.get(&first).await.as_ref(), Some(&second));
    assert_eq!((second.version, world.audited().await.len(), world.generation(&first).await), (2, 2, 2));

    let last_check = Some(TestClock.now().millis());
    let health = Health { status: HealthStatus::Healthy, last_check, last_error: None, tests: 0 };
    world.wire.script(&[Step::LoseAnswer, CONFLICT]);
    assert_eq!(world.store.record_test(&second, &health, &actor(), soon()).await, Ok(Write::Stored));
    repeated(&world.wire.sent(), 3);
    assert_eq!(world.get(&first).await.unwrap().health.tests, 1);
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (3, 2));

    world.wire.script(&[Step::LoseAnswer]);
    assert_eq!(world.store.delete(&second, &actor(), soon()).await, Ok(Write::Stored));
    repeated(&world.wire.sent(), 2);
    assert_eq!(world.get(&first).await, None);
    assert_eq!((world.audited().await.len(), world.generation(&first).await), (4, 3));
}

#[tokio::test]
async fn a_read_whose_answer_was_lost_is_asked_again() {
    let world = World::new().await;
    let record = world.create(full("tenant-a", "crm")).await;
    for step in [Step::LoseAnswer, Step::NoConnection] {
        world.wire.script(&[step, step]);
        assert_eq!(world.get(&record).await.as_ref(), Some(&record));
        repeated(&world.wire.sent(), 3);
    }
}

#[tokio::test]
async fn a_session_whose_answer_was_lost_is_stored() {
    let world = World::new().await;
    let token_hash = SessionToken::from_cookie("token").hash();
    let (tenant_id, user) = (tenant("tenant-a"), "someone".to_owned());
    let session =
        Session { token_hash, tenant_id, user, role: Role::Editor, created_at: 1_000, last_seen_at: 1_000 };
    world.wire.script(&[Step::LoseAnswer]);
    world.store.put(&session, soon()).await.unwrap();
    world.wire.script(&[Step::LoseAnswer]);
    world.store.touch(&Session { last_seen_at: 2_000, ..session.clone() }, soon()).await.unwrap();
    assert_eq!(world.store.find(&session.token_hash, soon()).await.unwrap().unwrap().last_seen_at, 2_000);
}

/// As DynamoDB answers a batch of which it read nothing.
fn none_read(request: &Value) -> Value {
    json!({"Responses": {}, "UnprocessedKeys": request["RequestItems"]})
}

/// As DynamoDB answers a batch of which it read the tenant's counter and nothing else.
fn tenant_read(request: &Value) -> Value {
    let mut left = request["RequestItems"].clone();
    let tables = left.as_object_mut().unwrap();
    let (table, asked) = tables.iter_mut().find(|(table, _)| table.ends_with("-generations")).unwrap();
    asked["Keys"].as_array_mut().unwrap().retain(|key| key["scope"]["S"] != "tenant#tenant-a");
    let item = json!({"scope": {"S": "tenant#tenant-a"}, "g": {"N": "5"}});
    json!({"Responses": {table: [item]}, "UnprocessedKeys": left})
}

#[tokio::test]
async fn keys_that_were_not_read_are_asked_for_until_they_are() {
    let world = World::new().await;
    world.create(bare("tenant-a", "crm")).await;
    let nothing = Step::Answer(none_read);
    world.wire.script(&[nothing, Step::Answer(tenant_read), nothing, Step::Refuse("ThrottlingException")]);
    let markers = world.store.read(0, &tenant("tenant-a"), &name("crm"), "license", soon()).await.unwrap();
    let fingerprint = Fingerprint { platform: 0, tenant: 5, connector: 1 };
    assert_eq!(markers, Markers { fingerprint, license_revoked: false });

    let sent = world.wire.sent();
    assert_eq!(sent.len(), 5);
    assert_eq!(sent[1].body["RequestItems"], sent[0].body["RequestItems"]);
    let rest = &sent[4].body["RequestItems"];
    let keys: Vec<_> =
        rest[&world.names.generations]["Keys"].as_array().unwrap().iter().map(|k| &k["scope"]["S"]).collect();
    assert_eq!(keys, ["platform#00", "tenant#tenant-a#crm"]);
    assert!(rest.as_object().unwrap().values().all(|table| table["ConsistentRead"] == true), "{rest}");
}
