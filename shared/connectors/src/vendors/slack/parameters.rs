//! Parameters that several operations take, and how they are written.

use serde_json::value::RawValue;

use crate::parameter::{Kind, Parameter, optional, required};

/// The most messages, channels or people that a page may have.
pub(super) const PAGE: usize = 999;

/// A time as Slack writes it; a number would lose its last digits.
const TIME: Kind = Kind::Either(&[Kind::Text, Kind::Integer(0, i64::MAX)]);
/// Beyond this Slack cuts the text.
const TEXT_CHARS: usize = 40_000;

pub(super) const CHANNEL: Parameter =
    required("channel", Kind::Text, "A conversation's id, such as C0123456789.");
pub(super) const TO: Parameter = required(
    "channel",
    Kind::Text,
    "Where to: a conversation's id, such as C0123456789, or a person's, for a direct message.",
);
pub(super) const TS: Parameter =
    required("ts", Kind::Text, "The message: its `ts`, such as \"1795000000.000100\".");
pub(super) const TIMESTAMP: Parameter =
    required("timestamp", Kind::Text, "The message: its `ts`, such as \"1795000000.000100\".");
pub(super) const USER: Parameter = required("user", Kind::Text, "A person's id, such as U0123456789.");

pub(super) const TEXT: Parameter = optional(
    "text",
    Kind::UpTo(TEXT_CHARS),
    "What it says, in Slack's markup; beside blocks, what notifications show.",
);
pub(super) const MARKDOWN: Parameter =
    optional("markdown_text", Kind::UpTo(12_000), "What it says, in Markdown; instead of text and blocks.");
pub(super) const BLOCKS: Parameter =
    optional("blocks", Kind::List(&Kind::Object, 50), "What it is made of, in Block Kit.");
pub(super) const ATTACHMENTS: Parameter =
    optional("attachments", Kind::List(&Kind::Object, 100), "Attachments of the older kind.");
pub(super) const METADATA: Parameter =
    optional("metadata", Kind::Object, "For other apps to read: `{\"event_type\", \"event_payload\"}`.");
pub(super) const THREAD: Parameter =
    optional("thread_ts", Kind::Text, "The `ts` of the message whose thread it goes to.");
pub(super) const UNFURL_LINKS: Parameter =
    optional("unfurl_links", Kind::Boolean, "Whether links are shown with what they lead to.");
pub(super) const UNFURL_MEDIA: Parameter =
    optional("unfurl_media", Kind::Boolean, "The same for links to media.");

pub(super) const OLDEST: Parameter =
    optional("oldest", TIME, "Only what came after this: a `ts`, or seconds since 1970.");
pub(super) const LATEST: Parameter =
    optional("latest", TIME, "Only what came before this: a `ts`, or seconds since 1970.");
pub(super) const INCLUSIVE: Parameter =
    optional("inclusive", Kind::Boolean, "Whether these two ends belong to it; false without it.");

/// Ids, which go as one text with commas between: none may bring a comma of its own.
pub(super) fn ids(json: &str) -> Result<Box<RawValue>, String> {
    let ids: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    let is_id = |id: &String| !id.is_empty() && id.bytes().all(|c| c.is_ascii_alphanumeric());
    if !ids.iter().all(is_id) {
        return Err("must hold ids, such as U0123456789: letters and digits alone".into());
    }
    RawValue::from_string(json.to_owned()).map_err(|_| "must be a list of ids".into())
}
