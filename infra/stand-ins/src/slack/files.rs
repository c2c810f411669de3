//! Uploads: a URL for one file, its bytes sent there without the token, and the word that shares it.

use serde_json::{Value, json};

use super::{
    Slack,
    call::Call,
    reply::{Fault, Outcome},
    state::{BOT, File, Message},
};
use crate::{Answer, Seen};

/// Where bytes are sent; the ticket follows.
const PATH: &str = "/upload/v1/";

pub(super) fn get_url(slack: &mut Slack, call: &Call) -> Outcome {
    const MOST: usize = 1_000_000_000;
    let length: usize = call
        .required("length")
        .parse()
        .map_err(|_| Fault::arguments(&["[ERROR] must be an integer [json-pointer:/length]".to_owned()]))?;
    if length == 0 {
        return Err(Fault::arguments(&["[ERROR] must be greater than 0 [json-pointer:/length]".to_owned()]));
    }
    if length > MOST {
        return Err("file_upload_size_restricted".into());
    }
    let id = format!("F0UP{:06}", slack.files.len() + 1);
    let url = format!("{}{PATH}{id}-ticket", slack.base);
    let file = File { name: call.required("filename").to_owned(), length, bytes: None, completed: None };
    slack.files.insert(id.clone(), file);
    Ok(json!({"upload_url": url, "file_id": id}))
}

/// The bytes of one file, by its ticket alone.
pub(super) fn upload(slack: &mut Slack, seen: &Seen, violations: &mut Vec<String>) -> Option<Answer> {
    let id = seen.path.strip_prefix(PATH)?.strip_suffix("-ticket")?;
    let file = slack.files.get_mut(id)?;
    if seen.method != "POST" {
        violations.push(format!("the upload: {} in the place of POST", seen.method));
    }
    if seen.headers.contains_key("authorization") {
        violations.push("the upload: the URL is the proof, the token does not belong there".to_owned());
    }
    if seen.content_type() != "application/octet-stream" {
        violations.push(format!("the upload: {:?} in the place of raw bytes", seen.content_type()));
    }
    if seen.body.len() != file.length || file.bytes.is_some() {
        violations.push(format!("the upload: {} bytes of {}", seen.body.len(), file.length));
        return Some(Answer::new(400, "text/plain", "Bad Request"));
    }
    file.bytes = Some(seen.body.clone());
    Some(Answer::new(200, "text/plain", format!("OK - {}", seen.body.len())))
}

pub(super) fn complete(slack: &mut Slack, call: &Call) -> Outcome {
    let listed = call.json("files").unwrap_or_default();
    let listed = listed.as_array().cloned().unwrap_or_default();
    if listed.is_empty() {
        return Err(Fault::arguments(&[
            "[ERROR] must provide at least 1 item [json-pointer:/files]".to_owned()
        ]));
    }
    let ids: Vec<&str> = listed.iter().map(|file| file["id"].as_str().unwrap_or_default()).collect();
    let ready =
        |id: &&str| slack.files.get(*id).is_some_and(|file| file.bytes.is_some() && file.completed.is_none());
    if !ids.iter().all(ready) {
        return Err("file_not_found".into());
    }
    let one = call.text("channel_id").into_iter();
    let channels: Vec<String> = one
        .chain(call.text("channels").into_iter().flat_map(|all| all.split(',')))
        .map(str::to_owned)
        .collect();
    if call.text("thread_ts").is_some() && channels.len() != 1 {
        return Err(Fault::arguments(&[
            "[ERROR] thread_ts takes one channel [json-pointer:/thread_ts]".to_owned()
        ]));
    }
    for channel in &channels {
        slack.postable(channel)?;
    }
    let shown: Vec<Value> = listed
        .iter()
        .zip(&ids)
        .map(|(asked, id)| {
            let name = slack.files.get(*id).map_or("", |file| file.name.as_str());
            json!({"id": id, "title": asked["title"].as_str().unwrap_or(name), "name": name, "user": BOT})
        })
        .collect();
    for channel in &channels {
        let mut message =
            Message::new(slack.next_ts(), BOT, call.text("initial_comment").unwrap_or_default());
        message.thread_ts = call.text("thread_ts").map(str::to_owned);
        message.rest.insert("files".to_owned(), json!(shown));
        let (_, channel) = slack.postable(channel)?;
        channel.messages.push(message);
    }
    for id in ids {
        if let Some(file) = slack.files.get_mut(id) {
            file.completed = Some(channels.clone());
        }
    }
    Ok(json!({"files": shown}))
}
