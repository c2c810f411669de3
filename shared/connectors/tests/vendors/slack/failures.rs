//! What Slack says no with, and what callers hear of it.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::{Answer, slack::Slack};

use super::{ADA, GENERAL, connector, plain, said, workspace};
use crate::setup::{Made, ask};

async fn error(made: &Made, operation: &str, parameters: Value) -> ConnectorError {
    made.execute(ask(operation).with(parameters)).await.unwrap_err()
}

/// Slack's code in a refusal of the request.
fn code(error: &ConnectorError) -> String {
    let ConnectorError::Rejected { status, .. } = error else { panic!("{error:?}") };
    status.to_string().replace("status 200, code ", "")
}

#[tokio::test]
async fn every_operation_passes_on_what_slack_refuses() {
    let (slack, made) = plain().await;
    let ts = said(&slack);
    let long = "x".repeat(40_000);
    slack.vendor(|slack| {
        slack.channels.get_mut("C0ELSEWHR1").unwrap().archived = true;
        slack.seed(1);
    });
    let now = slack.vendor(|slack| slack.now);
    for (operation, parameters, expected) in [
        ("post_message", json!({"channel": "C0NOWHERE1", "text": "hi"}), "channel_not_found"),
        ("post_message", json!({"channel": "C0ELSEWHR1", "text": "hi"}), "is_archived"),
        ("post_message", json!({"channel": GENERAL, "blocks": [{"text": "no type"}]}), "invalid_blocks"),
        (
            "post_message",
            json!({"channel": GENERAL, "text": long, "markdown_text": "x"}),
            "markdown_text_conflict",
        ),
        (
            "reply",
            json!({"channel": GENERAL, "thread_ts": "1.000001", "text": "hi"}),
            "cannot_reply_to_message",
        ),
        ("update_message", json!({"channel": GENERAL, "ts": ts, "text": "hi"}), "cant_update_message"),
        ("delete_message", json!({"channel": GENERAL, "ts": ts}), "cant_delete_message"),
        ("delete_message", json!({"channel": GENERAL, "ts": "1.000001"}), "message_not_found"),
        ("post_ephemeral", json!({"channel": GENERAL, "user": "U9", "text": "hi"}), "user_not_found"),
        ("schedule", json!({"channel": GENERAL, "post_at": now - 1, "text": "hi"}), "time_in_past"),
        ("schedule", json!({"channel": GENERAL, "post_at": now + 12_000_000, "text": "hi"}), "time_too_far"),
        ("channel_info", json!({"channel": "C0SECRET01"}), "channel_not_found"),
        ("members", json!({"channel": "C0SECRET01"}), "channel_not_found"),
        ("read_history", json!({"channel": GENERAL, "oldest": "yesterday"}), "invalid_ts_oldest"),
        ("read_thread", json!({"channel": GENERAL, "ts": "1.000001"}), "thread_not_found"),
        ("create_channel", json!({"name": "general"}), "name_taken"),
        ("create_channel", json!({"name": "Über uns"}), "invalid_name_specials"),
        ("invite", json!({"channel": GENERAL, "users": [ADA]}), "already_in_channel"),
        ("set_topic", json!({"channel": "C0ELSEWHR1", "topic": "x"}), "is_archived"),
        ("archive", json!({"channel": GENERAL}), "cant_archive_general"),
        ("find_user", json!({"email": "nobody@example.com"}), "users_not_found"),
        ("user_info", json!({"user": "U9"}), "user_not_found"),
        ("add_reaction", json!({"channel": GENERAL, "timestamp": ts, "name": ":x:"}), "invalid_name"),
        ("pin", json!({"channel": GENERAL, "timestamp": "1.000001"}), "message_not_found"),
        ("upload_file", json!({"filename": "a", "content": "b", "channel": "C0ELSEWHR1"}), "is_archived"),
    ] {
        let error = error(&made, operation, parameters.clone()).await;
        assert_eq!(code(&error), expected, "{operation} {parameters}: {error}");
    }
    slack.vendor(|slack| slack.refuse_tokens("token_revoked"));
    for operation in ["list_channels", "list_users"] {
        let error = made.query(ask(operation)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{operation}: {error}");
    }
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let (slack, made) = plain().await;
    let ts = said(&slack);
    for (operation, parameters, part) in [
        ("post_message", json!({"channel": "C0ELSEWHR1", "text": "hi"}), "invite it there"),
        ("read_history", json!({"channel": "C0SECRET01"}), "private and the app is not in it"),
        ("find_user", json!({"email": "x@example.com"}), "nobody of the workspace has this address"),
        (
            "invite",
            json!({"channel": GENERAL, "users": ["U9", ADA]}),
            "U9: user_not_found; U0ADA00001: already",
        ),
        (
            "add_reaction",
            json!({"channel": "", "timestamp": ts, "name": "x"}),
            "/parameters/channel must be text",
        ),
    ] {
        let error = error(&made, operation, parameters).await.to_string();
        assert!(error.contains(part), "{operation}: {error}");
    }
    let said = json!({"ok": false, "error": "invalid_arguments", "response_metadata": {
        "messages": ["[ERROR] must match a schema [json-pointer:/blocks/0]"]}});
    slack.next("POST", "chat.postMessage", vec![Answer::json(200, &said)]);
    let error = error(&made, "post_message", json!({"channel": GENERAL, "text": "hi"})).await.to_string();
    assert!(error.contains("[json-pointer:/blocks/0]"), "{error}");
}

#[tokio::test]
async fn a_scope_that_lacks_is_named() {
    let (slack, made) = plain().await;
    slack.vendor(|slack| slack.lose_scope("users:read.email"));
    let error = error(&made, "find_user", json!({"email": "ada@example.com"})).await;
    assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("code missing_scope") && text.contains("the scope users:read.email"), "{text}");
    assert_eq!(slack.seen().len(), 1);
}

#[tokio::test]
async fn each_code_means_one_thing_whatever_the_status() {
    let kind = |error: &ConnectorError| match error {
        ConnectorError::CredentialsRefused(_) => "credentials",
        ConnectorError::Lacks { .. } => "lacks",
        ConnectorError::RateLimited { .. } => "rate",
        ConnectorError::QuotaUsed { .. } => "quota",
        ConnectorError::Rejected { .. } => "rejected",
        ConnectorError::Upstream(_) => "upstream",
        other => panic!("{other:?}"),
    };
    let slack = workspace().await;
    let made = connector(&slack, &json!({}));
    for (expected, codes) in [
        (
            "credentials",
            &["not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"][..],
        ),
        (
            "lacks",
            &[
                "missing_scope",
                "no_permission",
                "not_allowed_token_type",
                "access_denied",
                "accesslimited",
                "ekm_access_denied",
                "enterprise_is_restricted",
                "team_access_not_granted",
                "org_login_required",
                "two_factor_setup_required",
                "restricted_action",
                "restricted_action_read_only_channel",
                "user_is_restricted",
            ],
        ),
        ("rate", &["ratelimited", "rate_limited"]),
        ("quota", &["message_limit_exceeded"]),
        (
            "rejected",
            &["channel_not_found", "msg_too_long", "invalid_arguments", "method_deprecated", "new_code"],
        ),
        ("upstream", &["service_unavailable", "request_timeout", "internal_error", "fatal_error"]),
    ] {
        for code in codes {
            for status in [200, 400, 401] {
                let body = json!({"ok": false, "error": code});
                slack.next("POST", "chat.postMessage", vec![Answer::json(status, &body)]);
                let error = error(&made, "post_message", json!({"channel": GENERAL, "text": "hi"})).await;
                assert_eq!(kind(&error), expected, "{status} {code}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_slack_is_told_from_a_slack_that_fails() {
    let (slack, made) = plain().await;
    for (answer, part) in [
        (Answer::new(200, "text/html", "<html>"), "is not Slack's API; check where connection_url leads"),
        (Answer::new(404, "text/html", "<html>"), "is not Slack's API"),
        (Answer::json(200, &json!({"greeting": "hello"})), "is not Slack's API"),
        (Answer::json(200, &json!([1])), "is not Slack's API"),
        (Answer::empty(302).header("location", "https://elsewhere.example/"), "answered with a redirect"),
        (Answer::new(500, "text/html", "<html>"), "Slack failed (status 500)"),
        (Answer::new(503, "text/html", "<html>"), "Slack failed (status 503)"),
        (Slack::failed("internal_error"), "Slack failed (status 200, code internal_error)"),
    ] {
        slack.next("POST", "users.info", vec![answer]);
        let error = made.query(ask("user_info").with(json!({"user": ADA}))).await.unwrap_err();
        let ConnectorError::Upstream(text) = &error else { panic!("{error:?}") };
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn no_error_repeats_the_token() {
    let (slack, made) = plain().await;
    let body = json!({"ok": false, "error": super::TOKEN, "response_metadata": {"messages": [super::TOKEN]}});
    for status in [200, 500] {
        slack.next("POST", "users.info", vec![Answer::json(status, &body)]);
        let error = made.query(ask("user_info").with(json!({"user": ADA}))).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
    }
}

#[tokio::test]
async fn faults_of_the_parameters_are_told_at_once_and_nothing_is_sent() {
    let (slack, made) = plain().await;
    for (operation, parameters, expected) in [
        ("post_message", json!({"chanel": GENERAL, "unfurl_links": "no"}), 4),
        ("reply", json!({"channel": GENERAL, "text": "hi"}), 1),
        ("invite", json!({"channel": GENERAL, "users": []}), 1),
        ("set_topic", json!({"channel": GENERAL, "topic": "x".repeat(251)}), 1),
        ("schedule", json!({"channel": GENERAL, "post_at": "tomorrow", "text": "hi"}), 1),
        ("upload_file", json!({"filename": "a", "content": "b", "content_base64": "Yg=="}), 1),
        ("upload_file", json!({"filename": "a"}), 1),
    ] {
        let error = error(&made, operation, parameters).await;
        let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
        assert_eq!(faults.len(), expected, "{operation}: {error}");
    }
    assert!(slack.seen().is_empty());
}
