//! A store that does not do as it is asked: every operation ends by its deadline, with an error of the right kind.
//! Time is the runtime's own and stands still while something can be done, so that hours of waiting take none.

use std::time::Duration;

use model::{
    audit::{AuditAction, AuditEntry},
    clock::Clock,
    deadline::Deadline,
    entropy::{Entropy, SystemEntropy},
    health::Health,
    session::{Role, Session, SessionToken},
};
use serde_json::{Value, json};
use store::{
    AuditFilter, AuditWriter, ConnectorReader, ConnectorWriter, Filter, GenerationWriter, LicenseReader,
    LicenseWriter, MarkerReader, NameDirectory, PlatformDirectory, RefreshScope, Revocation,
    RevocationReader, SessionFilter, SessionStore, SessionWriter, StatisticsReader, StoreError,
    TenantDirectory, TestRecorder,
};

use crate::{
    support::{CANARY, TestClock, World, actor, after_ms, changed, full, name, tenant},
    wire::Step,
};

/// Everything that a store can be asked.
const OPERATIONS: [&str; 25] = [
    "get",
    "page",
    "platform",
    "owners",
    "create",
    "update",
    "delete",
    "test",
    "markers",
    "append",
    "find",
    "put",
    "touch",
    "conclude",
    "refresh one",
    "refresh all",
    "revoked",
    "statistics of one",
    "statistics of all",
    "sessions",
    "end",
    "revoke",
    "revocation",
    "revocations",
    "audit",
];
const TRANSACTIONS: [&str; 5] = ["create", "update", "delete", "test", "refresh all"];
const CONFLICT: Step = Step::Cancel(&["None", "None", "TransactionConflict"]);

async fn ask(world: &World, operation: &str, deadline: Deadline) -> Result<(), StoreError> {
    let store = &world.store;
    let record = full("tenant-a", "crm");
    let (tenant_id, crm) = (tenant("tenant-a"), name("crm"));
    let token_hash = SessionToken::from_cookie(CANARY).hash();
    let (user, role) = (CANARY.to_owned(), Role::Viewer);
    let session = Session {
        token_hash,
        tenant_id: tenant_id.clone(),
        user,
        role,
        created_at: 1_000,
        last_seen_at: 1_000,
    };
    let entry = AuditEntry {
        tenant_id: tenant_id.clone(),
        at: TestClock.now().millis(),
        id: SystemEntropy.uuid(),
        actor: actor(),
        action: AuditAction::QueryRefused,
        connector_name: crm.clone(),
        before: None,
        after: None,
        request: None,
        result: CANARY.to_owned(),
    };
    match operation {
        "get" => store.get(&tenant_id, &crm, deadline).await.map(drop),
        "page" => store.page_of_tenant(&tenant_id, &Filter::default(), None, 10, deadline).await.map(drop),
        "platform" => store.page_of_all(&Filter::default(), None, 10, deadline).await.map(drop),
        "owners" => store.tenants_with(&crm, deadline).await.map(drop),
        "create" => store.create(&record, &actor(), deadline).await.map(drop),
        "update" => {
            let after = changed(&record, |record| record.enabled = true);
            store.update(&record, &after, &actor(), deadline).await.map(drop)
        }
        "delete" => store.delete(&record, &actor(), deadline).await.map(drop),
        "test" => store.record_test(&record, &Health::default(), &actor(), deadline).await.map(drop),
        "markers" => store.read(0, &tenant_id, &crm, CANARY, deadline).await.map(drop),
        "append" => store.append(&entry, deadline).await,
        "find" => store.find(&session.token_hash, deadline).await.map(drop),
        "put" => store.put(&session, deadline).await,
        "touch" => store.touch(&session, deadline).await,
        "conclude" => store.conclude(&entry, CANARY, deadline).await,
        "refresh one" => store.bump(&RefreshScope::Tenant(tenant_id), deadline).await.map(drop),
        "refresh all" => store.bump(&RefreshScope::All, deadline).await.map(drop),
        "revoked" => store.revoked(CANARY, deadline).await.map(drop),
        "statistics of one" => store.of_tenant(&tenant_id, deadline).await.map(drop),
        "statistics of all" => store.all(deadline).await.map(drop),
        "sessions" => {
            store::SessionDirectory::list(store, &SessionFilter::default(), None, deadline).await.map(drop)
        }
        "end" => store::SessionDirectory::delete(store, &session.token_hash, deadline).await.map(drop),
        "revoke" => store.revoke(&revocation(), deadline).await.map(drop),
        "revocation" => store.revocation(CANARY, deadline).await.map(drop),
        "revocations" => store.revocations(Some(CANARY), deadline).await.map(drop),
        "audit" => store::AuditReader::list(store, &AuditFilter::default(), None, deadline).await.map(drop),
        other => panic!("no operation {other}"),
    }
}

fn revocation() -> Revocation {
    let by = Some(CANARY.to_owned());
    Revocation { jti: CANARY.to_owned(), revoked_at: None, by, reason: None, until: None }
}

/// Asks, and says how long it took.
async fn timed(world: &World, operation: &str, left: u64) -> (Result<(), StoreError>, Duration) {
    let began = TestClock.now();
    let asked = ask(world, operation, after_ms(left));
    let outcome = tokio::time::timeout(Duration::from_hours(1), asked).await;
    let outcome = outcome.unwrap_or_else(|_| panic!("{operation} hangs"));
    (outcome, TestClock.now().ticks.duration_since(began.ticks))
}

#[track_caller]
fn assert_silent_on_data(error: &StoreError) {
    let text = format!("{error} {error:?}");
    assert!(!text.contains(CANARY) && !text.contains("arn:"), "{text}");
}

#[track_caller]
fn assert_unavailable(outcome: Result<(), StoreError>, what: &str) {
    let error = outcome.expect_err(what);
    assert!(matches!(error, StoreError::Unavailable(_)), "{what}: {error}");
    assert_silent_on_data(&error);
}

#[track_caller]
fn assert_fault(outcome: Result<(), StoreError>, what: &str) {
    let error = outcome.expect_err(what);
    assert!(matches!(error, StoreError::Fault(_)), "{what}: {error}");
    assert_silent_on_data(&error);
}

#[tokio::test]
async fn a_store_that_stays_away_is_unavailable_by_the_deadline() {
    let world = World::new().await;
    tokio::time::pause();
    for step in [
        Step::Silence,
        Step::NoConnection,
        Step::Refuse("InternalServerError"),
        Step::Refuse("ThrottlingException"),
        Step::Refuse("ProvisionedThroughputExceededException"),
        Step::Refuse("RequestLimitExceeded"),
        Step::Refuse("AccessDeniedException"),
        Step::Refuse("ResourceNotFoundException"),
        Step::Refuse("UnrecognizedClientException"),
    ] {
        for operation in OPERATIONS {
            for left in [1, 700, 29_000] {
                world.wire.always(step);
                let (outcome, took) = timed(&world, operation, left).await;
                let what = format!("{operation}, {step:?}, {left} ms");
                assert_unavailable(outcome, &what);
                assert!(took <= Duration::from_millis(left + 1), "{what}: {took:?}");
                assert!((1..=13).contains(&world.wire.sent().len()), "{what}: {}", world.wire.sent().len());
            }
        }
    }
}

#[tokio::test]
async fn a_record_that_stays_blocked_is_given_up_by_the_deadline() {
    let world = World::new().await;
    tokio::time::pause();
    for operation in TRANSACTIONS {
        for left in [1, 300, 29_000] {
            world.wire.always(CONFLICT);
            let (outcome, took) = timed(&world, operation, left).await;
            assert_unavailable(outcome, operation);
            assert!(took <= Duration::from_millis(left + 1), "{operation}, {left} ms: {took:?}");
            assert!(
                left < 29_000 || world.wire.sent().len() > 20,
                "{operation}: {}",
                world.wire.sent().len()
            );
        }
    }
}

#[tokio::test]
async fn a_counter_that_stays_in_a_transaction_is_given_up_by_the_deadline() {
    let world = World::new().await;
    tokio::time::pause();
    for left in [1, 300, 29_000] {
        world.wire.always(Step::Refuse("TransactionConflictException"));
        let (outcome, took) = timed(&world, "refresh one", left).await;
        assert_unavailable(outcome, "refresh one");
        assert!(took <= Duration::from_millis(left + 1), "{left} ms: {took:?}");
        assert!(left < 29_000 || world.wire.sent().len() > 20, "{}", world.wire.sent().len());
    }
}

fn none_read(request: &Value) -> Value {
    json!({"Responses": {}, "UnprocessedKeys": request["RequestItems"]})
}

#[tokio::test]
async fn keys_that_are_never_read_are_given_up_by_the_deadline() {
    let world = World::new().await;
    tokio::time::pause();
    for left in [1, 300, 29_000] {
        world.wire.always(Step::Answer(none_read));
        let (outcome, took) = timed(&world, "markers", left).await;
        assert_unavailable(outcome, "markers");
        assert!(took <= Duration::from_millis(left + 1), "{left} ms: {took:?}");
    }
}

/// An answer without items. An update of a counter is answered with the counter.
fn nothing(_request: &Value) -> Value {
    json!({"Attributes": {"g": {"N": "1"}}})
}

#[tokio::test]
async fn one_lost_request_does_not_cost_the_whole_call() {
    let world = World::new().await;
    tokio::time::pause();
    for operation in OPERATIONS {
        world.wire.script(&[Step::Silence, Step::Answer(nothing)]);
        let (outcome, took) = timed(&world, operation, 29_000).await;
        assert_eq!((outcome, world.wire.sent().len()), (Ok(()), 2), "{operation}");
        assert!(took < Duration::from_secs(5), "{operation}: {took:?}");
    }
}

#[tokio::test]
async fn a_call_whose_time_is_over_sends_nothing() {
    let world = World::new().await;
    for operation in OPERATIONS {
        world.wire.script(&[]);
        assert_unavailable(ask(&world, operation, after_ms(0)).await, operation);
        assert_eq!(world.wire.sent().len(), 0, "{operation}");
    }
}

#[tokio::test]
async fn a_request_that_is_wrong_is_a_fault_and_not_repeated() {
    let world = World::new().await;
    for code in ["ValidationException", "com.amazon.coral.service#SerializationException"] {
        for operation in OPERATIONS {
            world.wire.always(Step::Refuse(code));
            assert_fault(ask(&world, operation, after_ms(20_000)).await, operation);
            assert_eq!(world.wire.sent().len(), 1, "{operation} {code}");
        }
    }
    for step in [
        Step::Cancel(&["None", "ValidationError", "None"]),
        Step::Cancel(&["None", "None", "ItemCollectionSizeLimitExceeded"]),
        Step::Refuse("IdempotentParameterMismatchException"),
    ] {
        for operation in TRANSACTIONS {
            world.wire.always(step);
            assert_fault(ask(&world, operation, after_ms(20_000)).await, operation);
            assert_eq!(world.wire.sent().len(), 1, "{operation} {step:?}");
        }
    }
}
