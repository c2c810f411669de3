//! Files: a place, the bytes, the word that shares them.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::Answer;

use super::{GENERAL, connector, plain, said, workspace};
use crate::setup::{ask, golden, values};

#[tokio::test]
async fn a_file_goes_up_in_three_calls_and_the_token_in_two() {
    let (slack, made) = plain().await;
    let ts = said(&slack);
    let parameters = json!({
        "filename": "zahlen über.csv", "content": "a,b\n1,ü\n", "title": "Numbers", "channel": GENERAL,
        "thread_ts": ts, "initial_comment": "As asked", "alt_txt": "Two columns", "snippet_type": "csv",
    });
    let done = made.execute(ask("upload_file").with(parameters)).await.unwrap();
    let rows = values(&done.rows.unwrap());
    assert_eq!((rows.len(), &rows[0]["title"]), (1, &json!("Numbers")));
    slack.vendor(|slack| {
        let file = slack.files.values().next().unwrap();
        assert_eq!(file.bytes.as_deref(), Some("a,b\n1,ü\n".as_bytes()));
        assert_eq!(file.completed.as_deref(), Some(&[GENERAL.to_owned()][..]));
        let message = slack.channels[GENERAL].messages.last().unwrap();
        assert_eq!((message.text.as_str(), message.thread_ts.as_deref()), ("As asked", Some(&*ts)));
    });
    let proofs: Vec<bool> =
        slack.seen().iter().map(|seen| seen.headers.contains_key("authorization")).collect();
    assert_eq!(proofs, [true, false, true]);
    golden("slack", "upload_file", &slack.golden());
}

#[tokio::test]
async fn bytes_come_in_base64_and_a_file_may_stay_unshared() {
    let (slack, made) = plain().await;
    let asked = json!({"filename": "a.bin", "content_base64": "AP/+gA=="});
    made.execute(ask("upload_file").with(asked)).await.unwrap();
    slack.vendor(|slack| {
        let file = slack.files.values().next().unwrap();
        assert_eq!(file.bytes.as_deref(), Some(&[0, 0xff, 0xfe, 0x80][..]));
        assert_eq!(file.completed.as_deref(), Some(&[][..]));
    });
}

#[tokio::test]
async fn what_can_t_be_sent_is_told_before_anything_is() {
    let (slack, made) = plain().await;
    for encoded in ["not base64!", "====", "YQ"] {
        let asked = json!({"filename": "a", "content_base64": encoded});
        let error = made.execute(ask("upload_file").with(asked)).await.unwrap_err();
        let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
        assert_eq!(faults[0].pointer.to_string(), "/parameters/content_base64");
        assert!(faults[0].detail.contains("must be Base64"), "{error}");
    }
    let asked = json!({"filename": "a", "content": "a", "thread_ts": "1.000001"});
    let error = made.execute(ask("upload_file").with(asked)).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Invalid(why) if why.contains("needs channel")), "{error:?}");
    assert!(slack.seen().is_empty());
}

#[tokio::test]
async fn what_fails_before_the_last_call_shares_nothing_and_says_so() {
    let slack = workspace().await;
    let made = connector(&slack, &json!({"max_retries": 3}));
    let parameters = || json!({"filename": "a.txt", "content": "abc", "channel": GENERAL});
    for (answer, part) in [
        (
            Answer::new(500, "text/plain", "no"),
            "did not take the file's bytes (status 500); nothing was shared",
        ),
        (Answer::new(302, "text/plain", "no"), "(status 302); nothing was shared"),
        (Answer::cut(), "nothing was shared"),
    ] {
        slack.forget();
        slack.next("POST", "-ticket", vec![answer]);
        let error = made.execute(ask("upload_file").with(parameters())).await.unwrap_err();
        assert!(matches!(&error, ConnectorError::Upstream(why) if why.contains(part)), "{error:?}");
        assert_eq!(slack.seen().len(), 2, "{part}");
    }
    // Making a place is repeated, and so are bytes that were not taken.
    slack.forget();
    slack.next("POST", "getUploadURLExternal", vec![Answer::new(503, "text/plain", "no")]);
    slack.next("POST", "-ticket", vec![Answer::empty(429).header("retry-after", 0)]);
    made.execute(ask("upload_file").with(parameters())).await.unwrap();
    assert_eq!(slack.seen().len(), 5);
    slack.next("POST", "-ticket", vec![Answer::empty(429).header("retry-after", 60)]);
    let error = made.execute(ask("upload_file").with(parameters())).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("60".into()) });
}

#[tokio::test]
async fn the_call_that_shares_is_never_repeated() {
    let slack = workspace().await;
    let made = connector(&slack, &json!({"max_retries": 3}));
    for answer in [Answer::new(503, "text/plain", "no"), Answer::cut()] {
        slack.forget();
        slack.next("POST", "completeUploadExternal", vec![answer]);
        let asked = json!({"filename": "a.txt", "content": "abc", "channel": GENERAL});
        made.execute(ask("upload_file").with(asked)).await.unwrap_err();
        assert_eq!(slack.seen().len(), 3);
    }
}

#[tokio::test]
async fn a_place_is_judged_like_any_address() {
    let (slack, made) = plain().await;
    for (place, part) in [
        (json!("http://169.254.169.254/latest"), "refused"),
        (json!("https://10.0.0.8/upload"), "refused"),
        (json!("file:///etc/passwd"), "refused"),
        (json!("nowhere"), "named no place"),
        (Value::Null, "named no place"),
    ] {
        let body = json!({"ok": true, "upload_url": place, "file_id": "F1"});
        slack.next("POST", "getUploadURLExternal", vec![Answer::json(200, &body)]);
        let asked = json!({"filename": "a.txt", "content": "abc"});
        let error = made.execute(ask("upload_file").with(asked)).await.unwrap_err();
        assert!(error.to_string().contains(part), "{place}: {error}");
    }
}
