//! `/composite`: up to 25 requests in one, which may refer to what earlier ones answered.

use serde_json::{Map, Value, json};

use super::{Call, Salesforce, fault::Fault};
use crate::Answer;

const MOST: usize = 25;
/// How many of them may be queries or collections.
const MOST_QUERIES: usize = 5;

impl Salesforce {
    pub(super) fn composite(&mut self, call: &Call) -> Result<Answer, Fault> {
        call.takes(&[])?;
        let body = call.object()?;
        if let Some(key) = body
            .keys()
            .find(|key| !["allOrNone", "collateSubrequests", "compositeRequest"].contains(&key.as_str()))
        {
            return Err(Fault::parser(&format!("Unrecognized field \"{key}\"")));
        }
        let parts = body.get("compositeRequest").and_then(Value::as_array);
        let parts = parts.ok_or_else(|| Fault::parser("compositeRequest is required"))?;
        let whole = body.get("allOrNone").and_then(Value::as_bool).unwrap_or(false);
        check(parts)?;
        let before = self.org.clone();
        let mut results: Vec<Map<String, Value>> = Vec::new();
        for part in parts {
            let (status, headers, body) = self.part(part, &results)?;
            let reference = part.get("referenceId").cloned().unwrap_or_default();
            let result = json!({"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": reference});
            results.extend(result.as_object().cloned());
        }
        let failed =
            |result: &Map<String, Value>| result.get("httpStatusCode").and_then(Value::as_u64) >= Some(300);
        if whole && results.iter().any(failed) {
            self.org = before;
            let why =
                "The transaction was rolled back since another operation in the same transaction failed.";
            let halted = Fault::new(400, "PROCESSING_HALTED", why).body();
            for result in results.iter_mut().filter(|result| !failed(result)) {
                result.insert("body".into(), halted.clone());
                result.insert("httpHeaders".into(), json!({}));
                result.insert("httpStatusCode".into(), json!(400));
            }
        }
        Ok(Answer::json(200, &json!({"compositeResponse": results})))
    }

    /// One of the requests: its status, headers and body.
    fn part(&mut self, part: &Value, before: &[Map<String, Value>]) -> Result<(u16, Value, Value), Fault> {
        let resolved = |value: &Value| resolve(value, before);
        let (Some(url), Some(body)) =
            (part.get("url").and_then(&resolved), part.get("body").map_or(Some(Value::Null), &resolved))
        else {
            let why = "Invalid reference specified. No value for a reference found in an earlier response";
            let fault = Fault::new(400, "PROCESSING_HALTED", why);
            return Ok((fault.status, json!({}), fault.body()));
        };
        let url = url.as_str().unwrap_or_default().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let seen = crate::Seen {
            method: part.get("method").and_then(Value::as_str).unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: axum::http::HeaderMap::new(),
            body: Vec::new(),
        };
        let segments = seen.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let answered = match segments.as_slice() {
            ["services", "data", version, rest @ ..] => {
                let call = Call {
                    method: seen.method.clone(),
                    version: (*version).to_owned(),
                    query: seen.query_pairs(),
                    options: String::new(),
                    body: Some(body).filter(|body| !body.is_null()),
                };
                self.resource(&call, rest)
            }
            _ => Err(Fault::no_resource()),
        };
        match answered {
            Ok(answer) => {
                let location = answer.headers.iter().find(|(name, _)| name == "location");
                let headers = location.map_or(json!({}), |(_, value)| json!({"Location": value}));
                Ok((answer.status, headers, serde_json::from_slice(&answer.body).unwrap_or_default()))
            }
            Err(fault) if fault.violation => Err(fault),
            Err(fault) => Ok((fault.status, json!({}), fault.body())),
        }
    }
}

/// What makes the whole request wrong.
fn check(parts: &[Value]) -> Result<(), Fault> {
    if parts.is_empty() || parts.len() > MOST {
        let why = format!("The Composite request must have 1 to {MOST} subrequests");
        return Err(Fault::new(400, "LIMIT_EXCEEDED", why));
    }
    let mut known = Vec::new();
    let mut queries = 0;
    for part in parts {
        let part =
            part.as_object().ok_or_else(|| Fault::parser("Cannot deserialize instance of subrequest"))?;
        let takes = ["method", "url", "referenceId", "body", "httpHeaders"];
        if let Some(key) = part.keys().find(|key| !takes.contains(&key.as_str())) {
            return Err(Fault::parser(&format!("Unrecognized field \"{key}\"")));
        }
        let text = |key: &str| part.get(key).and_then(Value::as_str).unwrap_or_default();
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&text("method")) {
            return Err(Fault::parser("Invalid method in subrequest"));
        }
        let reference = text("referenceId");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if reference.is_empty() || !reference.chars().all(plain) || known.contains(&reference) {
            return Err(Fault::new(
                400,
                "INVALID_INPUT",
                "Provide a unique referenceId of letters, digits and underscores",
            ));
        }
        known.push(reference);
        let url = text("url");
        if !url.starts_with("/services/data/") {
            return Err(Fault::new(400, "INVALID_INPUT", format!("Invalid url in subrequest: {url}")));
        }
        let counted = ["/query", "/composite/sobjects"].iter().any(|resource| url.contains(resource));
        queries += usize::from(counted);
        let headers = part.get("httpHeaders").and_then(Value::as_object);
        let inherited = ["accept", "authorization", "content-type"];
        if headers.is_some_and(|all| all.keys().any(|name| inherited.contains(&name.to_lowercase().as_str())))
        {
            return Err(Fault::new(
                400,
                "INVALID_INPUT",
                "A subrequest can't set Accept, Authorization or Content-Type",
            ));
        }
    }
    if queries > MOST_QUERIES {
        let why = format!("The Composite request can have up to {MOST_QUERIES} queries and collections");
        return Err(Fault::new(400, "LIMIT_EXCEEDED", why));
    }
    Ok(())
}

/// The value with each `@{reference.field}` replaced; nothing where one can't be.
fn resolve(value: &Value, before: &[Map<String, Value>]) -> Option<Value> {
    match value {
        Value::String(text) => {
            let mut whole = String::new();
            let mut rest = text.as_str();
            while let Some((head, tail)) = rest.split_once("@{") {
                let (reference, tail) = tail.split_once('}')?;
                let (name, field) = reference.split_once('.')?;
                let result =
                    before.iter().find(|result| result.get("referenceId").is_some_and(|id| id == name))?;
                let found = result.get("body")?.get(field)?;
                whole.push_str(head);
                whole.push_str(&found.as_str().map_or_else(|| found.to_string(), str::to_owned));
                rest = tail;
            }
            whole.push_str(rest);
            Some(Value::String(whole))
        }
        Value::Array(all) => all.iter().map(|value| resolve(value, before)).collect(),
        Value::Object(all) => {
            let member = |(key, value): (&String, &Value)| Some((key.clone(), resolve(value, before)?));
            all.iter().map(member).collect()
        }
        other => Some(other.clone()),
    }
}
