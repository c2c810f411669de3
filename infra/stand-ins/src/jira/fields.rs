//! What fields take, and how issues change.

use serde_json::{Map, Value, json};

use super::{Jira, access::Caller, adf, refusals};
use crate::Answer;

/// The field that takes one line of text.
const LINE: &str = "customfield_10010";
/// The field that takes a document.
const AREA: &str = "customfield_10020";

impl Jira {
    /// A project as it is shown.
    pub(super) fn project(&self, key_or_id: &str) -> Value {
        let of = |at: usize| (10_000 + at).to_string();
        let found = self
            .projects
            .iter()
            .enumerate()
            .find(|(at, key)| key.eq_ignore_ascii_case(key_or_id) || of(*at) == key_or_id);
        found.map_or(Value::Null, |(at, key)| {
            json!({
                "self": format!("{}/rest/api/3/project/{}", self.base, of(at)), "id": of(at), "key": key,
                "name": format!("Project {key}"), "projectTypeKey": "software", "simplified": false, "style": "classic",
            })
        })
    }

    /// A field's value as Jira keeps it, or what it says against it.
    pub(super) fn checked(&self, name: &str, value: &Value) -> Result<Value, String> {
        let text = |key: &str| value[key].as_str().unwrap_or_default();
        let named = |known: &[(&str, &str)], why: &str| {
            let one = known.iter().find(|(id, name)| *id == text("id") || *name == text("name"));
            one.map(|(id, name)| json!({"id": id, "name": name})).ok_or_else(|| why.to_owned())
        };
        match name {
            "project" => match self.project(&format!("{}{}", text("key"), text("id"))) {
                Value::Null => Err("Specify a valid project ID or key".into()),
                project => Ok(project),
            },
            "issuetype" => named(&super::lists::ISSUE_TYPES, "Specify a valid issue type"),
            "priority" => named(
                &[("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low")],
                "The priority selected is invalid.",
            ),
            "resolution" => {
                named(&[("10000", "Done"), ("10001", "Won't Do")], "The resolution is not valid.")
            }
            "summary" => summary(value),
            "description" | "environment" | AREA => {
                let fits = value.is_null() || adf::is_document(value);
                let why = "Operation value must be an Atlassian Document (see the Atlassian Document Format)";
                if fits { Ok(value.clone()) } else { Err(why.into()) }
            }
            "labels" => labels(value),
            "assignee" | "reporter" => {
                let id = format!("{}{}", text("accountId"), text("id"));
                match self.person(&id) {
                    _ if value.is_null() => Ok(Value::Null),
                    Some(person) => Ok(person),
                    None => Err(format!("User '{id}' does not exist.")),
                }
            }
            "parent" => match self.issue(&format!("{}{}", text("key"), text("id")), &Caller::Account) {
                Ok(parent) => Ok(json!({"id": parent.id.to_string(), "key": parent.key})),
                Err(_) => Err("Given parent work item does not exist.".into()),
            },
            "duedate" if value.is_null() || value.as_str().is_some_and(is_date) => Ok(value.clone()),
            "duedate" => Err("Error parsing date string. Use the format yyyy-MM-dd.".into()),
            LINE if value.is_null() || value.is_string() => Ok(value.clone()),
            LINE => Err("Operation value must be a string".into()),
            "components" | "fixVersions" | "versions" if value.is_array() => Ok(value.clone()),
            _ => {
                Err(format!("Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."))
            }
        }
    }

    /// Sets what `fields` says and does what `update` says; all of it or nothing.
    pub(super) fn change(&mut self, key: &str, body: &Map<String, Value>) -> Result<(), Answer> {
        let empty = Map::new();
        let part = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(&empty),
            Some(Value::Object(part)) => Ok(part),
            Some(_) => Err(refusals::message(400, "Can not deserialize the request.")),
        };
        let (fields, update) = (part("fields")?, part("update")?);
        let (mut set, mut said, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in fields {
            if update.contains_key(name) {
                let why = format!("Field '{name}' cannot appear in both 'fields' and 'update'");
                errors.push((name.clone(), why));
                continue;
            }
            match self.checked(name, value) {
                Ok(value) => set.push((name.clone(), value)),
                Err(why) => errors.push((name.clone(), why)),
            }
        }
        for (name, operations) in update {
            if name == "comment" {
                said.extend(operations.as_array().into_iter().flatten().map(|one| one["add"].clone()));
                continue;
            }
            match self.updated(key, name, operations) {
                Ok(value) => set.push((name.clone(), value)),
                Err(why) => errors.push((name.clone(), why)),
            }
        }
        if said.iter().any(|comment| !adf::is_document(&comment["body"])) {
            errors.push(("comment".into(), "Comment body is not valid!".into()));
        }
        if !errors.is_empty() {
            let errors: Vec<(&str, &str)> =
                errors.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
            return Err(refusals::collection(400, &[], &errors));
        }
        let comments: Vec<Value> = said.iter().map(|comment| self.comment(comment)).collect();
        let issue = self.issue_mut(key)?;
        issue.fields.extend(set);
        issue.comments.extend(comments);
        Ok(())
    }

    /// A field after its operations.
    fn updated(&self, key: &str, name: &str, operations: &Value) -> Result<Value, String> {
        let issue = self.issue(key, &Caller::Account).map_err(|_| "there is no such issue".to_owned())?;
        let mut value = issue.fields.get(name).cloned().unwrap_or_default();
        for operation in operations.as_array().into_iter().flatten() {
            let (verb, wanted) = operation
                .as_object()
                .and_then(|one| one.iter().next())
                .ok_or_else(|| format!("Field '{name}' needs an operation"))?;
            let list = value.as_array().cloned().unwrap_or_default();
            value = match verb.as_str() {
                "set" => wanted.clone(),
                "add" => list.into_iter().chain([wanted.clone()]).collect(),
                "remove" => list.into_iter().filter(|kept| kept != wanted).collect(),
                other => return Err(format!("Field '{name}' does not support operation '{other}'")),
            };
        }
        self.checked(name, &value)
    }
}

fn summary(value: &Value) -> Result<Value, String> {
    match value.as_str() {
        None | Some("") => Err("You must specify a summary of the issue.".into()),
        Some(text) if text.contains(['\n', '\r']) => {
            Err("The summary is invalid because it contains newline characters.".into())
        }
        Some(text) if text.chars().count() > 255 => Err("Summary can't exceed 255 characters.".into()),
        Some(_) => Ok(value.clone()),
    }
}

fn labels(value: &Value) -> Result<Value, String> {
    let Some(labels) = value.as_array() else { return Err("data was not an array".into()) };
    match labels.iter().find(|label| label.as_str().is_none_or(|text| text.contains(' '))) {
        Some(bad) => {
            Err(format!("The label '{}' contains spaces which is invalid.", bad.as_str().unwrap_or("?")))
        }
        None => Ok(value.clone()),
    }
}

fn is_date(text: &str) -> bool {
    let digits = |at: std::ops::Range<usize>| {
        text.get(at).is_some_and(|part| part.bytes().all(|c| c.is_ascii_digit()))
    };
    text.len() == 10
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.bytes().filter(|c| *c == b'-').count() == 2
}
