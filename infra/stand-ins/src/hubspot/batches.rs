//! Batches: up to a hundred records in one call, of which some may be refused.

use serde_json::{Value, json};

use super::{
    HubSpot,
    errors::{invalid, properties as refused},
    kinds::Kind,
    objects::{unique, written},
    records::AT,
};
use crate::{Answer, seen::Seen, strict};

impl HubSpot {
    pub(super) fn batch_read(
        &self,
        kind: &'static Kind,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &["archived"]));
        let body = Self::body(seen, violations)?;
        let required = ["inputs", "properties", "propertiesWithHistory"];
        let known: Vec<&str> = required.into_iter().chain(["idProperty"]).collect();
        violations.extend(strict::members(&body, &known, "a batch read"));
        if let Some(missing) = required.iter().find(|name| !body[**name].is_array()) {
            violations.push(format!("a batch read without `{missing}`"));
            return Err(invalid(&format!("Some required fields were not set: [{missing}]")));
        }
        let by = body["idProperty"].as_str();
        unique(kind, by)?;
        let properties = Self::names(&body["properties"]);
        let (mut results, mut missing) = (Vec::new(), Vec::new());
        for input in inputs(&body)? {
            violations.extend(strict::members(input, &["id"], "an input of a batch read"));
            let id = input["id"].as_str().unwrap_or_default();
            match self.records.find(kind, id, by) {
                Some(record) => results.push(record.shown(kind, &properties, &[])),
                None => missing.push(id),
            }
        }
        let mut errors = Vec::new();
        if !missing.is_empty() {
            let message = format!(
                "Could not get some {} objects, they may be deleted or not exist. Check that ids are valid.",
                kind.label
            );
            errors.push(json!({
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "message": message,
                "context": {"ids": missing},
            }));
        }
        Ok(outcome(&results, &errors))
    }

    pub(super) fn batch_upsert(
        &mut self,
        kind: &'static Kind,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &[]));
        let body = Self::body(seen, violations)?;
        violations.extend(strict::members(&body, &["inputs"], "a batch upsert"));
        let mut todo = Vec::new();
        // Nothing is written where one of the inputs is wrong.
        for input in inputs(&body)? {
            let known = ["id", "idProperty", "properties", "objectWriteTraceId"];
            violations.extend(strict::members(input, &known, "an input of a batch upsert"));
            let by = input["idProperty"].as_str();
            unique(kind, by)?;
            let id = input["id"].as_str().unwrap_or_default().to_owned();
            let mut properties = written(&input["properties"], violations)?;
            let found = self.records.find(kind, &id, by).map(|record| record.id);
            if found.is_none() {
                let by = by.ok_or_else(|| invalid("idProperty is required to create a record"))?;
                properties.entry(by.to_owned()).or_insert(id);
            }
            let faults = self.records.faults(kind, found, &properties);
            if !faults.is_empty() {
                return Err(refused(&faults));
            }
            todo.push((found, properties));
        }
        let mut results = Vec::new();
        for (found, properties) in todo {
            let shown: Vec<String> = properties.keys().cloned().collect();
            let id = match found {
                Some(id) => {
                    if let Some(record) = self.records.get_mut(kind, id) {
                        record.properties.extend(properties);
                    }
                    id
                }
                None => self.records.create(kind, properties),
            };
            if let Some(record) = self.records.find(kind, &id.to_string(), None) {
                let mut result = record.shown(kind, &shown, &[]);
                result["new"] = found.is_none().into();
                results.push(result);
            }
        }
        Ok(outcome(&results, &[]))
    }
}

fn inputs(body: &Value) -> Result<&Vec<Value>, Answer> {
    let inputs = body["inputs"].as_array();
    let inputs = inputs.ok_or_else(|| invalid("Some required fields were not set: [inputs]"))?;
    if inputs.is_empty() || inputs.len() > 100 {
        return Err(invalid("The maximum number of inputs supported in a batch request is 100"));
    }
    Ok(inputs)
}

/// 207 where something in it went wrong.
fn outcome(results: &[Value], errors: &[Value]) -> Answer {
    let mut body = json!({"status": "COMPLETE", "results": results, "startedAt": AT, "completedAt": AT});
    if errors.is_empty() {
        return Answer::json(200, &body);
    }
    body["numErrors"] = errors.len().into();
    body["errors"] = errors.into();
    Answer::json(207, &body)
}
