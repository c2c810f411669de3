//! YAML with the short forms of templates, as the JSON that it stands for: `!Ref X` is `{"Ref": "X"}`, `!GetAtt X.Arn`
//! is `{"Fn::GetAtt": ["X", "Arn"]}`.
//!
//! Anchors and aliases are refused, because AWS takes none; so is a key that stands twice.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value, json};

/// Reads one document.
pub(crate) fn parse(text: &str) -> Value {
    let mut events = Parser::new_from_str(text).map(|event| {
        let (event, span) = event.unwrap_or_else(|error| panic!("{error}"));
        (event, span.start.line())
    });
    let node = events.find(|(event, _)| matches!(event, Event::DocumentStart(_)));
    let first = node.and_then(|_| events.next()).expect("a document");
    value(first, &mut events)
}

type Line<'a> = (Event<'a>, usize);

fn value<'a>((event, line): Line<'a>, rest: &mut impl Iterator<Item = Line<'a>>) -> Value {
    match event {
        Event::Scalar(text, style, 0, tag) => {
            let scalar = if style == ScalarStyle::Plain { plain(&text) } else { json!(text) };
            tagged(tag.as_deref(), scalar)
        }
        Event::SequenceStart(0, tag) => {
            let mut items = Vec::new();
            loop {
                match rest.next().expect("the list ends") {
                    (Event::SequenceEnd, _) => return tagged(tag.as_deref(), Value::Array(items)),
                    item => items.push(value(item, rest)),
                }
            }
        }
        Event::MappingStart(0, tag) => {
            let mut entries = Map::new();
            loop {
                match rest.next().expect("the map ends") {
                    (Event::MappingEnd, _) => return tagged(tag.as_deref(), Value::Object(entries)),
                    (Event::Scalar(key, ..), line) => {
                        let entry = value(rest.next().expect("a value"), rest);
                        assert!(
                            entries.insert(key.to_string(), entry).is_none(),
                            "{line}: {key} stands twice"
                        );
                    }
                    (_, line) => panic!("{line}: a key is no text"),
                }
            }
        }
        other => panic!("{line}: CloudFormation takes no {other:?}"),
    }
}

fn plain(text: &str) -> Value {
    match text {
        "true" => json!(true),
        "false" => json!(false),
        _ => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
    }
}

fn tagged(tag: Option<&Tag>, value: Value) -> Value {
    let Some(tag) = tag else { return value };
    match (tag.suffix.as_str(), value) {
        ("Ref", name) => json!({"Ref": name}),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').expect("an attribute");
            json!({"Fn::GetAtt": [resource, attribute]})
        }
        (function, value) => json!({format!("Fn::{function}"): value}),
    }
}

#[test]
fn short_forms_are_what_they_stand_for() {
    let read = parse("a: !Ref X\nb: [!GetAtt X.Arn, !Sub '${X}/y']\nc: !If [P, 7, true]\n");
    let expected = json!({
        "a": {"Ref": "X"},
        "b": [{"Fn::GetAtt": ["X", "Arn"]}, {"Fn::Sub": "${X}/y"}],
        "c": {"Fn::If": ["P", 7, true]},
    });
    assert_eq!(read, expected);
}

#[test]
#[should_panic(expected = "stands twice")]
fn a_key_that_stands_twice_is_refused() {
    parse("a: 1\na: 2\n");
}

#[test]
#[should_panic(expected = "CloudFormation takes no")]
fn an_anchor_is_refused() {
    parse("a: &x {b: 1}\nc: 2\n");
}
