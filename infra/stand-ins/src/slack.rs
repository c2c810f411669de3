//! Slack's Web API: one workspace with a bot, whose token a test may revoke, let expire or narrow. Errors come with
//! status 200, but for 429. There is no token endpoint: a workspace's app is given its token where it is installed.
#![expect(
    clippy::indexing_slicing,
    reason = "JSON is read with null for what lacks, and written to objects made here"
)]

mod call;
mod chat;
mod conversations;
mod files;
mod methods;
mod pages;
mod people;
mod reply;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

pub use state::{Channel, File, Message, User};

use crate::{Answer, Seen, Vendor};
use call::Call;
use reply::{Fault, Outcome};
use state::{ADA, BOT};

/// A workspace.
pub struct Slack {
    /// Tokens, each with the code that it is refused with; none where it is good.
    pub tokens: BTreeMap<String, Option<&'static str>>,
    /// What the tokens may do.
    pub scopes: BTreeSet<String>,
    /// Conversations by id.
    pub channels: BTreeMap<String, Channel>,
    /// People by id.
    pub users: BTreeMap<String, User>,
    /// Files by id.
    pub files: BTreeMap<String, File>,
    /// What is to be posted: conversation, time in seconds, text.
    pub scheduled: Vec<(String, u64, String)>,
    /// The time here, in seconds.
    pub now: u64,
    /// The most messages of a page: 999, or 15 for an app that is sold outside of the vendor's marketplace.
    pub most_messages: usize,
    base: String,
    last_ts: u64,
}

impl Slack {
    /// A workspace at a base URL, with one good token, which may do everything. Its channel `general` (`C0GENERAL1`)
    /// has the bot, Ada (`U0ADA00001`, ada@example.com) and one message of Ada's; `elsewhere` (`C0ELSEWHR1`) is
    /// public and without the bot; `secret` (`C0SECRET01`) is private and without it.
    pub fn new(base: &str, token: &str) -> Self {
        let scopes = methods::METHODS.iter().flat_map(|method| method.scopes);
        let mut slack = Self {
            tokens: BTreeMap::from([(token.to_owned(), None)]),
            scopes: scopes.map(|scope| (*scope).to_owned()).collect(),
            channels: BTreeMap::new(),
            users: BTreeMap::new(),
            files: BTreeMap::new(),
            scheduled: Vec::new(),
            now: 1_795_000_000,
            most_messages: 999,
            base: base.to_owned(),
            last_ts: 0,
        };
        slack.users.insert(BOT.to_owned(), User { name: "connector".to_owned(), email: None });
        let ada = User { name: "ada".to_owned(), email: Some("ada@example.com".to_owned()) };
        slack.users.insert(ADA.to_owned(), ada);
        slack.add_channel("C0GENERAL1", "general", false, &[BOT, ADA]);
        slack.add_channel("C0ELSEWHR1", "elsewhere", false, &[ADA]);
        slack.add_channel("C0SECRET01", "secret", true, &[ADA]);
        slack.say("C0GENERAL1", ADA, "Good morning");
        slack
    }

    /// More of everything: people, channels, and messages in `general`, one of which (the one returned, by its `ts`)
    /// has as many replies.
    pub fn seed(&mut self, count: usize) -> String {
        for number in 0..count {
            let name = format!("user{number:04}");
            let email = Some(format!("{name}@example.com"));
            let id = format!("U1{number:08}");
            self.users.insert(id.clone(), User { name, email });
            self.add_channel(&format!("C1{number:08}"), &format!("channel-{number:04}"), false, &[BOT]);
            if let Some(general) = self.channels.get_mut("C0GENERAL1") {
                general.members.push(id.clone());
            }
            self.say("C0GENERAL1", &id, &format!("message {number}"));
        }
        let parent = self.say("C0GENERAL1", ADA, "Who is there?");
        self.thread("C0GENERAL1", &parent);
        for number in 0..count {
            self.say("C0GENERAL1", ADA, &format!("reply {number}"));
            self.thread("C0GENERAL1", &parent);
        }
        parent
    }

    /// From now on every token is refused with this code: `token_revoked`, `token_expired`, `account_inactive`.
    pub fn refuse_tokens(&mut self, code: &'static str) {
        for refused in self.tokens.values_mut() {
            *refused = Some(code);
        }
    }

    /// Takes a scope away.
    pub fn lose_scope(&mut self, scope: &str) {
        self.scopes.remove(scope);
    }

    /// What a method answers that was called too often.
    pub fn limited(seconds: u64) -> Answer {
        reply::limited(seconds)
    }

    /// What a method answers where the vendor fails in a way of its own, or the caller in one not kept here.
    pub fn failed(code: &str) -> Answer {
        reply::answer(Err(code.into()))
    }

    /// Someone says something; gives its `ts`.
    pub fn say(&mut self, channel: &str, user: &str, text: &str) -> String {
        let ts = self.next_ts();
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.messages.push(Message::new(ts.clone(), user, text));
        }
        ts
    }

    /// What was said last belongs to a thread.
    fn thread(&mut self, channel: &str, ts: &str) {
        let channel = self.channels.get_mut(channel);
        if let Some(last) = channel.and_then(|channel| channel.messages.last_mut()) {
            last.thread_ts = Some(ts.to_owned());
        }
    }

    fn add_channel(&mut self, id: &str, name: &str, private: bool, members: &[&str]) {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        let (name, topic) = (name.to_owned(), String::new());
        let channel = Channel { name, private, archived: false, topic, members, messages: Vec::new() };
        self.channels.insert(id.to_owned(), channel);
    }

    fn next_ts(&mut self) -> String {
        self.last_ts += 1;
        format!("{}.{:06}", self.now - 100_000 + self.last_ts / 10, self.last_ts % 10 * 100 + 19)
    }

    /// A conversation that the token's holder can see, by id: private ones only from within.
    fn visible(&mut self, id: &str) -> Result<(String, &mut Channel), Fault> {
        let channel = self.channels.get_mut(id).filter(|channel| !channel.private || channel.joined());
        Ok((id.to_owned(), channel.ok_or("channel_not_found")?))
    }

    /// One that it may write to. A name may stand in the place of the id.
    fn postable(&mut self, id: &str) -> Result<(String, &mut Channel), Fault> {
        let named = |channel: &Channel| Some(channel.name.as_str()) == id.strip_prefix('#');
        let by_name = self.channels.iter().find(|(_, channel)| named(channel)).map(|(id, _)| id.clone());
        let (id, channel) = self.visible(by_name.as_deref().unwrap_or(id))?;
        if channel.archived {
            return Err("is_archived".into());
        }
        if !channel.joined() {
            return Err("not_in_channel".into());
        }
        Ok((id, channel))
    }

    /// One whose messages it may read: a bot reads where it is.
    fn readable(&mut self, id: &str) -> Result<&mut Channel, Fault> {
        let (_, channel) = self.visible(id)?;
        if channel.joined() { Ok(channel) } else { Err("not_in_channel".into()) }
    }

    fn authorised(&self, seen: &Seen, call: &Call) -> Result<(), Fault> {
        let token = seen.bearer();
        if token.is_empty() {
            return Err("not_authed".into());
        }
        match self.tokens.get(token) {
            None => return Err("invalid_auth".into()),
            Some(Some(code)) => return Err((*code).into()),
            Some(None) => {}
        }
        if call.scopes.is_empty() || call.scopes.iter().any(|scope| self.scopes.contains(*scope)) {
            return Ok(());
        }
        let provided: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let needed = call.scopes.first().copied().unwrap_or_default();
        Err(Fault::with("missing_scope", json!({"needed": needed, "provided": provided.join(",")})))
    }

    fn done(&mut self, call: &Call) -> Outcome {
        match call.method {
            "auth.test" => Ok(people::auth_test()),
            "chat.postMessage" => chat::post(self, call),
            "chat.update" => chat::update(self, call),
            "chat.delete" => chat::delete(self, call),
            "chat.postEphemeral" => chat::ephemeral(self, call),
            "chat.scheduleMessage" => chat::schedule(self, call),
            "conversations.list" => conversations::list(self, call),
            "conversations.info" => conversations::info(self, call),
            "conversations.members" => conversations::members(self, call),
            "conversations.history" => conversations::history(self, call),
            "conversations.replies" => conversations::replies(self, call),
            "conversations.create" => conversations::create(self, call),
            "conversations.invite" => conversations::invite(self, call),
            "conversations.setTopic" => conversations::set_topic(self, call),
            "conversations.archive" => conversations::archive(self, call),
            "users.lookupByEmail" => people::lookup(self, call),
            "users.info" => people::info(self, call),
            "users.list" => people::list(self, call),
            "reactions.add" => chat::react(self, call),
            "pins.add" => chat::pin(self, call),
            "files.getUploadURLExternal" => files::get_url(self, call),
            "files.completeUploadExternal" => files::complete(self, call),
            _ => Err("unknown_method".into()),
        }
    }
}

impl Vendor for Slack {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if let Some(answer) = files::upload(self, seen, violations) {
            return answer;
        }
        let call = match Call::read(seen, violations) {
            Ok(call) => call,
            Err(fault) => return reply::answer(Err(fault)),
        };
        let authorised = self.authorised(seen, &call);
        let known = authorised.is_ok();
        let outcome = authorised.and_then(|()| self.done(&call));
        let answer = reply::answer(outcome);
        if !known {
            return answer;
        }
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        answer
            .header("x-oauth-scopes", scopes.join(","))
            .header("x-accepted-oauth-scopes", call.scopes.join(","))
    }
}
