//! The search by JQL. There are no totals and no offsets: a token leads from page to page.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{
    Issue, Jira,
    access::Caller,
    body::{known_query, object},
    jql::Query,
    refusals,
};
use crate::{Answer, Seen};

const KEYS: [&str; 8] = [
    "jql",
    "fields",
    "maxResults",
    "nextPageToken",
    "expand",
    "properties",
    "fieldsByKeys",
    "reconcileIssues",
];
/// Fields that cost the search nothing.
const FREE: [&str; 2] = ["id", "key"];

impl Jira {
    pub(super) fn search(
        &self,
        seen: &Seen,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &[], violations);
        let body = object(seen, &KEYS, violations)?;
        shapes(&body)?;
        let jql = body.get("jql").and_then(Value::as_str).unwrap_or_default();
        let start = match body.get("nextPageToken").and_then(Value::as_str) {
            Some(token) => Some(place(token, jql)?),
            None => None,
        };
        let most = match body.get("maxResults") {
            None => 50,
            Some(number) => number
                .as_u64()
                .filter(|number| (1..=5000).contains(number))
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| {
                    refusals::message(400, "The maxResults parameter must be between 1 and 5,000.")
                })?,
        };
        let found = self.found(jql, caller)?;
        let wanted: Vec<String> = body
            .get("fields")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        let most = if wanted.iter().all(|name| FREE.contains(&name.as_str())) {
            most
        } else {
            most.min(self.page_cap)
        };
        let start = start.unwrap_or(0);
        let page: Vec<Value> = found
            .iter()
            .skip(start)
            .take(most)
            .map(|issue| {
                if wanted.is_empty() {
                    json!({"id": issue.id.to_string()})
                } else {
                    self.shown(issue, &wanted)
                }
            })
            .collect();
        let next = start + page.len();
        let mut answer = json!({"issues": page, "isLast": next >= found.len()});
        if next < found.len()
            && let Some(answer) = answer.as_object_mut()
        {
            answer.insert("nextPageToken".into(), json!(token(next, jql)));
        }
        Ok(refusals::json(200, &answer))
    }

    pub(super) fn count(
        &self,
        seen: &Seen,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &[], violations);
        let body = object(seen, &["jql"], violations)?;
        let found = self.found(body.get("jql").and_then(Value::as_str).unwrap_or_default(), caller)?;
        Ok(refusals::json(200, &json!({"count": found.len()})))
    }

    fn found(&self, jql: &str, caller: &Caller) -> Result<Vec<&Issue>, Answer> {
        let query = Query::parse(jql).map_err(|why| refusals::message(400, &why))?;
        if matches!(caller, Caller::Nobody { .. }) {
            return Ok(Vec::new());
        }
        let mut found: Vec<&Issue> = self.issues.iter().filter(|issue| query.matches(issue)).collect();
        if query.descending {
            found.reverse();
        }
        Ok(found)
    }
}

/// What each key holds.
fn shapes(body: &Map<String, Value>) -> Result<(), Answer> {
    let texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let fits = body.iter().all(|(key, value)| match key.as_str() {
        "jql" | "nextPageToken" | "expand" => value.is_string(),
        "fields" | "properties" => texts(value),
        "fieldsByKeys" => value.is_boolean(),
        "reconcileIssues" => {
            let ids = |list: &Vec<Value>| list.len() <= 50 && list.iter().all(Value::is_u64);
            value.as_array().is_some_and(ids)
        }
        _ => true,
    });
    let words = "Invalid request payload. Refer to the REST API documentation and try again.";
    if fits { Ok(()) } else { Err(refusals::json(400, &json!({"errorMessages": [words]}))) }
}

/// A token holds its place and the query that it belongs to.
fn token(place: usize, jql: &str) -> String {
    BASE64_STANDARD.encode(format!("{place}#{jql}"))
}

fn place(token: &str, jql: &str) -> Result<usize, Answer> {
    let decoded = BASE64_STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = decoded.as_deref().and_then(|text| text.split_once('#'));
    let place = parts.filter(|(_, of)| *of == jql).and_then(|(place, _)| place.parse().ok());
    place.ok_or_else(|| refusals::message(400, "The provided nextPageToken is invalid or has expired."))
}
