use serde_json::Value;

use super::Slack;
use crate::{Answer, Seen, Vendor};

fn asked(slack: &mut Slack, path: &str, form: &str) -> (Value, Vec<String>) {
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("authorization", "Bearer xoxb-good".parse().unwrap());
    headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let seen = Seen {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: form.as_bytes().to_vec(),
    };
    let mut violations = Vec::new();
    let Answer { body, .. } = slack.answer(&seen, &mut violations);
    (serde_json::from_slice(&body).unwrap_or_default(), violations)
}

fn workspace() -> Slack {
    Slack::new("http://127.0.0.1:1", "xoxb-good")
}

#[test]
fn a_list_without_the_archived_is_short_before_its_end() {
    let mut slack = workspace();
    slack.seed(5);
    for channel in slack.channels.values_mut().filter(|channel| channel.name.starts_with("channel-")) {
        channel.archived = channel.name != "channel-0004";
    }
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let form = format!("limit=2&exclude_archived=true&cursor={}", cursor.replace('=', "%3D"));
        let (body, violations) = asked(&mut slack, "/api/conversations.list", &form);
        assert!(violations.is_empty(), "{violations:?}");
        pages.push(body["channels"].as_array().unwrap().len());
        body["response_metadata"]["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
        if cursor.is_empty() {
            break;
        }
    }
    // Two public ones of the beginning around five others, of which the last is not archived.
    assert_eq!(pages.iter().sum::<usize>(), 3, "{pages:?}");
    assert!(pages[..pages.len() - 1].iter().any(|page| *page < 2), "{pages:?}");
}

#[test]
fn a_cursor_of_another_method_is_none() {
    let mut slack = workspace();
    slack.seed(3);
    let (body, _) = asked(&mut slack, "/api/users.list", "limit=1");
    let cursor = body["response_metadata"]["next_cursor"].as_str().unwrap().replace('=', "%3D");
    let (body, _) = asked(&mut slack, "/api/conversations.list", &format!("limit=1&cursor={cursor}"));
    assert_eq!(body["error"], "invalid_cursor");
}

#[test]
fn times_leave_out_their_ends_unless_they_are_asked_for() {
    let mut slack = workspace();
    let said: Vec<String> = (0..3).map(|_| slack.say("C0GENERAL1", "U0ADA00001", "hm")).collect();
    let form = format!("channel=C0GENERAL1&oldest={}&latest={}", said[0], said[2]);
    let (body, _) = asked(&mut slack, "/api/conversations.history", &form);
    assert_eq!(body["messages"].as_array().unwrap().len(), 1);
    let (body, _) = asked(&mut slack, "/api/conversations.history", &format!("{form}&inclusive=true"));
    assert_eq!(body["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn what_no_client_means_to_send_is_noted() {
    let mut slack = workspace();
    for (path, form) in [
        ("/api/chat.postMessage?channel=C0GENERAL1", "channel=C0GENERAL1&text=hi"),
        ("/api/chat.postMessage", "channel=C0GENERAL1&text=hi&colour=blue"),
        ("/api/chat.postMessage", "channel=C0GENERAL1&text=hi&text=ho"),
        ("/api/chat.postMessage", "token=xoxb-good&channel=C0GENERAL1&text=hi"),
        ("/api/chat.shout", "channel=C0GENERAL1&text=hi"),
        ("/api/files.upload", "content=hi"),
    ] {
        let (_, violations) = asked(&mut slack, path, form);
        assert_eq!(violations.len(), 1, "{path} {form}: {violations:?}");
    }
    let (body, _) = asked(&mut slack, "/api/files.getUploadURLExternal", "filename=a.txt&length=2");
    let url = body["upload_url"].as_str().unwrap().to_owned();
    let (_, violations) = asked(&mut slack, url.strip_prefix("http://127.0.0.1:1").unwrap(), "hi");
    // The token, and a form in the place of bytes.
    assert_eq!(violations.len(), 2, "{violations:?}");
}
