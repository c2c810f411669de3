//! What is tried again, and what never is.

use connectors::{ConnectorError, Executed};
use serde_json::json;
use stand_ins::{Answer, slack::Slack};

use super::{ADA, GENERAL, connector, workspace};
use crate::setup::{Ask, Made, ask};

/// Comes again after these, in so many requests in all.
async fn tried(asked: Ask, method: &str, answers: Vec<Answer>) -> (Result<Executed, ConnectorError>, usize) {
    let slack = workspace().await;
    let made: Made = connector(&slack, &json!({"max_retries": 3}));
    slack.next("POST", method, answers);
    let ended = made.execute(asked).await;
    (ended, slack.seen().len())
}

fn post() -> Ask {
    ask("post_message").with(json!({"channel": GENERAL, "text": "once"}))
}

fn look() -> Ask {
    ask("user_info").with(json!({"user": ADA}))
}

#[tokio::test]
async fn a_post_is_repeated_where_slack_took_nothing() {
    for answers in [
        vec![Slack::limited(0)],
        vec![Slack::limited(1), Slack::limited(0)],
        vec![Slack::failed("ratelimited")],
        vec![Slack::failed("service_unavailable")],
        vec![Slack::failed("request_timeout")],
    ] {
        let times = answers.len() + 1;
        let (ended, requests) = tried(post(), "chat.postMessage", answers).await;
        assert_eq!((ended.unwrap().rows_affected, requests), (1, times));
    }
}

#[tokio::test]
async fn a_post_that_slack_may_have_taken_is_never_repeated() {
    for answer in [
        Answer::new(500, "text/html", "<html>"),
        Answer::new(502, "text/html", "<html>"),
        Answer::new(503, "text/html", "<html>"),
        Answer::new(504, "text/html", "<html>"),
        Slack::failed("internal_error"),
        Slack::failed("fatal_error"),
        Answer::cut(),
    ] {
        let shown = format!("{answer:?}");
        let (ended, requests) = tried(post(), "chat.postMessage", vec![answer]).await;
        let error = ended.unwrap_err();
        assert_eq!(requests, 1, "{shown}: {error}");
        assert!(
            matches!(error, ConnectorError::Upstream(_) | ConnectorError::OutcomeUnknown(_)),
            "{shown}: {error:?}"
        );
    }
    let (ended, _) = tried(post(), "chat.postMessage", vec![Answer::cut()]).await;
    assert!(matches!(ended, Err(ConnectorError::OutcomeUnknown(_))), "{ended:?}");
}

#[tokio::test]
async fn a_read_is_repeated_through_what_passes() {
    for answers in [
        vec![Slack::limited(0)],
        vec![Answer::new(500, "text/html", "<html>"), Answer::new(503, "text/html", "<html>")],
        vec![
            Slack::failed("internal_error"),
            Slack::failed("fatal_error"),
            Slack::failed("service_unavailable"),
        ],
        vec![Answer::cut()],
    ] {
        let times = answers.len() + 1;
        let (ended, requests) = tried(look(), "users.info", answers).await;
        assert_eq!((ended.unwrap().rows.unwrap().items().len(), requests), (1, times));
    }
}

#[tokio::test]
async fn what_would_be_the_same_is_not_repeated() {
    for code in ["channel_not_found", "invalid_auth", "missing_scope", "message_limit_exceeded", "new_code"] {
        let (ended, requests) = tried(look(), "users.info", vec![Slack::failed(code)]).await;
        assert!(ended.is_err());
        assert_eq!(requests, 1, "{code}");
    }
}

#[tokio::test]
async fn repetitions_are_as_many_as_the_record_says() {
    let answers = || (0..9).map(|_| Slack::limited(0)).collect();
    let (ended, requests) = tried(post(), "chat.postMessage", answers()).await;
    assert_eq!(ended.unwrap_err(), ConnectorError::RateLimited { retry_after: Some("0".into()) });
    assert_eq!(requests, 4);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_passed_on_at_once() {
    let (ended, requests) = tried(post(), "chat.postMessage", vec![Slack::limited(60)]).await;
    assert_eq!(ended.unwrap_err(), ConnectorError::RateLimited { retry_after: Some("60".into()) });
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_wait_within_the_deadline_is_kept() {
    let slack = workspace().await;
    let made = connector(&slack, &json!({"max_retries": 1}));
    slack.next("POST", "users.info", vec![Slack::limited(2)]);
    let before = std::time::Duration::from_secs(2);
    let started = tokio::time::sleep(before);
    let call = made.execute(look());
    tokio::pin!(started, call);
    // The call can't end before what it was told to wait has passed.
    tokio::select! {
        biased;
        () = &mut started => {}
        ended = &mut call => panic!("too early: {ended:?}"),
    }
    assert!(call.await.is_ok());
}

#[tokio::test]
async fn a_used_up_quota_is_no_burst() {
    let (ended, _) = tried(post(), "chat.postMessage", vec![Slack::failed("message_limit_exceeded")]).await;
    let error = ended.unwrap_err();
    let ConnectorError::QuotaUsed { retry_after, .. } = &error else { panic!("{error:?}") };
    assert_eq!(retry_after, "3600");
}
