//! The operations, each as its method's page has it: <https://docs.slack.dev/reference/methods>.

use super::{
    parameters::{
        ATTACHMENTS, BLOCKS, CHANNEL, INCLUSIVE, LATEST, MARKDOWN, METADATA, OLDEST, PAGE, TEXT, THREAD,
        TIMESTAMP, TO, TS, UNFURL_LINKS, UNFURL_MEDIA, USER, ids,
    },
    upload,
};
use crate::{
    parameter::{Choice, Kind, Place, optional, required},
    vendor::op::{Op, Pages},
};

/// A message says something.
const SAYING: &[Choice] = &[Choice::AnyOf(&["text", "blocks", "attachments", "markdown_text"])];
const PAGES: Pages = Pages::Cursor { at: "/response_metadata/next_cursor", send: Place::Body("cursor") };
const SIZE: Place = Place::Body("limit");
const TYPES: Kind = Kind::OneOf(&["public_channel", "private_channel", "mpim", "im"]);

pub(super) const OPERATIONS: &[Op] = &[
    Op::write("post_message", "POST", "Posts a message.")
        .form("/chat.postMessage")
        .takes(&[TO, TEXT, BLOCKS, MARKDOWN, ATTACHMENTS, THREAD, METADATA, UNFURL_LINKS, UNFURL_MEDIA])
        .choosing(SAYING)
        .example(r#"{"channel":"C0123456789","text":"The build is *green*."}"#),
    Op::write("reply", "POST", "Posts a message to a thread.")
        .form("/chat.postMessage")
        .takes(&[
            TO,
            required("thread_ts", Kind::Text, "The `ts` of the message that the thread began with."),
            TEXT,
            BLOCKS,
            MARKDOWN,
            ATTACHMENTS,
            METADATA,
            optional("reply_broadcast", Kind::Boolean, "Whether the channel sees it too."),
            UNFURL_LINKS,
            UNFURL_MEDIA,
        ])
        .choosing(SAYING)
        .example(r#"{"channel":"C0123456789","thread_ts":"1795000000.000100","text":"Done."}"#),
    Op::write("update_message", "UPDATE", "Changes a message of the app's own.")
        .form("/chat.update")
        .takes(&[CHANNEL, TS, TEXT, BLOCKS, MARKDOWN, ATTACHMENTS, METADATA])
        .choosing(SAYING)
        .example(r#"{"channel":"C0123456789","ts":"1795000000.000100","text":"The build is red."}"#),
    Op::write("delete_message", "DELETE", "Deletes a message of the app's own.")
        .form("/chat.delete")
        .takes(&[CHANNEL, TS])
        .example(r#"{"channel":"C0123456789","ts":"1795000000.000100"}"#),
    Op::write("post_ephemeral", "POST", "Shows a message to one person of a channel, who may miss it.")
        .form("/chat.postEphemeral")
        .takes(&[CHANNEL, USER, TEXT, BLOCKS, MARKDOWN, ATTACHMENTS, THREAD])
        .choosing(SAYING)
        .example(r#"{"channel":"C0123456789","user":"U0123456789","text":"Only you see this."}"#),
    Op::write("schedule", "POST", "Posts a message later, in 120 days at the most.")
        .form("/chat.scheduleMessage")
        .takes(&[
            TO,
            required("post_at", Kind::Integer(1, i64::MAX), "When: seconds since 1970."),
            TEXT,
            BLOCKS,
            MARKDOWN,
            ATTACHMENTS,
            THREAD,
            METADATA,
            UNFURL_LINKS,
            UNFURL_MEDIA,
        ])
        .choosing(SAYING)
        .example(r#"{"channel":"C0123456789","post_at":1796000000,"text":"Good morning."}"#),
    Op::read("list_channels", "Conversations that the app can see.")
        .form("/conversations.list")
        .takes(&[
            optional("types", Kind::List(&TYPES, 4), "Which kinds; public channels without it."),
            optional("exclude_archived", Kind::Boolean, "Whether to leave out what is archived."),
            optional(
                "team_id",
                Kind::Text,
                "The workspace, where the app is installed for a whole organisation.",
            ),
        ])
        .rows("/channels")
        .pages(PAGES)
        .sized(SIZE, PAGE)
        .example(r#"{"types":["public_channel","private_channel"],"exclude_archived":true}"#),
    Op::read("channel_info", "One conversation.")
        .form("/conversations.info")
        .takes(&[
            CHANNEL,
            optional("include_num_members", Kind::Boolean, "Whether to count its members."),
            optional("include_locale", Kind::Boolean, "Whether to tell its language."),
        ])
        .rows("/channel")
        .example(r#"{"channel":"C0123456789","include_num_members":true}"#),
    Op::read("members", "The ids of who is in a conversation.")
        .form("/conversations.members")
        .takes(&[CHANNEL])
        .rows("/members")
        .pages(PAGES)
        .sized(SIZE, PAGE)
        .example(r#"{"channel":"C0123456789"}"#),
    Op::read("read_history", "A conversation's messages, the newest first; of a thread only its beginning.")
        .form("/conversations.history")
        .takes(&[
            CHANNEL,
            OLDEST,
            LATEST,
            INCLUSIVE,
            optional("include_all_metadata", Kind::Boolean, "Whether to give all metadata of each."),
        ])
        .rows("/messages")
        .pages(PAGES)
        .sized(SIZE, PAGE)
        .example(r#"{"channel":"C0123456789","oldest":"1795000000.000000"}"#),
    Op::read("read_thread", "A thread: the message that it began with, then its replies, the oldest first.")
        .form("/conversations.replies")
        .takes(&[
            CHANNEL,
            TS,
            OLDEST,
            LATEST,
            INCLUSIVE,
            optional("include_all_metadata", Kind::Boolean, "Whether to give all metadata of each."),
        ])
        .rows("/messages")
        .pages(PAGES)
        .sized(SIZE, PAGE)
        .example(r#"{"channel":"C0123456789","ts":"1795000000.000100"}"#),
    Op::write("create_channel", "CREATE", "Creates a channel, with the app in it.")
        .form("/conversations.create")
        .takes(&[
            required("name", Kind::UpTo(80), "Small letters, digits, hyphens and underscores."),
            optional("is_private", Kind::Boolean, "Whether only who is in it can see it."),
            optional(
                "team_id",
                Kind::Text,
                "The workspace, where the app is installed for a whole organisation.",
            ),
        ])
        .rows("/channel")
        .example(r#"{"name":"incident-42","is_private":true}"#),
    Op::write("invite", "INVITE", "Brings people into a channel.")
        .form("/conversations.invite")
        .takes(&[
            CHANNEL,
            required("users", Kind::List(&Kind::Text, 100), "Their ids.").written(ids),
            optional("force", Kind::Boolean, "Whether to bring the others where one can't be brought."),
        ])
        .example(r#"{"channel":"C0123456789","users":["U0123456789","U0123456780"]}"#),
    Op::write("set_topic", "UPDATE", "Says what a channel is about.")
        .form("/conversations.setTopic")
        .takes(&[CHANNEL, required("topic", Kind::UpTo(250), "What; empty for nothing.")])
        .rows("/channel")
        .example(r#"{"channel":"C0123456789","topic":"Until Friday"}"#),
    Op::write("archive", "ARCHIVE", "Closes a channel; what was said in it stays.")
        .form("/conversations.archive")
        .takes(&[CHANNEL])
        .example(r#"{"channel":"C0123456789"}"#),
    Op::read("find_user", "A person by e-mail address.")
        .form("/users.lookupByEmail")
        .takes(&[required("email", Kind::Text, "The address, as the workspace has it.")])
        .rows("/user")
        .example(r#"{"email":"ada@example.com"}"#),
    Op::read("user_info", "A person by id.")
        .form("/users.info")
        .takes(&[USER, optional("include_locale", Kind::Boolean, "Whether to tell their language.")])
        .rows("/user")
        .example(r#"{"user":"U0123456789"}"#),
    Op::read("list_users", "Everybody of the workspace, apps and former members included.")
        .form("/users.list")
        .takes(&[
            optional("include_locale", Kind::Boolean, "Whether to tell their languages."),
            optional(
                "team_id",
                Kind::Text,
                "The workspace, where the app is installed for a whole organisation.",
            ),
        ])
        .rows("/members")
        .pages(PAGES)
        .sized(SIZE, PAGE),
    Op::write("add_reaction", "REACT", "Adds an emoji to a message.")
        .form("/reactions.add")
        .takes(&[
            CHANNEL,
            TIMESTAMP,
            required("name", Kind::Text, "The emoji's name, without colons, such as white_check_mark."),
        ])
        .example(r#"{"channel":"C0123456789","timestamp":"1795000000.000100","name":"white_check_mark"}"#),
    Op::write("pin", "PIN", "Pins a message to its channel.")
        .form("/pins.add")
        .takes(&[CHANNEL, TIMESTAMP])
        .example(r#"{"channel":"C0123456789","timestamp":"1795000000.000100"}"#),
    Op::write("upload_file", "UPLOAD", "Uploads a file and, where a channel is named, shares it there.")
        .form("/files.completeUploadExternal")
        .takes(&[
            required("filename", Kind::Text, "Its name, such as report.csv.").at(Place::Nowhere),
            optional("content", Kind::Text, "What is in it, as text.").at(Place::Nowhere),
            optional("content_base64", Kind::Text, "What is in it, in Base64.")
                .at(Place::Nowhere)
                .written(upload::base64),
            optional("title", Kind::Text, "What it is called in Slack; its name without it.")
                .at(Place::Nowhere),
            optional("channel", Kind::Text, "Where to share it; without it, only the app has it.")
                .at(Place::Body("channel_id")),
            optional("thread_ts", Kind::Text, "The thread there that it goes to."),
            optional("initial_comment", Kind::UpTo(40_000), "What the message says that shares it."),
            optional("alt_txt", Kind::UpTo(1_000), "What a picture shows, for who can't see it.")
                .at(Place::Nowhere),
            optional("snippet_type", Kind::Text, "The language of a snippet, such as python.")
                .at(Place::Nowhere),
        ])
        .choosing(&[Choice::OneOf(&["content", "content_base64"])])
        .rows("/files")
        .run(|running| Box::pin(upload::upload(running)))
        .example(r#"{"filename":"report.csv","content":"a,b\n1,2\n","channel":"C0123456789"}"#),
];
