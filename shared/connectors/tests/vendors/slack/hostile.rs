//! Values that would be more than values.

use connectors::ConnectorError;
use serde_json::json;

use super::{GENERAL, plain};
use crate::setup::ask;

#[tokio::test]
async fn values_stay_values_of_one_field() {
    let (slack, made) = plain().await;
    for text in ["a&channel=C0ELSEWHR1", "a\r\nX-Evil: 1", "%26as_user=true", "</form>", "\u{0}", "=&+;%00"] {
        made.execute(ask("post_message").with(json!({"channel": GENERAL, "text": text}))).await.unwrap();
        let sent = slack.seen().pop().unwrap();
        assert_eq!(
            sent.form_pairs(),
            [("channel".to_owned(), GENERAL.to_owned()), ("text".to_owned(), text.to_owned())]
        );
        assert!(sent.headers.get("x-evil").is_none());
    }
}

#[tokio::test]
async fn ids_lead_to_no_other_method_or_place() {
    let (slack, made) = plain().await;
    for id in ["../users.list", "C1?token=x", "C1#", "//evil.example", "C1&channel=C0GENERAL1"] {
        let error = made.query(ask("channel_info").with(json!({"channel": id}))).await.unwrap_err();
        assert!(error.to_string().contains("channel_not_found"), "{error}");
        let sent = slack.seen().pop().unwrap();
        assert_eq!((sent.path.as_str(), sent.query.as_str()), ("/api/conversations.info", ""));
    }
}

#[tokio::test]
async fn a_list_of_ids_holds_ids_alone() {
    let (slack, made) = plain().await;
    for users in [json!(["U1,U2"]), json!(["U1", " U2"]), json!(["U1\n"]), json!(["<@U1>"])] {
        let asked = ask("invite").with(json!({"channel": GENERAL, "users": users}));
        let error = made.execute(asked).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Faults(_)), "{users}: {error:?}");
    }
    assert!(slack.seen().is_empty());
}

#[tokio::test]
async fn arguments_of_slack_that_no_operation_declares_are_not_passed_on() {
    let (slack, made) = plain().await;
    for name in ["token", "as_user", "username", "cursor", "limit"] {
        let mut parameters = json!({"channel": GENERAL});
        parameters[name] = json!("x");
        let error = made.query(ask("members").with(parameters)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Faults(_)), "{name}: {error:?}");
    }
    assert!(slack.seen().is_empty());
}
