//! Comments.

use serde_json::{Map, Value, json};

use super::{
    Issue, Jira,
    access::Caller,
    adf,
    body::{known_query, number, object},
    refusals,
};
use crate::{Answer, Seen};

const KEYS: [&str; 4] = ["body", "visibility", "properties", "parentId"];

impl Jira {
    /// A comment as Jira keeps it.
    pub(super) fn comment(&mut self, sent: &Value) -> Value {
        let id = self.id();
        let mut comment = json!({
            "self": format!("{}/rest/api/3/issue/10010/comment/{id}", self.base), "id": id.to_string(),
            "author": self.person("712020:bot"), "body": sent["body"],
            "created": "2026-11-23T10:00:00.000+0000", "updated": "2026-11-23T10:00:00.000+0000", "jsdPublic": true,
        });
        if let (Some(kept), Some(visibility)) = (comment.as_object_mut(), sent.get("visibility")) {
            kept.insert("visibility".into(), visibility.clone());
        }
        comment
    }

    pub(super) fn list_comments(
        &self,
        seen: &Seen,
        key: &str,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &["startAt", "maxResults", "orderBy", "expand"], violations);
        let issue = self.issue(key, caller)?;
        let start = number(seen, "startAt", 0)?;
        let most = number(seen, "maxResults", 100)?.min(100);
        let mut all = issue.comments.clone();
        match seen.parameter("orderBy").as_deref() {
            None | Some("created" | "+created") => {}
            Some("-created") => all.reverse(),
            Some(_) => return Err(refusals::message(400, "The orderBy parameter is not valid.")),
        }
        let total = all.len();
        let page: Vec<Value> = all.into_iter().skip(start).take(most).collect();
        let body = json!({"startAt": start, "maxResults": most, "total": total, "comments": page});
        Ok(refusals::json(200, &body))
    }

    pub(super) fn add_comment(
        &mut self,
        seen: &Seen,
        key: &str,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &["expand"], violations);
        let sent = object(seen, &KEYS, violations)?;
        self.issue(key, &Caller::Account)?;
        checked(&sent)?;
        let comment = self.comment(&Value::Object(sent));
        self.issue_mut(key)?.comments.push(comment.clone());
        Ok(refusals::json(201, &comment))
    }

    pub(super) fn edit_comment(
        &mut self,
        seen: &Seen,
        (key, id): (&str, &str),
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &["notifyUsers", "overrideEditableFlag", "expand"], violations);
        let sent = object(seen, &KEYS, violations)?;
        let issue = self.issue_mut(key)?;
        let Some(comment) = find(issue, id) else {
            return Err(refusals::message(404, &format!("Can not find a comment for the id: {id}.")));
        };
        checked(&sent)?;
        for (name, value) in sent {
            comment.insert(name, value);
        }
        comment.insert("updated".into(), json!("2026-11-23T11:00:00.000+0000"));
        Ok(refusals::json(200, &Value::Object(comment.clone())))
    }
}

fn find<'i>(issue: &'i mut Issue, id: &str) -> Option<&'i mut Map<String, Value>> {
    issue.comments.iter_mut().find(|comment| comment["id"] == id)?.as_object_mut()
}

fn checked(sent: &Map<String, Value>) -> Result<(), Answer> {
    let body = sent.get("body").unwrap_or(&Value::Null);
    if body.is_null() {
        return Err(refusals::field("comment", "Comment body can not be empty!"));
    }
    if !adf::is_document(body) {
        return Err(refusals::message(400, "Comment body is not valid!"));
    }
    if adf::is_empty(body) {
        return Err(refusals::field("comment", "Comment body can not be empty!"));
    }
    match sent.get("visibility") {
        Some(visibility) if !matches!(visibility["type"].as_str(), Some("role" | "group")) => {
            Err(refusals::field("commentLevel", "Comment visibility is not valid."))
        }
        _ => Ok(()),
    }
}
