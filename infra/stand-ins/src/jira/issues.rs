//! Issues: one at a time.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Issue, Jira,
    access::Caller,
    body::{known_query, object},
    refusals, workflow,
};
use crate::{Answer, Seen};

const DETAILS: [&str; 5] = ["fields", "update", "historyMetadata", "properties", "transition"];

/// Whether a text can name an issue: its id, or its key.
pub(super) fn is_key(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match text.split_once('-') {
        None => number(text),
        Some((project, of)) => {
            number(of)
                && project.starts_with(|c: char| c.is_ascii_alphabetic())
                && project.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        }
    }
}

impl Jira {
    /// The issue of a key or id, where the caller may see it.
    pub(super) fn issue(&self, key: &str, caller: &Caller) -> Result<&Issue, Answer> {
        let known = |issue: &&Issue| issue.key.eq_ignore_ascii_case(key) || issue.id.to_string() == key;
        let issue = self.issues.iter().find(known).filter(|_| matches!(caller, Caller::Account));
        issue.ok_or_else(refusals::no_issue)
    }

    pub(super) fn issue_mut(&mut self, key: &str) -> Result<&mut Issue, Answer> {
        let known = |issue: &&mut Issue| issue.key.eq_ignore_ascii_case(key) || issue.id.to_string() == key;
        self.issues.iter_mut().find(known).ok_or_else(refusals::no_issue)
    }

    /// Adds an issue, and gives its key.
    pub(super) fn add(&mut self, project: &str, mut fields: BTreeMap<String, Value>) -> String {
        let id = self.id();
        let of_project = format!("{project}-");
        let number = self.issues.iter().filter(|issue| issue.key.starts_with(&of_project)).count() + 1;
        let key = format!("{project}-{number}");
        fields.entry("status".into()).or_insert_with(|| workflow::status("To Do"));
        fields.entry("assignee".into()).or_insert(Value::Null);
        fields.insert("created".into(), json!("2026-11-23T09:00:00.000+0000"));
        self.issues.push(Issue { id, key: key.clone(), fields, comments: Vec::new() });
        key
    }

    /// An issue as it is shown, with the fields that were asked for.
    pub(super) fn shown(&self, issue: &Issue, wanted: &[String]) -> Value {
        let mut shown = json!({
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": issue.id.to_string(), "self": format!("{}/rest/api/3/issue/{}", self.base, issue.id), "key": issue.key,
        });
        let without = |name: &str| wanted.iter().any(|wanted| wanted.strip_prefix('-') == Some(name));
        let with = |name: &str| {
            wanted.iter().any(|wanted| matches!(wanted.as_str(), "*all" | "*navigable") || wanted == name)
        };
        let fields: Map<String, Value> = issue
            .fields
            .iter()
            .filter(|(name, _)| with(name) && !without(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if let Some(shown) = shown.as_object_mut()
            && !fields.is_empty()
        {
            shown.insert("fields".into(), Value::Object(fields));
        }
        shown
    }

    pub(super) fn get_issue(
        &self,
        seen: &Seen,
        key: &str,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let known = ["fields", "fieldsByKeys", "expand", "properties", "updateHistory", "failFast"];
        known_query(seen, &known, violations);
        let issue = self.issue(key, caller)?;
        let wanted = seen.parameter("fields").unwrap_or_else(|| "*all".into());
        let mut wanted: Vec<String> = wanted.split(',').map(str::to_owned).collect();
        if wanted.iter().all(|name| name.starts_with('-')) {
            wanted.push("*all".into());
        }
        let mut shown = self.shown(issue, &wanted);
        let expand = seen.parameter("expand").unwrap_or_default();
        if let Some(shown) = shown.as_object_mut() {
            for name in expand.split(',').filter(|name| !name.is_empty()) {
                match name {
                    "changelog" => {
                        shown.insert("changelog".into(), json!({"startAt": 0, "total": 0, "histories": []}))
                    }
                    "names" => shown.insert("names".into(), json!({"summary": "Summary"})),
                    "renderedFields"
                    | "schema"
                    | "transitions"
                    | "editmeta"
                    | "operations"
                    | "versionedRepresentations" => shown.insert(name.to_owned(), json!({})),
                    other => {
                        violations.push(format!("an issue can't be expanded by {other:?}"));
                        None
                    }
                };
            }
        }
        Ok(refusals::json(200, &shown))
    }

    pub(super) fn create_issue(
        &mut self,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &["updateHistory"], violations);
        let body = object(seen, &DETAILS, violations)?;
        let sent = body.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
        let (mut fields, mut errors) = (BTreeMap::new(), Vec::new());
        for (name, value) in &sent {
            match self.checked(name, value) {
                Ok(value) => drop(fields.insert(name.clone(), value)),
                Err(why) => errors.push((name.as_str(), why)),
            }
        }
        for (name, why) in [
            ("project", "Specify a valid project ID or key"),
            ("issuetype", "Specify an issue type"),
            ("summary", "You must specify a summary of the issue."),
        ] {
            if !sent.contains_key(name) {
                errors.push((name, why.to_owned()));
            }
        }
        if !errors.is_empty() {
            let errors: Vec<(&str, &str)> = errors.iter().map(|(name, why)| (*name, why.as_str())).collect();
            return Err(refusals::collection(400, &[], &errors));
        }
        let project = fields.get("project").and_then(|project| project["key"].as_str());
        let project = project.unwrap_or_default().to_owned();
        let key = self.add(&project, fields);
        let update: Map<String, Value> = body.into_iter().filter(|(name, _)| name == "update").collect();
        self.change(&key, &update)?;
        let issue = self.issue(&key, &Caller::Account)?;
        let link = format!("{}/rest/api/3/issue/{}", self.base, issue.id);
        Ok(refusals::json(201, &json!({"id": issue.id.to_string(), "key": key, "self": link})))
    }

    pub(super) fn edit_issue(
        &mut self,
        seen: &Seen,
        key: &str,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let known =
            ["notifyUsers", "overrideScreenSecurity", "overrideEditableFlag", "returnIssue", "expand"];
        known_query(seen, &known, violations);
        let body = object(seen, &DETAILS, violations)?;
        if body.contains_key("transition") {
            violations.push("an edit does not do the transition that it brings".into());
        }
        self.issue(key, &Caller::Account)?;
        if !body.contains_key("fields") && !body.contains_key("update") {
            return Err(refusals::message(400, "one of 'fields' or 'update' required"));
        }
        self.change(key, &body)?;
        if seen.parameter("returnIssue").as_deref() == Some("true") {
            let issue = self.issue(key, &Caller::Account)?;
            return Ok(refusals::json(200, &self.shown(issue, &["*all".to_owned()])));
        }
        Ok(Answer::empty(204))
    }

    pub(super) fn assign(
        &mut self,
        seen: &Seen,
        key: &str,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &[], violations);
        let body = object(seen, &["accountId"], violations)?;
        self.issue(key, &Caller::Account)?;
        let assignee = match body.get("accountId") {
            Some(Value::Null) => Value::Null,
            // The project's default.
            Some(Value::String(id)) if id == "-1" => self.person("712020:ada").unwrap_or_default(),
            Some(Value::String(id)) => {
                let known = self.people.iter().find(|person| person.account_id == *id);
                let why = match known {
                    Some(person) if person.assignable => None,
                    Some(person) => Some(format!("User '{}' cannot be assigned issues.", person.name)),
                    None => Some(format!("User '{id}' does not exist.")),
                };
                match why {
                    Some(why) => return Err(refusals::field("assignee", &why)),
                    None => self.person(id).unwrap_or_default(),
                }
            }
            _ => return Err(refusals::field("accountId", "The accountId is not valid.")),
        };
        self.issue_mut(key)?.fields.insert("assignee".into(), assignee);
        Ok(Answer::empty(204))
    }
}
