//! No audited intent, no write.

use std::{future::Future, pin::pin, sync::Arc, task::Poll};

use axum::http::StatusCode;
use model::audit::{AuditAction, UNKNOWN};
use registry::CallError;

use crate::support::{World, execute};

#[tokio::test]
async fn an_intent_that_can_not_be_stored_ends_the_call_before_the_upstream_hears_of_it() {
    let world = World::new().await;
    world.query().await.unwrap();
    let seen = world.upstream.seen();
    world.stores.fail("append");
    assert!(matches!(world.execute().await, Err(CallError::Store(_))));
    assert_eq!(world.upstream.seen(), seen);
    world.stores.mend();
    world.execute().await.unwrap();
    assert_eq!(world.upstream.seen(), seen + 1);
}

#[tokio::test]
async fn an_outcome_that_can_not_be_stored_leaves_the_intent_as_unknown() {
    let world = World::new().await;
    world.stores.fail("conclude");
    world.execute().await.unwrap();
    let audit = world.stores.audit.lock().unwrap();
    let (entry, result) = &audit[0];
    assert_eq!((audit.len(), entry.action, result.as_str()), (1, AuditAction::Execute, UNKNOWN));
    assert_eq!(entry.request.as_ref().unwrap().operation.as_deref(), Some("POST"));
}

#[tokio::test]
async fn an_outcome_is_noted_with_the_intent() {
    let world = World::new().await;
    world.execute().await.unwrap();
    *world.upstream.accepted.lock().unwrap() = "other".into();
    assert!(matches!(world.execute().await, Err(CallError::Connector(_))));
    let audit = world.stores.audit.lock().unwrap();
    assert!(audit[0].1.starts_with("succeeded: "), "{}", audit[0].1);
    assert!(audit[1].1.starts_with("failed: "), "{}", audit[1].1);
}

#[tokio::test]
async fn a_write_that_may_have_been_done_is_noted_as_unknown_and_one_that_was_refused_as_failed() {
    let world = World::new().await;
    for (status, noted) in [(StatusCode::INTERNAL_SERVER_ERROR, UNKNOWN), (StatusCode::BAD_REQUEST, "failed")]
    {
        *world.upstream.status.lock().unwrap() = status;
        world.execute().await.unwrap_err();
        let audit = world.stores.audit.lock().unwrap();
        let result = &audit.last().unwrap().1;
        assert!(result.starts_with(&format!("{noted}: ")), "{status}: {result}");
    }
}

#[tokio::test]
async fn what_governance_refuses_is_noted_with_the_policy_and_its_reason() {
    let world = World::new().await;
    world
        .stores
        .write(world.record(&serde_json::json!({"options": {"auth_type": "bearer", "read_only": true}})));
    let outcome = world.execute().await;
    let Err(CallError::Blocked(refusal, _)) = outcome else { panic!("{outcome:?}") };
    let audit = world.stores.audit.lock().unwrap();
    let (entry, result) = &audit[0];
    assert_eq!((audit.len(), entry.action), (1, AuditAction::ExecuteRefused));
    assert_eq!(*result, format!("{}: {}", refusal.policy.policy_id, refusal.reason));
    assert_eq!(world.upstream.seen(), 0);
}

/// Ends an execute after so many polls; gives whether it had ended by itself.
async fn interrupted(world: &World, polls: usize) -> bool {
    let (runtime, clock) = (Arc::clone(&world.runtime), Arc::clone(&world.clock));
    let mut call = pin!(execute(&runtime, &clock));
    for _ in 0..polls {
        if std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await {
            return true;
        }
        // Sockets and timers move on between two polls.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    false
}

#[tokio::test]
async fn a_container_killed_at_any_point_leaves_no_write_without_an_intent() {
    for polls in 1..200 {
        let world = World::new().await;
        let ended = interrupted(&world, polls).await;
        let audit = world.stores.audit.lock().unwrap();
        let (intents, seen) = (audit.len(), world.upstream.seen());
        assert!(intents >= seen, "after {polls} polls: {intents} intents, {seen} writes");
        if ended {
            assert_eq!((intents, seen), (1, 1));
            assert!(audit[0].1.starts_with("succeeded"), "{}", audit[0].1);
            return;
        }
        // Whatever it was interrupted in, what stands is not a claim.
        assert!(audit.first().is_none_or(|(_, result)| result == UNKNOWN || seen == 1), "{audit:?}");
    }
    panic!("the call never ended");
}
