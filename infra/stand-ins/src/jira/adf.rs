//! The Atlassian Document Format, as far as it is told apart from what is none.

use serde_json::{Value, json};

/// Blocks that a document may hold.
const BLOCKS: [&str; 15] = [
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "taskList",
    "decisionList",
    "codeBlock",
    "blockquote",
    "panel",
    "rule",
    "table",
    "mediaGroup",
    "mediaSingle",
    "expand",
    "blockCard",
];

/// A document of one paragraph.
pub(super) fn text(words: &str) -> Value {
    let text = json!({"type": "text", "text": words});
    json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]})
}

/// Whether it is a document: its root, its blocks, and no empty text anywhere.
pub(super) fn is_document(value: &Value) -> bool {
    let keys = value
        .as_object()
        .into_iter()
        .flatten()
        .all(|(key, _)| matches!(key.as_str(), "type" | "version" | "content"));
    let blocks = value["content"].as_array();
    let block =
        |node: &Value| node["type"].as_str().is_some_and(|kind| BLOCKS.contains(&kind)) && is_node(node);
    keys && value["type"] == "doc"
        && value["version"] == 1
        && blocks.is_some_and(|blocks| blocks.iter().all(block))
}

/// Whether it has anything to show.
pub(super) fn is_empty(value: &Value) -> bool {
    value["content"].as_array().is_none_or(Vec::is_empty)
}

fn is_node(node: &Value) -> bool {
    let inner = |child: &Value| match child["type"].as_str() {
        // Jira refuses empty text, and a line break inside a text is no part of the format outside code.
        Some("text") => {
            let text = child["text"].as_str().unwrap_or_default();
            !text.is_empty() && (node["type"] == "codeBlock" || !text.contains(['\n', '\r']))
        }
        Some(_) => is_node(child),
        None => false,
    };
    match node.get("content") {
        None => true,
        Some(children) => children.as_array().is_some_and(|children| children.iter().all(inner)),
    }
}
