//! `/composite/sobjects`: up to 200 records in one request, a result for each.

use serde_json::{Map, Value, json};

use super::{Call, Salesforce, fault::Fault};
use crate::Answer;

const MOST: usize = 200;

impl Salesforce {
    pub(super) fn collections(&mut self, call: &Call, path: &[&str]) -> Result<Answer, Fault> {
        match (call.method.as_str(), path) {
            ("POST" | "PATCH", []) => self.several(call, None),
            ("PATCH", [object, field]) => self.several(call, Some((object, field))),
            ("DELETE", []) => {
                call.takes(&["ids", "allOrNone"])?;
                let ids: Vec<&str> = call.parameter("ids").unwrap_or_default().split(',').collect();
                let whole = call.parameter("allOrNone") == Some("true");
                let prefix = |id: &str| id.get(..3).unwrap_or_default().to_owned();
                self.each(&ids, whole, |org, id| {
                    let object = org.0.iter_mut().find(|object| object.prefix == prefix(id));
                    object.ok_or_else(Fault::no_resource)?.remove(id)?;
                    Ok(json!({"id": id, "success": true, "errors": []}))
                })
            }
            _ => Err(Fault::new(
                405,
                "METHOD_NOT_ALLOWED",
                "HTTP Method not allowed. Allowed are POST,PATCH,DELETE",
            )),
        }
    }

    /// Makes, changes or upserts; each record says by `attributes.type` what it is.
    fn several(&mut self, call: &Call, upsert: Option<(&str, &str)>) -> Result<Answer, Fault> {
        call.takes(&[])?;
        self.lock()?;
        let body = call.object()?;
        if let Some(key) = body.keys().find(|key| !["allOrNone", "records"].contains(&key.as_str())) {
            return Err(Fault::parser(&format!("Unrecognized field \"{key}\"")));
        }
        let records = body.get("records").and_then(Value::as_array);
        let records = records.ok_or_else(|| Fault::parser("records is required"))?;
        let whole = body.get("allOrNone").and_then(Value::as_bool).unwrap_or(false);
        let records: Vec<&Map<String, Value>> = records.iter().filter_map(Value::as_object).collect();
        let create = call.method == "POST";
        self.each(&records, whole, |org, record| {
            let kind = record.get("attributes").and_then(|attributes| attributes.get("type")?.as_str());
            let kind = kind.ok_or_else(|| {
                Fault::new(400, "INVALID_INPUT", "Include the type of each record in attributes")
            })?;
            let mut fields = (*record).clone();
            fields.remove("attributes");
            let object = org.object(kind)?;
            match upsert {
                Some((named, _)) if !kind.eq_ignore_ascii_case(named) => {
                    Err(Fault::new(400, "INVALID_TYPE", "The record's type is not that of the request"))
                }
                Some((_, field)) => {
                    let value = fields.remove(field).and_then(|value| value.as_str().map(str::to_owned));
                    let value = value.ok_or_else(|| {
                        Fault::new(400, "MISSING_ARGUMENT", format!("{field} not specified")).of(&[field])
                    })?;
                    let (id, created) = object.upsert(field, &value, &fields)?;
                    Ok(json!({"id": id, "success": true, "errors": [], "created": created}))
                }
                None if create => {
                    let id = object.create(&fields)?;
                    Ok(json!({"id": id, "success": true, "errors": []}))
                }
                None => {
                    let id = ["id", "Id"].iter().find_map(|key| fields.remove(*key));
                    let id = id.and_then(|id| id.as_str().map(str::to_owned)).ok_or_else(|| {
                        Fault::new(400, "MISSING_ARGUMENT", "Id not specified in an update call").of(&["Id"])
                    })?;
                    object.change(&id, &fields)?;
                    Ok(json!({"id": id, "success": true, "errors": []}))
                }
            }
        })
    }

    /// Does something with each, and undoes all of it where one fails and none may.
    fn each<T>(
        &mut self,
        items: &[T],
        whole: bool,
        mut act: impl FnMut(&mut super::Org, &T) -> Result<Value, Fault>,
    ) -> Result<Answer, Fault> {
        if items.len() > MOST {
            let why = format!("record limit reached. cannot submit more than {MOST} records into this call");
            return Err(Fault::new(400, "EXCEEDED_ID_LIMIT", why));
        }
        let before = self.org.clone();
        let results: Vec<Result<Value, Fault>> = items.iter().map(|item| act(&mut self.org, item)).collect();
        let undone = whole && results.iter().any(Result::is_err);
        if undone {
            self.org = before;
        }
        let shown = |result: &Result<Value, Fault>| match result {
            Ok(_) if undone => {
                let why = "Record rolled back because not all records were valid and the request was using AllOrNone header";
                let fault = Fault::new(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", why);
                json!({"success": false, "errors": [fault.in_result()]})
            }
            Ok(value) => value.clone(),
            Err(fault) => json!({"success": false, "errors": [fault.in_result()]}),
        };
        Ok(Answer::json(200, &results.iter().map(shown).collect()))
    }
}
