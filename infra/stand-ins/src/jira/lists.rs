//! What a site has: projects, issue types, fields, links.

use serde_json::{Value, json};

use super::{
    Jira,
    access::Caller,
    body::{known_query, number, object},
    refusals,
};
use crate::{Answer, Seen};

/// Ids and names.
pub(super) const ISSUE_TYPES: [(&str, &str); 4] =
    [("10001", "Story"), ("10002", "Task"), ("10003", "Sub-task"), ("10004", "Bug")];
const LINK_TYPES: [(&str, &str); 3] = [("10000", "Blocks"), ("10001", "Cloners"), ("10003", "Relates")];
/// Id, name, type, whether a create needs it.
const FIELDS: [(&str, &str, &str, bool); 9] = [
    ("summary", "Summary", "string", true),
    ("issuetype", "Work type", "issuetype", true),
    ("project", "Project", "project", true),
    ("description", "Description", "string", false),
    ("labels", "Labels", "array", false),
    ("assignee", "Assignee", "user", false),
    ("priority", "Priority", "priority", false),
    ("customfield_10010", "Customer", "string", false),
    ("customfield_10020", "Steps to reproduce", "string", false),
];

impl Jira {
    pub(super) fn project_search(
        &self,
        seen: &Seen,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let known = [
            "startAt",
            "maxResults",
            "orderBy",
            "id",
            "keys",
            "query",
            "typeKey",
            "categoryId",
            "action",
            "expand",
            "status",
            "properties",
            "propertyQuery",
        ];
        known_query(seen, &known, violations);
        if matches!(caller, Caller::Nobody { .. }) {
            return Err(refusals::unauthenticated());
        }
        let start = number(seen, "startAt", 0)?;
        // More than a hundred is taken as a hundred.
        let most = number(seen, "maxResults", 50)?.min(100);
        let query = seen.parameter("query").unwrap_or_default().to_lowercase();
        let all: Vec<Value> = self
            .projects
            .iter()
            .filter(|key| format!("project {key}").to_lowercase().contains(&query))
            .map(|key| self.project(key))
            .collect();
        let (total, path) = (all.len(), format!("{}{}", self.base, seen.path));
        let page: Vec<Value> = all.into_iter().skip(start).take(most).collect();
        let next = start + page.len();
        let mut body = json!({
            "self": format!("{path}?maxResults={most}&startAt={start}"), "maxResults": most, "startAt": start,
            "total": total, "isLast": next >= total, "values": page,
        });
        if next < total
            && let Some(body) = body.as_object_mut()
        {
            body.insert("nextPage".into(), json!(format!("{path}?maxResults={most}&startAt={next}")));
        }
        Ok(refusals::json(200, &body))
    }

    pub(super) fn issue_types(
        &self,
        seen: &Seen,
        project: &str,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        self.meta(seen, project, caller, violations)?;
        let all =
            ISSUE_TYPES.map(|(id, name)| json!({"id": id, "name": name, "subtask": name == "Sub-task"}));
        page(seen, "issueTypes", &all)
    }

    pub(super) fn create_fields(
        &self,
        seen: &Seen,
        (project, kind): (&str, &str),
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        self.meta(seen, project, caller, violations)?;
        if !ISSUE_TYPES.iter().any(|(id, _)| *id == kind) {
            return Err(refusals::message(404, "Issue type with this id does not exist."));
        }
        let all = FIELDS.map(|(id, name, kind, required)| {
            json!({"fieldId": id, "key": id, "name": name, "required": required, "schema": {"type": kind}})
        });
        page(seen, "fields", &all)
    }

    fn meta(
        &self,
        seen: &Seen,
        project: &str,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<(), Answer> {
        known_query(seen, &["startAt", "maxResults"], violations);
        if self.project(project).is_null() || matches!(caller, Caller::Nobody { .. }) {
            return Err(refusals::message(404, &format!("No project could be found with key '{project}'.")));
        }
        Ok(())
    }

    pub(super) fn link(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        known_query(seen, &[], violations);
        let body = object(seen, &["type", "inwardIssue", "outwardIssue", "comment"], violations)?;
        let text = |of: &str, key: &str| body.get(of).and_then(|of| of[key].as_str()).unwrap_or_default();
        let kind =
            LINK_TYPES.iter().find(|(id, name)| *id == text("type", "id") || *name == text("type", "name"));
        let Some((_, kind)) = kind else {
            let why = format!("No issue link type with name '{}' found.", text("type", "name"));
            return Err(refusals::message(404, &why));
        };
        let issue = |side: &str| {
            let named = format!("{}{}", text(side, "key"), text(side, "id"));
            self.issue(&named, &Caller::Account).map(|issue| issue.key.clone())
        };
        let link = ((*kind).to_owned(), issue("inwardIssue")?, issue("outwardIssue")?);
        if let Some(comment) = body.get("comment") {
            let add = json!({"update": {"comment": [{"add": comment}]}});
            self.change(&link.2, add.as_object().unwrap_or(&serde_json::Map::new()))?;
        }
        // A second one of the same kind is none.
        if !self.links.contains(&link) {
            self.links.push(link);
        }
        Ok(Answer::empty(201))
    }
}

/// A page of a list whose name differs.
fn page(seen: &Seen, name: &str, all: &[Value]) -> Result<Answer, Answer> {
    let start = number(seen, "startAt", 0)?;
    let most = number(seen, "maxResults", 50)?.min(200);
    let page: Vec<&Value> = all.iter().skip(start).take(most).collect();
    let mut body = json!({"startAt": start, "maxResults": most, "total": all.len()});
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), json!(page));
    }
    Ok(refusals::json(200, &body))
}

/// The fields; nobody is asked who he is.
pub(super) fn fields(seen: &Seen, violations: &mut Vec<String>) -> Answer {
    known_query(seen, &[], violations);
    let all = FIELDS.map(|(id, name, kind, _)| {
        let custom = id.starts_with("customfield_");
        json!({
            "id": id, "key": id, "name": name, "custom": custom, "orderable": true, "navigable": true,
            "searchable": true, "clauseNames": [id], "schema": {"type": kind},
        })
    });
    refusals::json(200, &json!(all))
}

/// The types of link; nobody is asked who he is.
pub(super) fn link_types(seen: &Seen, violations: &mut Vec<String>) -> Answer {
    known_query(seen, &[], violations);
    let reads = |name: &str| match name {
        "Blocks" => ("is blocked by", "blocks"),
        "Cloners" => ("is cloned by", "clones"),
        _ => ("relates to", "relates to"),
    };
    let all = LINK_TYPES.map(|(id, name)| {
        let (inward, outward) = reads(name);
        json!({"id": id, "name": name, "inward": inward, "outward": outward})
    });
    refusals::json(200, &json!({"issueLinkTypes": all}))
}
