//! What must hold of every reader of foreign bytes, whatever the bytes are.
//!
//! Each property is a function of bytes that panics where it does not hold, so that ordinary tests, a fuzzer and a
//! file that once was a find all ask the same question. Where an answer can be foreseen, a second reader beside the
//! first one foresees it: written apart from it, as naive as it can be, and never faster than it has to be.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a property that does not hold ends its test"
)]

mod address;
pub mod config;
pub mod connection_url;
pub mod cursor;
pub mod egress_rules;
pub mod etag;
pub mod event;
mod fixed;
pub mod frame;
pub mod item;
pub mod json;
pub mod jwks;
pub mod license;
pub mod link;
pub mod record;
pub mod refusal;
pub mod retry_after;
pub mod rows;
mod said;
pub mod secret_arn;
pub mod secret_json;
pub mod statement;
pub mod token;
pub mod upstream;
mod words;

/// One property.
pub type Property = fn(&[u8]);

/// Every property under the name of its fuzz target and of its folder of seeds.
pub const ALL: [(&str, Property); 22] = [
    ("config", config::check),
    ("connection_url", connection_url::check),
    ("cql", statement::cql),
    ("cursor", cursor::check),
    ("egress_rules", egress_rules::check),
    ("etag", etag::check),
    ("event", event::check),
    ("frame", frame::check),
    ("item", item::check),
    ("json", json::check),
    ("jwks", jwks::check),
    ("license", license::check),
    ("link", link::check),
    ("postgres", statement::postgres),
    ("record", record::check),
    ("refusal", refusal::check),
    ("retry_after", retry_after::check),
    ("rows", rows::check),
    ("secret_arn", secret_arn::check),
    ("secret_json", secret_json::check),
    ("snowflake", statement::snowflake),
    ("token", token::check),
];
