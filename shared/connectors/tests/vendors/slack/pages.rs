//! Lists of several pages: to the end, to a limit, to a cap, and what may happen between two pages.

use std::sync::Arc;

use connectors::{ConnectorError, ROW_LIMIT, Request, Rows};
use serde_json::{Value, json};
use stand_ins::{Answer, StandIn, slack::Slack};

use super::{GENERAL, plain};
use crate::setup::{Made, ask};

/// More than three pages of everything.
const MANY: usize = 3_100;

async fn many() -> (StandIn<Slack>, Made, String) {
    let (slack, made) = plain().await;
    let thread = slack.vendor(|slack| slack.seed(MANY));
    (slack, made, thread)
}

/// The rows, and how many pages they came in.
async fn read(slack: &StandIn<Slack>, made: &Made, operation: &str, parameters: Value) -> (usize, usize) {
    slack.forget();
    let rows = made.query(ask(operation).with(parameters)).await.unwrap();
    let mut distinct: Vec<String> = rows.iter().map(Value::to_string).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), rows.len(), "{operation}: rows come twice");
    (rows.len(), slack.seen().len())
}

#[tokio::test]
async fn every_list_is_read_to_its_end() {
    let (slack, made, thread) = many().await;
    let general = || json!({"channel": GENERAL});
    assert_eq!(read(&slack, &made, "list_channels", json!({})).await, (MANY + 2, 4));
    assert_eq!(read(&slack, &made, "members", general()).await, (MANY + 2, 4));
    assert_eq!(read(&slack, &made, "read_history", general()).await, (MANY + 2, 4));
    let wanted = json!({"channel": GENERAL, "ts": thread});
    assert_eq!(read(&slack, &made, "read_thread", wanted).await, (MANY + 1, 4));
    assert_eq!(read(&slack, &made, "list_users", json!({})).await, (MANY + 2, 4));
    let sizes = slack.seen().iter().map(|seen| seen.field("limit")).collect::<Vec<_>>();
    assert_eq!(sizes, vec![Some("999".to_owned()); 4]);
}

#[tokio::test]
async fn short_and_empty_pages_are_no_end() {
    let (slack, made, _) = many().await;
    slack.vendor(|slack| {
        for channel in slack.channels.values_mut() {
            channel.archived = channel.name.starts_with("channel-") && channel.name != "channel-3099";
        }
    });
    let wanted = json!({"exclude_archived": true});
    assert_eq!(read(&slack, &made, "list_channels", wanted).await, (3, 4));
}

#[tokio::test]
async fn an_app_that_may_read_little_at_a_time_reads_all_the_same() {
    let (slack, made) = plain().await;
    slack.vendor(|slack| {
        slack.most_messages = 15;
        slack.seed(50);
    });
    assert_eq!(read(&slack, &made, "read_history", json!({"channel": GENERAL})).await, (52, 4));
}

#[tokio::test]
async fn a_limit_ends_the_reading_and_makes_pages_small() {
    let (slack, made, _) = many().await;
    for (limit, pages, last) in [(1, 1, "1"), (999, 1, "999"), (1_000, 2, "999")] {
        slack.forget();
        let rows = made.query(ask("list_users").limit(limit)).await.unwrap();
        assert_eq!((rows.len(), slack.seen().len()), (limit, pages));
        assert_eq!(slack.seen().last().unwrap().field("limit").as_deref(), Some(last));
    }
}

#[tokio::test]
async fn the_cap_of_rows_ends_the_reading_and_says_so() {
    let (slack, made) = plain().await;
    slack.vendor(|slack| {
        for number in 0..=ROW_LIMIT {
            slack.say(GENERAL, "U0ADA00001", &format!("{number}"));
        }
    });
    let asked = ask("read_history").with(json!({"channel": GENERAL}));
    let request: Request<'_> = asked.request();
    let rows: Rows = made.connector.query(request, made.deadline(None)).await.unwrap();
    assert_eq!(rows.items().len(), ROW_LIMIT);
    assert!(rows.exceeded().is_some());
    assert_eq!(slack.seen().len(), 11);
}

#[tokio::test]
async fn a_token_that_expires_between_pages_is_refused_credentials() {
    let (slack, made, _) = many().await;
    let expired = json!({"ok": false, "error": "token_expired"});
    slack.instead(move |seen| seen.field("cursor").map(|_| Answer::json(200, &expired)));
    let error = made.query(ask("list_users")).await.unwrap_err();
    // The runtime reads the secret anew on this one and asks once more, with the token that is there by then.
    let ConnectorError::CredentialsRefused(status) = &error else { panic!("{error:?}") };
    assert_eq!(status.to_string(), "status 200, code token_expired");
    assert_eq!(slack.seen().len(), 2);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_an_error() {
    let (slack, made) = plain().await;
    slack.instead(|_| {
        let body = json!({"ok": true, "members": [], "response_metadata": {"next_cursor": "again"}});
        Some(Answer::json(200, &body))
    });
    let error = made.query(ask("list_users")).await.unwrap_err().to_string();
    assert!(error.contains("lead in a circle"), "{error}");
    assert_eq!(slack.seen().len(), 2);
}

#[tokio::test]
async fn fifty_calls_at_once_each_read_their_own_pages() {
    let (slack, made) = plain().await;
    slack.vendor(|slack| _ = slack.seed(20));
    let made = Arc::new(made);
    let calls = (0..50).map(|number| {
        let made = Arc::clone(&made);
        tokio::spawn(async move { made.query(ask("list_users").limit(number % 22 + 1)).await })
    });
    for (number, call) in calls.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap().len(), number % 22 + 1);
    }
}
