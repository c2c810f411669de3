//! Jira's text is a document (Atlassian Document Format). Plain text becomes one: a blank line parts paragraphs, a
//! line break stays one.

use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

use crate::parameter::Kind;

/// Plain text, or a document.
pub(super) const DOCUMENT: Kind = Kind::Either(&[Kind::Text, Kind::Object]);

/// The value as Jira takes it.
pub(super) fn written(json: &str) -> Result<Box<RawValue>, String> {
    let wrong = || {
        "must be plain text, or a document such as {\"type\":\"doc\",\"version\":1,\"content\":[]}".to_owned()
    };
    match model::json::parse(json.as_bytes()).map_err(|_| wrong())? {
        Value::String(text) => to_raw_value(&of(&text)?).map_err(|_| wrong()),
        // As it was sent, digit for digit.
        Value::Null => Ok(RawValue::NULL.to_owned()),
        Value::Object(map) if map.get("type").is_some_and(|kind| kind == "doc") => {
            RawValue::from_string(json.to_owned()).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

fn of(text: &str) -> Result<Value, String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let paragraphs: Vec<Value> =
        lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(paragraph).collect();
    if paragraphs.is_empty() {
        return Err("must hold more than blanks".into());
    }
    Ok(json!({"type": "doc", "version": 1, "content": paragraphs}))
}

fn paragraph(lines: &[&str]) -> Value {
    let mut content = Vec::new();
    for line in lines {
        if !content.is_empty() {
            content.push(json!({"type": "hardBreak"}));
        }
        content.push(json!({"type": "text", "text": line}));
    }
    json!({"type": "paragraph", "content": content})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Value {
        let written = written(&Value::from(text).to_string()).unwrap();
        serde_json::from_str(written.get()).unwrap()
    }

    #[test]
    fn blank_lines_part_paragraphs_and_line_breaks_stay() {
        let text = |text: &str| json!({"type": "text", "text": text});
        let expected = json!({"type": "doc", "version": 1, "content": [
            {"type": "paragraph", "content": [text("a"), {"type": "hardBreak"}, text("  b \"c\"")]},
            {"type": "paragraph", "content": [text("d")]},
        ]});
        assert_eq!(document("\n\na\r\n  b \"c\" \n\n \nd\n"), expected);
    }

    #[test]
    fn a_document_stays_as_it_was_sent_and_nothing_else_is_one() {
        let sent = r#"{"version": 1, "type": "doc", "content": [{"n": 1.00}]}"#;
        assert_eq!(written(sent).unwrap().get(), sent);
        assert_eq!(written("null").unwrap().get(), "null");
        for sent in [r#""""#, r#"" \n\t""#, "7", r#"{"type":"paragraph"}"#, "[]", "{"] {
            assert!(written(sent).is_err(), "{sent}");
        }
    }
}
