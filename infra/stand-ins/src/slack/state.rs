//! A workspace: people, conversations, messages, files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Who holds the token.
pub(super) const BOT: &str = "U0BOT00001";
/// Another member of the first channel.
pub(super) const ADA: &str = "U0ADA00001";
/// The workspace.
pub(super) const TEAM: &str = "T0ACME0001";

/// A conversation.
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Only for who is in it.
    pub private: bool,
    /// Nothing is posted to it any more.
    pub archived: bool,
    /// What it is about.
    pub topic: String,
    /// Who is in it, by id.
    pub members: Vec<String>,
    /// What was posted, oldest first.
    pub messages: Vec<Message>,
}

/// What was posted.
pub struct Message {
    /// Its time, which is its name within the conversation.
    pub ts: String,
    /// Who posted it.
    pub user: String,
    /// The message that it answers.
    pub thread_ts: Option<String>,
    /// What it says.
    pub text: String,
    /// The other arguments that it was posted with.
    pub rest: BTreeMap<String, Value>,
    /// Reactions by name, with who reacted.
    pub reactions: BTreeMap<String, BTreeSet<String>>,
    /// Whether it is pinned.
    pub pinned: bool,
}

/// Someone of the workspace.
pub struct User {
    /// Their handle.
    pub name: String,
    /// Their address; a bot has none.
    pub email: Option<String>,
}

/// A file between the two calls of an upload, and after them.
pub struct File {
    /// Its name.
    pub name: String,
    /// How long it was said to be.
    pub length: usize,
    /// What was uploaded.
    pub bytes: Option<Vec<u8>>,
    /// Whether the upload was completed, and where it was shared.
    pub completed: Option<Vec<String>>,
}

impl Channel {
    /// As `conversations.info` tells it.
    pub(super) fn shown(&self, id: &str) -> Value {
        json!({
            "id": id, "name": self.name, "name_normalized": self.name,
            "is_channel": !self.private, "is_group": self.private, "is_im": false, "is_mpim": false,
            "is_private": self.private, "is_archived": self.archived, "is_general": self.name == "general",
            "is_member": self.members.iter().any(|member| member == BOT),
            "created": 1_760_000_000, "creator": ADA, "context_team_id": TEAM,
            "topic": {"value": self.topic, "creator": ADA, "last_set": 1_760_000_000},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "num_members": self.members.len(),
        })
    }

    /// Whether the holder of the token is in it.
    pub(super) fn joined(&self) -> bool {
        self.members.iter().any(|member| member == BOT)
    }

    pub(super) fn message(&mut self, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ts == ts)
    }
}

impl Message {
    pub(super) fn new(ts: String, user: &str, text: &str) -> Self {
        Self {
            ts,
            user: user.to_owned(),
            thread_ts: None,
            text: text.to_owned(),
            rest: BTreeMap::new(),
            reactions: BTreeMap::new(),
            pinned: false,
        }
    }

    /// As histories tell it.
    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({
            "type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": TEAM,
        });
        if self.user == BOT {
            shown["bot_id"] = json!("B0BOT00001");
        }
        if let Some(thread) = &self.thread_ts {
            shown["thread_ts"] = json!(thread);
        }
        if !self.reactions.is_empty() {
            let reaction = |(name, users): (&String, &BTreeSet<String>)| json!({"name": name, "users": users, "count": users.len()});
            shown["reactions"] = self.reactions.iter().map(reaction).collect();
        }
        for (name, value) in &self.rest {
            shown[name] = value.clone();
        }
        shown
    }
}

impl User {
    /// As `users.info` tells them.
    pub(super) fn shown(&self, id: &str) -> Value {
        json!({
            "id": id, "team_id": TEAM, "name": self.name, "deleted": false, "real_name": self.name,
            "tz": "Europe/Amsterdam", "is_admin": false, "is_bot": self.email.is_none(), "updated": 1_760_000_000,
            "profile": {"real_name": self.name, "display_name": self.name, "email": self.email, "team": TEAM},
        })
    }
}
