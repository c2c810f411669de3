//! The same connector against emulate, a server of Slack's API that nobody of this project wrote.

use std::{collections::BTreeSet, sync::Arc};

use connectors::{ConnectorError, Executed};
use model::{
    clock::{Clock, SystemClock},
    connector_type::ConnectorType,
};
use serde_json::{Value, json};
use test_servers::Emulate;

use crate::setup::{Made, ask, connected, values};

const GENERAL: &str = "C000000001";

fn connector(server: &Emulate, token: &str) -> Made {
    connected(ConnectorType::Slack, &server.url(), &json!({"secret": {"slackToken": token}}))
}

async fn done(made: &Made, operation: &str, parameters: Value) -> Value {
    let done: Executed = made
        .execute(ask(operation).with(parameters))
        .await
        .unwrap_or_else(|error| panic!("{operation}: {error}"));
    done.rows.map_or(Value::Null, |rows| values(&rows).remove(0))
}

async fn read(made: &Made, operation: &str, parameters: Value) -> Vec<Value> {
    let rows = made.query(ask(operation).with(parameters)).await;
    rows.unwrap_or_else(|error| panic!("{operation}: {error}"))
}

#[tokio::test]
async fn every_operation_works_on_a_slack_that_others_wrote() {
    let Some(server) = Emulate::slack() else { return };
    let made = connector(&server, "xoxb-emulate-all");

    let (passed, error) = made.health().await;
    assert_eq!(error, None);
    assert!(passed[4].1.starts_with("auth.test: admin of Emulate"), "{passed:?}");

    // People.
    let ada = read(&made, "find_user", json!({"email": "ada@example.com"})).await.remove(0);
    let ada_id = ada["id"].as_str().unwrap();
    let info = read(&made, "user_info", json!({"user": ada_id})).await.remove(0);
    assert_eq!(info["profile"]["email"], "ada@example.com");
    let people = read(&made, "list_users", json!({})).await;
    assert!(people.iter().any(|user| user["id"] == ada_id), "{people:?}");

    // Channels.
    let channel = done(&made, "create_channel", json!({"name": "incident-42"})).await;
    let channel = channel["id"].as_str().unwrap();
    done(&made, "invite", json!({"channel": channel, "users": [ada_id]})).await;
    let members = read(&made, "members", json!({"channel": channel})).await;
    assert!(members.contains(&json!(ada_id)), "{members:?}");
    done(&made, "set_topic", json!({"channel": channel, "topic": "Until Friday"})).await;
    let info = read(&made, "channel_info", json!({"channel": channel})).await.remove(0);
    assert_eq!(info["topic"]["value"], "Until Friday");
    let channels = read(&made, "list_channels", json!({"exclude_archived": true})).await;
    assert!(channels.iter().any(|known| known["id"] == channel), "{channels:?}");

    // Messages.
    let blocks = json!([{"type": "section", "text": {"type": "mrkdwn", "text": "a & b = ü"}}]);
    let post = json!({"channel": channel, "text": "a & b = ü", "blocks": blocks});
    let post = done(&made, "post_message", post).await;
    assert_eq!(post["message"]["text"], "a & b = ü");
    assert_eq!(post["message"]["blocks"], blocks);
    let ts = post["ts"].as_str().unwrap();
    done(&made, "reply", json!({"channel": channel, "thread_ts": ts, "text": "one"})).await;
    done(&made, "reply", json!({"channel": channel, "thread_ts": ts, "text": "two"})).await;
    let thread = read(&made, "read_thread", json!({"channel": channel, "ts": ts})).await;
    let texts: Vec<&Value> = thread.iter().map(|message| &message["text"]).collect();
    assert_eq!(texts, ["a & b = ü", "one", "two"]);
    done(&made, "update_message", json!({"channel": channel, "ts": ts, "text": "changed"})).await;
    done(&made, "add_reaction", json!({"channel": channel, "timestamp": ts, "name": "eyes"})).await;
    done(&made, "pin", json!({"channel": channel, "timestamp": ts})).await;
    let history = read(&made, "read_history", json!({"channel": channel})).await;
    let message = history.iter().find(|message| message["ts"] == ts).unwrap();
    assert_eq!((&message["text"], &message["reactions"][0]["name"]), (&json!("changed"), &json!("eyes")));
    done(&made, "post_ephemeral", json!({"channel": channel, "user": ada_id, "text": "psst"})).await;
    let later = SystemClock.now().wall.as_second() + 3_600;
    let later = done(&made, "schedule", json!({"channel": channel, "post_at": later, "text": "later"})).await;
    assert!(later["scheduled_message_id"].is_string(), "{later}");
    done(&made, "delete_message", json!({"channel": channel, "ts": ts})).await;

    // A file.
    let file =
        json!({"filename": "a.csv", "content": "a,b\n", "channel": channel, "initial_comment": "here"});
    let file = done(&made, "upload_file", file).await;
    assert_eq!((&file["name"], &file["size"]), (&json!("a.csv"), &json!(4)));
    let history = read(&made, "read_history", json!({"channel": channel})).await;
    assert!(history.iter().any(|message| message["files"][0]["id"] == file["id"]), "{history:?}");

    done(&made, "archive", json!({"channel": channel})).await;
    let error = made.execute(ask("post_message").with(json!({"channel": channel, "text": "late"}))).await;
    assert!(error.unwrap_err().to_string().contains("is_archived"));
}

#[tokio::test]
async fn pages_lead_to_the_end_there_too() {
    const MANY: usize = 2_050;
    let Some(server) = Emulate::slack() else { return };
    let made = Arc::new(connector(&server, "xoxb-emulate-all"));
    for first in (0..MANY).step_by(50) {
        let posts = (first..first + 50).map(|number| {
            let made = Arc::clone(&made);
            let post = ask("post_message").with(json!({"channel": GENERAL, "text": format!("m{number}")}));
            tokio::spawn(async move { made.execute(post).await.map(|_| ()) })
        });
        for post in posts.collect::<Vec<_>>() {
            post.await.unwrap().unwrap();
        }
    }
    let rows = read(&made, "read_history", json!({"channel": GENERAL})).await;
    let texts: BTreeSet<&str> = rows.iter().filter_map(|row| row["text"].as_str()).collect();
    assert_eq!((rows.len(), texts.len()), (MANY, MANY));
}

#[tokio::test]
async fn its_refusals_mean_the_same() {
    let Some(server) = Emulate::slack() else { return };
    let made = connector(&server, "xoxb-emulate-all");
    for (operation, parameters, code) in [
        ("post_message", json!({"channel": "C999999999", "text": "hi"}), "channel_not_found"),
        ("create_channel", json!({"name": "general"}), "name_taken"),
        ("find_user", json!({"email": "nobody@example.com"}), "users_not_found"),
        ("update_message", json!({"channel": GENERAL, "ts": "1.000001", "text": "x"}), "message_not_found"),
    ] {
        let error = made.execute(ask(operation).with(parameters)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{operation}: {error:?}");
        assert!(error.to_string().contains(code), "{operation}: {error}");
    }
    let narrow = connector(&server, "xoxb-emulate-narrow");
    let post = ask("post_message").with(json!({"channel": GENERAL, "text": "hi"}));
    let error = narrow.execute(post).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
    assert!(error.to_string().contains("chat:write"), "{error}");
}
