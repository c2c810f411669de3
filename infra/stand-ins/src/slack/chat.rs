//! `chat.*`, `reactions.add` and `pins.add`.

use serde_json::{Value, json};

use super::{
    Slack,
    call::Call,
    reply::{Fault, Outcome},
    state::{BOT, Message},
};

/// What a message may be made of beside its text.
const CONTENT: [&str; 3] = ["blocks", "attachments", "markdown_text"];
/// What a message keeps of its arguments beside its text.
const KEPT: [&str; 4] = ["blocks", "attachments", "metadata", "username"];

pub(super) fn post(slack: &mut Slack, call: &Call) -> Outcome {
    content(call)?;
    let message = composed(slack, call)?;
    let shown = message.shown();
    let (id, channel) = slack.postable(call.required("channel"))?;
    let reply = json!({"channel": id, "ts": message.ts, "message": shown});
    channel.messages.push(message);
    Ok(reply)
}

pub(super) fn update(slack: &mut Slack, call: &Call) -> Outcome {
    content(call)?;
    let (id, channel) = slack.postable(call.required("channel"))?;
    let message = channel.message(call.required("ts")).ok_or("message_not_found")?;
    if message.user != BOT {
        return Err("cant_update_message".into());
    }
    call.text("text").unwrap_or_default().clone_into(&mut message.text);
    keep(message, call);
    Ok(json!({"channel": id, "ts": message.ts, "text": message.text, "message": message.shown()}))
}

pub(super) fn delete(slack: &mut Slack, call: &Call) -> Outcome {
    let (id, channel) = slack.postable(call.required("channel"))?;
    let ts = call.required("ts");
    let message = channel.message(ts).ok_or("message_not_found")?;
    if message.user != BOT {
        return Err("cant_delete_message".into());
    }
    channel.messages.retain(|message| message.ts != ts);
    Ok(json!({"channel": id, "ts": ts}))
}

pub(super) fn ephemeral(slack: &mut Slack, call: &Call) -> Outcome {
    content(call)?;
    let ts = slack.next_ts();
    let user = call.required("user");
    if !slack.users.contains_key(user) {
        return Err("user_not_found".into());
    }
    let (_, channel) = slack.postable(call.required("channel"))?;
    if !channel.members.iter().any(|member| member == user) {
        return Err("user_not_in_channel".into());
    }
    Ok(json!({"message_ts": ts}))
}

pub(super) fn schedule(slack: &mut Slack, call: &Call) -> Outcome {
    const LONGEST: u64 = 120 * 24 * 3_600;
    content(call)?;
    let at: u64 = call.required("post_at").parse().map_err(|_| Fault::from("invalid_time"))?;
    if at <= slack.now {
        return Err("time_in_past".into());
    }
    if at - slack.now > LONGEST {
        return Err("time_too_far".into());
    }
    let text = call.text("text").unwrap_or_default();
    let (id, _) = slack.postable(call.required("channel"))?;
    slack.scheduled.push((id.clone(), at, text.to_owned()));
    let number = slack.scheduled.len();
    Ok(json!({
        "channel": id, "scheduled_message_id": format!("Q{number:010}"), "post_at": at,
        "message": {"text": text, "type": "delayed_message", "bot_id": "B0BOT00001", "user": BOT},
    }))
}

pub(super) fn react(slack: &mut Slack, call: &Call) -> Outcome {
    let (_, channel) = slack.postable(call.required("channel"))?;
    let name = call.required("name");
    if name.contains(':') {
        return Err("invalid_name".into());
    }
    let message = channel.message(call.required("timestamp")).ok_or("message_not_found")?;
    let new = message.reactions.entry(name.to_owned()).or_default().insert(BOT.to_owned());
    if new { Ok(json!({})) } else { Err("already_reacted".into()) }
}

pub(super) fn pin(slack: &mut Slack, call: &Call) -> Outcome {
    let (_, channel) = slack.postable(call.required("channel"))?;
    let message = channel.message(call.required("timestamp")).ok_or("message_not_found")?;
    if std::mem::replace(&mut message.pinned, true) {
        return Err("already_pinned".into());
    }
    Ok(json!({}))
}

/// A message says something, no more than one may, and in one language.
fn content(call: &Call) -> Result<(), Fault> {
    const LONGEST: usize = 40_000;
    const LONGEST_MARKDOWN: usize = 12_000;
    let length = |name: &str| call.text(name).map_or(0, |text| text.chars().count());
    if length("text") == 0 && CONTENT.iter().all(|name| length(name) == 0) {
        return Err("no_text".into());
    }
    if length("markdown_text") > 0 && (length("text") > 0 || length("blocks") > 0) {
        return Err("markdown_text_conflict".into());
    }
    if length("text") > LONGEST || length("markdown_text") > LONGEST_MARKDOWN {
        return Err("msg_too_long".into());
    }
    let empty =
        |name: &str| call.json(name).and_then(|value| value.as_array().map(Vec::is_empty)) == Some(true);
    if empty("blocks") && length("text") == 0 {
        return Err("no_text".into());
    }
    let typed = |block: &Value| block["type"].is_string();
    let blocks = call.json("blocks").unwrap_or_default();
    if !blocks.as_array().into_iter().flatten().all(typed) {
        return Err("invalid_blocks".into());
    }
    Ok(())
}

fn composed(slack: &mut Slack, call: &Call) -> Result<Message, Fault> {
    let ts = slack.next_ts();
    let text = call.text("text").or_else(|| call.text("markdown_text")).unwrap_or_default();
    let mut message = Message::new(ts, BOT, text);
    keep(&mut message, call);
    if let Some(thread) = call.text("thread_ts") {
        let (_, channel) = slack.postable(call.required("channel"))?;
        let parent = channel.message(thread).ok_or("cannot_reply_to_message")?;
        // A thread has one parent, which stands in its own thread from the first reply on.
        parent.thread_ts = Some(thread.to_owned());
        message.thread_ts = Some(thread.to_owned());
    }
    Ok(message)
}

fn keep(message: &mut Message, call: &Call) {
    for name in KEPT {
        let value = call.json(name).or_else(|| call.text(name).map(Value::from));
        if let Some(value) = value {
            message.rest.insert(name.to_owned(), value);
        }
    }
}
