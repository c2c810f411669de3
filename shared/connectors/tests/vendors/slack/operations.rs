//! Every operation, done: what is asked of Slack, held to a snapshot, and what comes of it.

use std::collections::BTreeSet;

use connectors::{Executed, operations};
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::{StandIn, slack::Slack};

use super::{ADA, GENERAL, plain, said};
use crate::setup::{Made, ask, golden, say, values};

/// The operations of this file, each a test of its own.
const HERE: [&str; 20] = [
    "add_reaction",
    "archive",
    "channel_info",
    "create_channel",
    "delete_message",
    "find_user",
    "invite",
    "list_channels",
    "list_users",
    "members",
    "pin",
    "post_ephemeral",
    "post_message",
    "read_history",
    "read_thread",
    "reply",
    "schedule",
    "set_topic",
    "update_message",
    "user_info",
];

async fn done(made: &Made, operation: &str, parameters: Value) -> Executed {
    let done = made.execute(ask(operation).with(parameters)).await;
    done.unwrap_or_else(|error| panic!("{operation}: {error}"))
}

/// The first row that came back.
fn first(done: &Executed) -> Value {
    values(done.rows.as_ref().unwrap()).remove(0)
}

async fn posted(made: &Made) -> String {
    let done = done(made, "post_message", json!({"channel": GENERAL, "text": "hi"})).await;
    first(&done)["ts"].as_str().unwrap().to_owned()
}

/// The one request is as its documentation has it.
fn hold(slack: &StandIn<Slack>, operation: &str) {
    golden("slack", operation, &slack.golden());
}

#[test]
fn every_operation_has_its_test() {
    let mut tested: BTreeSet<&str> = HERE.into();
    tested.insert("upload_file");
    let all: BTreeSet<&str> = operations(ConnectorType::Slack).iter().map(|spec| spec.name).collect();
    assert_eq!(tested, all);
}

#[tokio::test]
async fn a_message_is_posted_with_all_that_it_is_made_of() {
    let (slack, made) = plain().await;
    let blocks = json!([{"type": "section", "text": {"type": "mrkdwn", "text": "*green* & \"good\""}}]);
    let parameters = json!({
        "channel": GENERAL, "text": "The build is *green* + über & done", "blocks": blocks,
        "metadata": {"event_type": "build", "event_payload": {"number": 12_345_678_901_234_567_890_u64}},
        "unfurl_links": false, "unfurl_media": true,
    });
    let done = done(&made, "post_message", parameters).await;
    assert_eq!((done.rows_affected, done.message.as_str()), (1, "post_message 200"));
    let row = first(&done);
    assert_eq!((row["ok"].clone(), row["channel"].clone()), (json!(true), json!(GENERAL)));
    slack.vendor(|slack| {
        let message = slack.channels[GENERAL].messages.last().unwrap();
        assert_eq!(message.text, "The build is *green* + über & done");
        assert_eq!(message.rest["blocks"], blocks);
        assert_eq!(message.rest["metadata"]["event_payload"]["number"], 12_345_678_901_234_567_890_u64);
        assert_eq!(row["ts"], message.ts.as_str());
    });
    hold(&slack, "post_message");
}

#[tokio::test]
async fn a_message_may_be_markdown_and_go_to_a_channel_by_name() {
    let (slack, made) = plain().await;
    done(&made, "post_message", json!({"channel": "#general", "markdown_text": "**bold**"})).await;
    slack.vendor(|slack| assert_eq!(slack.channels[GENERAL].messages.last().unwrap().text, "**bold**"));
}

#[tokio::test]
async fn a_reply_goes_to_its_thread() {
    let (slack, made) = plain().await;
    let ts = said(&slack);
    let parameters = json!({"channel": GENERAL, "thread_ts": ts, "text": "Morning", "reply_broadcast": true});
    done(&made, "reply", parameters).await;
    slack.vendor(|slack| {
        assert_eq!(slack.channels[GENERAL].messages.last().unwrap().thread_ts.as_deref(), Some(&*ts));
    });
    hold(&slack, "reply");
}

#[tokio::test]
async fn an_own_message_is_changed_and_deleted() {
    let (slack, made) = plain().await;
    let ts = posted(&made).await;
    slack.forget();
    done(&made, "update_message", json!({"channel": GENERAL, "ts": ts, "text": "ho"})).await;
    slack.vendor(|slack| assert_eq!(slack.channels[GENERAL].messages[1].text, "ho"));
    hold(&slack, "update_message");
    slack.forget();
    done(&made, "delete_message", json!({"channel": GENERAL, "ts": ts})).await;
    slack.vendor(|slack| assert_eq!(slack.channels[GENERAL].messages.len(), 1));
    hold(&slack, "delete_message");
}

#[tokio::test]
async fn a_message_is_shown_to_one_person() {
    let (slack, made) = plain().await;
    let done = done(&made, "post_ephemeral", json!({"channel": GENERAL, "user": ADA, "text": "psst"})).await;
    assert!(first(&done)["message_ts"].is_string());
    slack.vendor(|slack| assert_eq!(slack.channels[GENERAL].messages.len(), 1));
    hold(&slack, "post_ephemeral");
}

#[tokio::test]
async fn a_message_is_scheduled() {
    let (slack, made) = plain().await;
    let at = slack.vendor(|slack| slack.now) + 3_600;
    let done = done(&made, "schedule", json!({"channel": GENERAL, "post_at": at, "text": "later"})).await;
    assert!(first(&done)["scheduled_message_id"].is_string());
    let scheduled = slack.vendor(|slack| slack.scheduled.clone());
    assert_eq!(scheduled, [(GENERAL.to_owned(), at, "later".to_owned())]);
    hold(&slack, "schedule");
}

#[tokio::test]
async fn channels_are_listed_and_looked_at() {
    let (slack, made) = plain().await;
    let wanted = json!({"types": ["public_channel", "private_channel"], "exclude_archived": true});
    let rows = made.query(ask("list_channels").with(wanted)).await.unwrap();
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    // The private one is not the app's to see.
    assert_eq!(names, ["elsewhere", "general"]);
    hold(&slack, "list_channels");
    slack.forget();
    let wanted = json!({"channel": GENERAL, "include_num_members": true});
    let rows = made.query(ask("channel_info").with(wanted)).await.unwrap();
    assert_eq!((rows.len(), &rows[0]["num_members"]), (1, &json!(2)));
    hold(&slack, "channel_info");
    slack.forget();
    let rows = made.query(ask("members").with(json!({"channel": GENERAL}))).await.unwrap();
    assert_eq!(rows, ["U0BOT00001", ADA]);
    hold(&slack, "members");
}

#[tokio::test]
async fn a_history_is_read_between_two_times() {
    let (slack, made) = plain().await;
    let said: Vec<String> =
        slack.vendor(|slack| (0..4).map(|n| slack.say(GENERAL, ADA, &format!("m{n}"))).collect());
    let wanted = json!({"channel": GENERAL, "oldest": said[0], "latest": said[2], "inclusive": true});
    let rows = made.query(ask("read_history").with(wanted)).await.unwrap();
    let texts: Vec<&str> = rows.iter().filter_map(|row| row["text"].as_str()).collect();
    assert_eq!(texts, ["m2", "m1", "m0"]);
    hold(&slack, "read_history");
}

#[tokio::test]
async fn a_thread_is_read_from_its_beginning() {
    let (slack, made) = plain().await;
    let ts = said(&slack);
    done(&made, "reply", json!({"channel": GENERAL, "thread_ts": ts, "text": "one"})).await;
    done(&made, "post_message", json!({"channel": GENERAL, "text": "beside it"})).await;
    slack.forget();
    let rows = made.query(ask("read_thread").with(json!({"channel": GENERAL, "ts": ts}))).await.unwrap();
    let texts: Vec<&str> = rows.iter().filter_map(|row| row["text"].as_str()).collect();
    assert_eq!(texts, ["Good morning", "one"]);
    hold(&slack, "read_thread");
}

#[tokio::test]
async fn a_channel_lives_from_its_creation_to_its_archive() {
    let (slack, made) = plain().await;
    slack.vendor(|slack| _ = slack.seed(1));
    let created = done(&made, "create_channel", json!({"name": "incident-42", "is_private": true})).await;
    let id = first(&created)["id"].as_str().unwrap().to_owned();
    hold(&slack, "create_channel");
    slack.forget();
    done(&made, "invite", json!({"channel": id, "users": [ADA, "U100000000"], "force": true})).await;
    hold(&slack, "invite");
    slack.forget();
    let topic = done(&made, "set_topic", json!({"channel": id, "topic": "Until Friday"})).await;
    assert_eq!(first(&topic)["topic"]["value"], "Until Friday");
    hold(&slack, "set_topic");
    // An empty topic is one too.
    done(&made, "set_topic", json!({"channel": id, "topic": ""})).await;
    slack.forget();
    done(&made, "archive", json!({"channel": id})).await;
    hold(&slack, "archive");
    slack.vendor(|slack| {
        let channel = &slack.channels[&id];
        assert!(channel.archived && channel.private && channel.topic.is_empty());
        assert_eq!(channel.members, ["U0BOT00001", ADA, "U100000000"]);
    });
}

#[tokio::test]
async fn people_are_found_looked_at_and_listed() {
    let (slack, made) = plain().await;
    let rows = made.query(ask("find_user").with(json!({"email": "ada@example.com"}))).await.unwrap();
    assert_eq!((rows.len(), &rows[0]["id"]), (1, &json!(ADA)));
    hold(&slack, "find_user");
    slack.forget();
    let rows = made.query(ask("user_info").with(json!({"user": ADA, "include_locale": true}))).await.unwrap();
    assert_eq!(rows[0]["profile"]["email"], "ada@example.com");
    hold(&slack, "user_info");
    slack.forget();
    let rows = made.query(ask("list_users")).await.unwrap();
    assert_eq!(rows.len(), 2);
    hold(&slack, "list_users");
}

#[tokio::test]
async fn a_message_gets_a_reaction_and_a_pin() {
    let (slack, made) = plain().await;
    let ts = said(&slack);
    let parameters = json!({"channel": GENERAL, "timestamp": ts, "name": "white_check_mark"});
    done(&made, "add_reaction", parameters).await;
    hold(&slack, "add_reaction");
    slack.forget();
    done(&made, "pin", json!({"channel": GENERAL, "timestamp": ts})).await;
    hold(&slack, "pin");
    slack.vendor(|slack| {
        let message = &slack.channels[GENERAL].messages[0];
        assert!(message.pinned && message.reactions.contains_key("white_check_mark"));
    });
}

#[tokio::test]
async fn a_statement_may_name_the_operation() {
    let (slack, made) = plain().await;
    let rows = made.query(say("list_users")).await.unwrap();
    assert_eq!((rows.len(), slack.seen().len()), (2, 1));
    let error = made.query(say("SELECT * FROM channels")).await.unwrap_err().to_string();
    assert!(error.contains("there is no operation") && error.contains("list_channels"), "{error}");
    let error = made.query(ask("list_chanels")).await.unwrap_err().to_string();
    assert!(error.contains("did you mean list_channels?"), "{error}");
    assert_eq!(slack.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_with_a_warning_is_an_answer() {
    let (slack, made) = plain().await;
    let body = json!({"ok": true, "warning": "missing_charset", "channel": {"id": GENERAL}});
    slack.next("POST", "conversations.info", vec![stand_ins::Answer::json(200, &body)]);
    let rows = made.query(ask("channel_info").with(json!({"channel": GENERAL}))).await.unwrap();
    assert_eq!(rows, [json!({"id": GENERAL})]);
}
