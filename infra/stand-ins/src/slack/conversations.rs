//! `conversations.*`.

use serde_json::{Value, json};

use super::{
    Slack,
    call::Call,
    pages,
    reply::{Fault, Outcome},
    state::{BOT, Channel, Message},
};

pub(super) fn list(slack: &mut Slack, call: &Call) -> Outcome {
    let types = call.text("types").unwrap_or("public_channel");
    if types.split(',').any(|kind| !["public_channel", "private_channel", "mpim", "im"].contains(&kind)) {
        return Err("invalid_types".into());
    }
    let wanted = |channel: &Channel| {
        let kind = if channel.private { "private_channel" } else { "public_channel" };
        types.split(',').any(|known| known == kind) && (!channel.private || channel.joined())
    };
    let all: Vec<_> = slack.channels.iter().filter(|(_, channel)| wanted(channel)).collect();
    let page = pages::page(call, all.len(), 100, 999)?;
    // What is archived is left out of a page after the page was cut: pages get short, or empty, before the end.
    let shown = all
        .into_iter()
        .skip(page.from)
        .take(page.to - page.from)
        .filter(|(_, channel)| !(channel.archived && call.flag("exclude_archived")))
        .map(|(id, channel)| channel.shown(id));
    Ok(pages::body("channels", shown.collect(), &page))
}

pub(super) fn info(slack: &mut Slack, call: &Call) -> Outcome {
    let (id, channel) = slack.visible(call.required("channel"))?;
    let mut shown = channel.shown(&id);
    if let Some(shown) = shown.as_object_mut().filter(|_| !call.flag("include_num_members")) {
        shown.remove("num_members");
    }
    Ok(json!({"channel": shown}))
}

pub(super) fn members(slack: &mut Slack, call: &Call) -> Outcome {
    let (_, channel) = slack.visible(call.required("channel"))?;
    let page = pages::page(call, channel.members.len(), 100, 999)?;
    let members = channel.members.iter().skip(page.from).take(page.to - page.from);
    Ok(pages::body("members", members.cloned().map(Value::from).collect(), &page))
}

pub(super) fn history(slack: &mut Slack, call: &Call) -> Outcome {
    let most = slack.most_messages;
    let channel = slack.readable(call.required("channel"))?;
    let between = between(call)?;
    // Replies are told in their thread; the parent, which stands in its own thread, is told here.
    let top = |message: &&Message| message.thread_ts.as_ref().is_none_or(|thread| *thread == message.ts);
    let all: Vec<&Message> =
        channel.messages.iter().rev().filter(top).filter(|message| between(message)).collect();
    let page = pages::page(call, all.len(), most.min(100), most)?;
    let messages = all.into_iter().skip(page.from).take(page.to - page.from).map(Message::shown);
    let mut body = pages::body("messages", messages.collect(), &page);
    body["has_more"] = json!(!page.next.is_empty());
    body["pin_count"] = json!(channel.messages.iter().filter(|message| message.pinned).count());
    Ok(body)
}

pub(super) fn replies(slack: &mut Slack, call: &Call) -> Outcome {
    let most = slack.most_messages;
    let channel = slack.readable(call.required("channel"))?;
    let between = between(call)?;
    let ts = call.required("ts");
    if channel.message(ts).is_none() {
        return Err("thread_not_found".into());
    }
    // The parent comes first, then the replies, oldest first.
    let of = |message: &&Message| message.ts == ts || message.thread_ts.as_deref() == Some(ts);
    let all: Vec<&Message> = channel.messages.iter().filter(of).filter(|message| between(message)).collect();
    let page = pages::page(call, all.len(), most, most)?;
    let messages = all.into_iter().skip(page.from).take(page.to - page.from).map(Message::shown);
    let mut body = pages::body("messages", messages.collect(), &page);
    body["has_more"] = json!(!page.next.is_empty());
    Ok(body)
}

pub(super) fn create(slack: &mut Slack, call: &Call) -> Outcome {
    let name = call.required("name");
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength".into());
    }
    if !name.chars().all(known) {
        return Err("invalid_name_specials".into());
    }
    if slack.channels.values().any(|channel| channel.name == name) {
        return Err("name_taken".into());
    }
    let id = format!("C0NEW{:05}", slack.channels.len());
    let channel = Channel {
        name: name.to_owned(),
        private: call.flag("is_private"),
        archived: false,
        topic: String::new(),
        members: vec![BOT.to_owned()],
        messages: Vec::new(),
    };
    let shown = channel.shown(&id);
    slack.channels.insert(id, channel);
    Ok(json!({"channel": shown}))
}

pub(super) fn invite(slack: &mut Slack, call: &Call) -> Outcome {
    let users: Vec<String> = call.required("users").split(',').map(str::to_owned).collect();
    let known: Vec<bool> = users.iter().map(|user| slack.users.contains_key(user)).collect();
    let (id, channel) = slack.postable(call.required("channel"))?;
    let mut errors = Vec::new();
    for (user, known) in users.iter().zip(known) {
        let code = match user.as_str() {
            BOT => "cant_invite_self",
            _ if !known => "user_not_found",
            _ if channel.members.contains(user) => "already_in_channel",
            _ => continue,
        };
        errors.push(json!({"user": user, "ok": false, "error": code}));
    }
    let failed = |user: &String| errors.iter().any(|error| error["user"] == user.as_str());
    if let (Some(first), false) = (errors.first(), call.flag("force")) {
        let code = first["error"].as_str().unwrap_or_default().to_owned();
        return Err(Fault::with(&code, json!({"errors": errors})));
    }
    channel.members.extend(users.iter().filter(|user| !failed(user)).cloned());
    let mut body = json!({"channel": channel.shown(&id)});
    if !errors.is_empty() {
        body["errors"] = json!(errors);
    }
    Ok(body)
}

pub(super) fn set_topic(slack: &mut Slack, call: &Call) -> Outcome {
    let topic = call.required("topic");
    if topic.chars().count() > 250 {
        return Err("too_long".into());
    }
    let (id, channel) = slack.postable(call.required("channel"))?;
    topic.clone_into(&mut channel.topic);
    Ok(json!({"channel": channel.shown(&id)}))
}

pub(super) fn archive(slack: &mut Slack, call: &Call) -> Outcome {
    let (_, channel) = slack.visible(call.required("channel"))?;
    if channel.archived {
        return Err("already_archived".into());
    }
    if channel.name == "general" {
        return Err("cant_archive_general".into());
    }
    channel.archived = true;
    Ok(json!({}))
}

/// Whether a message lies between the times that a call names.
fn between(call: &Call) -> Result<impl Fn(&Message) -> bool, Fault> {
    let read = |name: &str, code: &str| match call.text(name) {
        None => Ok(None),
        Some(text) => micros(text).map(Some).ok_or_else(|| Fault::from(code)),
    };
    let (oldest, latest) = (read("oldest", "invalid_ts_oldest")?, read("latest", "invalid_ts_latest")?);
    let inclusive = call.flag("inclusive");
    Ok(move |message: &Message| {
        let ts = micros(&message.ts);
        let after = oldest.is_none_or(|oldest| ts > Some(oldest) || (inclusive && ts == Some(oldest)));
        let before = latest.is_none_or(|latest| ts < Some(latest) || (inclusive && ts == Some(latest)));
        after && before
    })
}

/// A time in millionths of a second: `1795000000.000100` or whole seconds.
fn micros(text: &str) -> Option<u64> {
    let (seconds, part) = text.split_once('.').unwrap_or((text, "000000"));
    if part.len() != 6 {
        return None;
    }
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(part.parse().ok()?)
}
