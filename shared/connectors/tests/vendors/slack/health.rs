//! The live test: what it proves, and what it says of each thing that may be wrong.

use connectors::{ConnectorError, Stage};
use serde_json::json;
use stand_ins::{Answer, slack::Slack};

use super::{TOKEN, connector, plain, refused, workspace};
use crate::setup::{connected, golden};

const WALKED: [Stage; 5] =
    [Stage::NameResolution, Stage::Egress, Stage::Connect, Stage::Authenticate, Stage::Call];

#[tokio::test]
async fn a_good_token_passes_and_says_whose_it_is() {
    let (slack, made) = plain().await;
    let (passed, error) = made.health().await;
    assert_eq!(error, None);
    assert_eq!(passed.iter().map(|(stage, _)| *stage).collect::<Vec<_>>(), WALKED);
    assert_eq!(passed[4].1, "auth.test: connector of Acme (T0ACME0001)");
    golden("slack", "health", &slack.golden());
}

#[tokio::test]
async fn names_are_told_in_a_hundred_characters_without_the_token() {
    let (slack, made) = plain().await;
    let answer =
        json!({"ok": true, "user": format!("{TOKEN}\u{1b}[2J"), "team": "a".repeat(60_000), "team_id": "T"});
    slack.next("POST", "/auth.test", vec![Answer::json(200, &answer)]);
    let (passed, _) = made.health().await;
    assert_eq!(passed[4].1, format!("auth.test: ***[2J of {} (T)", "a".repeat(100)));
}

#[tokio::test]
async fn each_thing_that_may_be_wrong_has_its_stage_and_its_hint() {
    let slack = workspace().await;
    // The secret.
    for (secret, part) in [
        (json!({"token": "xoxb-1"}), "the secret lacks bot_token or slackToken or access_token"),
        (json!({"bot_token": ""}), "the secret lacks bot_token"),
        (json!({"bot_token": "xapp-1-A0"}), "is an app-level token; the bot token begins with xoxb-"),
        (json!({"bot_token": "xoxe-1-abc"}), "is a refresh token"),
    ] {
        let error = refused(&slack, &json!({"secret": secret}));
        assert_eq!(error.stage(), Stage::Secret);
        assert!(error.to_string().contains(part), "{error}");
    }
    // The token.
    for code in ["token_revoked", "token_expired", "account_inactive"] {
        slack.vendor(|slack| slack.refuse_tokens(code));
        let (passed, error) = connector(&slack, &json!({})).health().await;
        let error = error.unwrap();
        assert_eq!((error.stage(), passed.len()), (Stage::Authenticate, 3), "{error}");
        assert!(error.to_string().contains(code), "{error}");
    }
    // The host.
    slack.next("POST", "auth.test", vec![Answer::new(404, "text/html", "<html>")]);
    let (passed, error) = connector(&slack, &json!({})).health().await;
    let error = error.unwrap();
    assert_eq!((error.stage(), passed.len()), (Stage::Call, 3), "{error}");
    assert!(error.to_string().contains("is not Slack's API; check where connection_url leads"), "{error}");
    let nowhere = json!({"secret": {"bot_token": super::TOKEN}});
    let nowhere =
        connected(model::connector_type::ConnectorType::Slack, "https://slack.invalid/api", &nowhere);
    let (passed, error) = nowhere.health().await;
    assert_eq!((error.unwrap().stage(), passed.len()), (Stage::NameResolution, 0));
}

#[tokio::test]
async fn a_scope_that_the_record_s_operations_need_fails_the_test() {
    let (slack, made) = plain().await;
    slack.vendor(|slack| slack.lose_scope("chat:write"));
    let (passed, error) = made.health().await;
    assert_eq!(error, None, "a record for everything may lack some");
    assert!(passed[4].1.contains("without a scope for post_message, reply, update_message"), "{passed:?}");
    // Deleting is blocked, so that nobody misses its scope.
    assert!(!passed[4].1.contains("delete_message"), "{passed:?}");

    let poster =
        connector(&slack, &json!({"options": {"allowed_operations": ["post_message", "list_users"]}}));
    let (passed, error) = poster.health().await;
    let error = error.unwrap();
    assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
    assert_eq!((error.stage(), passed.last().unwrap().0), (Stage::Call, Stage::Authenticate));
    assert!(error.to_string().contains("post_message takes the scope chat:write"), "{error}");

    let reader = connector(&slack, &json!({"options": {"allowed_operations": ["list_*", "read_history"]}}));
    assert_eq!(reader.health().await.1, None);
    let quiet = connector(&slack, &json!({"options": {"read_only": true}}));
    assert!(!quiet.health().await.0[4].1.contains("without a scope"));

    slack.vendor(|slack| slack.scopes.clear());
    let (_, error) = made.health().await;
    assert!(matches!(error, Some(ConnectorError::Lacks { .. })), "{error:?}");
}

#[tokio::test]
async fn where_slack_tells_no_scopes_none_are_missed() {
    let (slack, made) = plain().await;
    let body = json!({"ok": true, "user": "connector", "team": "Acme", "team_id": "T0ACME0001"});
    slack.next("POST", "auth.test", vec![Answer::json(200, &body)]);
    let (passed, error) = made.health().await;
    assert_eq!((error, passed[4].1.as_str()), (None, "auth.test: connector of Acme (T0ACME0001)"));
}

#[tokio::test]
async fn a_slack_in_trouble_says_nothing_about_the_token() {
    let (slack, made) = plain().await;
    slack.next("POST", "auth.test", vec![Slack::failed("internal_error")]);
    let (passed, error) = made.health().await;
    let error = error.unwrap();
    assert_eq!((error.stage(), passed.last().unwrap().0), (Stage::Call, Stage::Connect), "{error}");
    slack.next("POST", "auth.test", vec![Slack::limited(60)]);
    let (_, error) = made.health().await;
    assert!(matches!(error, Some(ConnectorError::RateLimited { .. })), "{error:?}");
}
