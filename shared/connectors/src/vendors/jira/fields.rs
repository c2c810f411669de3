//! An issue's fields: the common ones are parameters, any other goes beside them by its id.

use std::collections::BTreeMap;

use model::fault::shortened;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::document;
use crate::{
    ConnectorError,
    parameter::{Kind, Parameter, Place, optional},
    vendor::{
        args::Args,
        draft::{Content, Draft},
        node::Node,
    },
};

/// Fields that an issue may have at its creation and after.
pub(super) struct Named {
    pub(super) description: Parameter,
    pub(super) labels: Parameter,
    pub(super) priority: Parameter,
    pub(super) assignee: Parameter,
    pub(super) duedate: Parameter,
    pub(super) parent: Parameter,
}

pub(super) const NAMED: Named = Named {
    description: optional(
        "description",
        Kind::Either(&[Kind::Text, Kind::Object, Kind::Null]),
        "Plain text, or a document of Jira's.",
    )
    .at(Place::Body("/fields/description"))
    .written(document::written),
    labels: optional(
        "labels",
        Kind::List(&Kind::Text, 100),
        "Words without spaces; they replace those that are there.",
    )
    .at(Place::Body("/fields/labels")),
    priority: optional("priority", Kind::Text, "The priority: its name, such as High, or its id.")
        .at(Place::Body("/fields/priority"))
        .written(name_or_id),
    assignee: optional(
        "assignee",
        Kind::Either(&[Kind::Text, Kind::Null]),
        "An account's id; null is nobody.",
    )
    .at(Place::Body("/fields/assignee"))
    .written(account),
    duedate: optional("duedate", Kind::Either(&[Kind::Date, Kind::Null]), "The day by which it is due.")
        .at(Place::Body("/fields/duedate")),
    parent: optional("parent", Kind::Text, "The issue above it: its key or id.")
        .at(Place::Body("/fields/parent"))
        .written(key_or_id),
};

pub(super) const COMPONENTS: Parameter =
    optional("components", Kind::List(&Kind::Text, 50), "The components' names or ids.")
        .at(Place::Body("/fields/components"))
        .written(names_or_ids);

/// Whatever has no parameter of its own.
pub(super) const MORE: Parameter = optional(
    "fields",
    Kind::Object,
    "Other fields by id, each as Jira takes it; `list_fields` gives the ids.",
)
.at(Place::Nowhere);

/// What an update may change; it must change something.
pub(super) const CHANGES: &[&str] = &[
    "summary",
    "description",
    "labels",
    "priority",
    "assignee",
    "duedate",
    "parent",
    "components",
    "fields",
    "update",
];

/// Fields that take a document, so that plain text in them is made one.
const DOCUMENTS: [&str; 2] = ["description", "environment"];
/// Fields by which a search costs next to nothing, and the page size that goes with them.
const LIGHT: [&str; 2] = ["id", "key"];
const LIGHT_PAGE: usize = 5_000;

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

fn reference(json: &str, name: &str) -> Result<Box<RawValue>, String> {
    let text: String = serde_json::from_str(json).map_err(|_| "must be text".to_owned())?;
    let text = text.trim();
    let name = if is_id(text) { "id" } else { name };
    to_raw_value(&json!({ name: text })).map_err(|error| error.to_string())
}

/// The most characters that a name in a path may have.
const NAME_CHARS: usize = 64;

/// A name that is a part of a path: anything else could lead to another resource than the operation says.
pub(super) fn in_path(json: &str) -> Result<Box<RawValue>, String> {
    let wrong = |_| "must be text".to_owned();
    let text: String = serde_json::from_str(json).map_err(wrong)?;
    let known = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    if text.is_empty() || text.len() > NAME_CHARS || !text.bytes().all(known) {
        return Err(format!("must be up to {NAME_CHARS} letters, digits, hyphens and underscores"));
    }
    to_raw_value(&text).map_err(|error| error.to_string())
}

/// `"ENG"` as `{"key":"ENG"}`, `"10000"` as `{"id":"10000"}`.
pub(super) fn key_or_id(json: &str) -> Result<Box<RawValue>, String> {
    reference(json, "key")
}

/// `"Task"` as `{"name":"Task"}`, `"10002"` as `{"id":"10002"}`.
pub(super) fn name_or_id(json: &str) -> Result<Box<RawValue>, String> {
    reference(json, "name")
}

fn names_or_ids(json: &str) -> Result<Box<RawValue>, String> {
    let all: Vec<Box<RawValue>> = serde_json::from_str(json).map_err(|_| "must be a list".to_owned())?;
    let all: Result<Vec<_>, _> = all.iter().map(|one| name_or_id(one.get())).collect();
    to_raw_value(&all?).map_err(|error| error.to_string())
}

fn account(json: &str) -> Result<Box<RawValue>, String> {
    let id: Option<String> = serde_json::from_str(json).map_err(|_| "must be text or null".to_owned())?;
    to_raw_value(&id.map(|id| json!({ "id": id }))).map_err(|error| error.to_string())
}

/// A list as the one text that a body has for it.
pub(super) fn joined(json: &str) -> Result<Box<RawValue>, String> {
    let words: Vec<String> = serde_json::from_str(json).map_err(|_| "must be a list of texts".to_owned())?;
    to_raw_value(&words.join(",")).map_err(|error| error.to_string())
}

/// Jira's own default is ids alone. What is light comes in larger pages.
pub(super) fn of_search(
    args: &Args<'_>,
    draft: &mut Draft,
    limit: Option<usize>,
) -> Result<(), ConnectorError> {
    let given: Option<Vec<String>> = args.raw("fields").and_then(|json| serde_json::from_str(json).ok());
    let Some(fields) = given else { return draft.set(Place::Body("/fields"), "fields", r#"["*navigable"]"#) };
    if fields.iter().all(|field| LIGHT.contains(&field.as_str())) {
        let size = limit.map_or(LIGHT_PAGE, |limit| limit.clamp(1, LIGHT_PAGE));
        draft.set(Place::Body("/maxResults"), "maxResults", &size.to_string())?;
    }
    Ok(())
}

/// Repeated, where other lists are joined with commas.
pub(super) fn of_projects(
    args: &Args<'_>,
    draft: &mut Draft,
    _: Option<usize>,
) -> Result<(), ConnectorError> {
    let Some(json) = args.raw("keys") else { return Ok(()) };
    let wrong = |_| ConnectorError::Invalid("the parameter keys must be a list of texts".into());
    let keys: Vec<String> = serde_json::from_str(json).map_err(wrong)?;
    draft.query.extend(keys.into_iter().map(|key| ("keys".to_owned(), key)));
    Ok(())
}

/// Puts the other fields beside those that are parameters.
pub(super) fn beside(args: &Args<'_>, draft: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    let Content::Json(body) = &mut draft.body else { return Ok(()) };
    let more: BTreeMap<String, Box<RawValue>> =
        args.raw("fields").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    for (id, value) in more {
        let wrong = |why: &str| ConnectorError::Invalid(format!("the field {:?} {why}", shortened(&id)));
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
            return Err(wrong("can be no field's id; `list_fields` gives the ids"));
        }
        if id != "fields" && args.has(&id) {
            return Err(wrong("is given twice: as a parameter and in `fields`"));
        }
        let is_text = value.get().starts_with('"');
        let value = if is_text && DOCUMENTS.contains(&id.as_str()) {
            document::written(value.get()).map_err(|why| wrong(&why))?
        } else {
            value
        };
        body.put(&format!("/fields/{id}"), Node::Raw(value));
    }
    Ok(())
}

/// Plain text or a document, as a comment among a change's operations.
pub(super) fn comment(args: &Args<'_>, body: &mut Node) -> Result<(), ConnectorError> {
    let Some(json) = args.raw("comment") else { return Ok(()) };
    let wrong = |why: String| ConnectorError::Invalid(format!("the parameter comment {why}"));
    let document = document::written(json).map_err(wrong)?;
    if args.value("update").is_some_and(|update| update.get("comment").is_some()) {
        return Err(ConnectorError::Invalid(
            "`comment` and `update.comment` say the same; give one of them".into(),
        ));
    }
    // What the caller sent in `update` is kept as it is, with the comment beside it.
    let update: BTreeMap<String, Box<RawValue>> =
        args.raw("update").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let mut update: BTreeMap<String, Node> =
        update.into_iter().map(|(id, operations)| (id, Node::Raw(operations))).collect();
    let mut added = Node::default();
    added.put("/add/body", Node::Raw(document));
    update.insert("comment".to_owned(), Node::of(&[added])?);
    body.put("/update", Node::Members(update));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::parameters::Parameters;

    #[test]
    fn a_comment_is_passed_on_as_it_was_sent_whatever_its_keys() {
        // Whoever follows the library's private key finds no JSON there.
        let document = r#"{"type":"doc","x":{"$serde_json::private::RawValue":"[1"},"n":1.00}"#;
        let given = format!(r#"{{"comment":{document},"update":{{"labels":[{{"add":"x"}}]}}}}"#);
        let given = Parameters::parse(given.as_bytes()).unwrap();
        let mut body = Node::default();
        comment(&Args::new(&given), &mut body).unwrap();
        let expected = format!(
            r#"{{"update":{{"comment":[{{"add":{{"body":{document}}}}}],"labels":[{{"add":"x"}}]}}}}"#
        );
        assert_eq!(serde_json::to_string(&body).unwrap(), expected);
    }
}
