//! The methods that this workspace answers, as their reference pages have them: the arguments that must be there, the
//! ones that may, and the scopes of a bot's token of which one suffices.

/// One method's page.
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    pub(super) scopes: &'static [&'static str],
}

const fn method(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    scopes: &'static [&'static str],
) -> Method {
    Method { name, required, optional, scopes }
}

const WRITES: &[&str] = &["chat:write"];
const LISTS: &[&str] = &["channels:read", "groups:read", "im:read", "mpim:read"];
const HISTORY: &[&str] = &["channels:history", "groups:history", "im:history", "mpim:history"];
const MANAGES: &[&str] = &["channels:manage", "groups:write", "im:write", "mpim:write"];
const TIMES: &[&str] = &["cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest"];

pub(super) const METHODS: &[Method] = &[
    method("auth.test", &[], &[], &[]),
    method(
        "chat.postMessage",
        &["channel"],
        &[
            "attachments",
            "blocks",
            "icon_emoji",
            "icon_url",
            "link_names",
            "markdown_text",
            "metadata",
            "mrkdwn",
            "parse",
            "reply_broadcast",
            "text",
            "thread_ts",
            "unfurl_links",
            "unfurl_media",
            "username",
        ],
        WRITES,
    ),
    method(
        "chat.update",
        &["channel", "ts"],
        &[
            "attachments",
            "blocks",
            "file_ids",
            "link_names",
            "markdown_text",
            "metadata",
            "parse",
            "reply_broadcast",
            "text",
        ],
        WRITES,
    ),
    method("chat.delete", &["channel", "ts"], &[], WRITES),
    method(
        "chat.postEphemeral",
        &["channel", "user"],
        &[
            "attachments",
            "blocks",
            "icon_emoji",
            "icon_url",
            "link_names",
            "markdown_text",
            "parse",
            "text",
            "thread_ts",
            "username",
        ],
        WRITES,
    ),
    method(
        "chat.scheduleMessage",
        &["channel", "post_at"],
        &[
            "attachments",
            "blocks",
            "link_names",
            "markdown_text",
            "metadata",
            "parse",
            "reply_broadcast",
            "text",
            "thread_ts",
            "unfurl_links",
            "unfurl_media",
        ],
        WRITES,
    ),
    method("conversations.list", &[], &["cursor", "exclude_archived", "limit", "team_id", "types"], LISTS),
    method("conversations.info", &["channel"], &["include_locale", "include_num_members"], LISTS),
    method("conversations.members", &["channel"], &["cursor", "limit"], LISTS),
    method("conversations.history", &["channel"], TIMES, HISTORY),
    method("conversations.replies", &["channel", "ts"], TIMES, HISTORY),
    method("conversations.create", &["name"], &["is_private", "team_id"], MANAGES),
    method(
        "conversations.invite",
        &["channel", "users"],
        &["force"],
        &["channels:write.invites", "groups:write.invites", "channels:manage", "groups:write"],
    ),
    method(
        "conversations.setTopic",
        &["channel", "topic"],
        &[],
        &["channels:write.topic", "groups:write.topic", "channels:manage", "groups:write"],
    ),
    method("conversations.archive", &["channel"], &[], MANAGES),
    method("users.lookupByEmail", &["email"], &[], &["users:read.email"]),
    method("users.info", &["user"], &["include_locale"], &["users:read"]),
    method("users.list", &[], &["cursor", "include_locale", "limit", "team_id"], &["users:read"]),
    method("reactions.add", &["channel", "name", "timestamp"], &[], &["reactions:write"]),
    method("pins.add", &["channel", "timestamp"], &[], &["pins:write"]),
    method(
        "files.getUploadURLExternal",
        &["filename", "length"],
        &["alt_txt", "snippet_type"],
        &["files:write"],
    ),
    method(
        "files.completeUploadExternal",
        &["files"],
        &["blocks", "channel_id", "channels", "initial_comment", "thread_ts"],
        &["files:write"],
    ),
];

/// Arguments that are true or false.
pub(super) const BOOLEANS: &[&str] = &[
    "exclude_archived",
    "force",
    "include_all_metadata",
    "include_locale",
    "include_num_members",
    "inclusive",
    "is_private",
    "link_names",
    "mrkdwn",
    "reply_broadcast",
    "unfurl_links",
    "unfurl_media",
];

/// Arguments that are JSON in the form, whether they are arrays, and the error where they aren't.
pub(super) const STRUCTURED: &[(&str, bool, &str)] = &[
    ("attachments", true, "invalid_attachments"),
    ("blocks", true, "invalid_blocks_format"),
    ("file_ids", true, "invalid_arguments"),
    ("files", true, "invalid_arguments"),
    ("metadata", false, "invalid_metadata_format"),
];
