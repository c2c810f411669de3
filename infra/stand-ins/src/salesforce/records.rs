//! `/sobjects`: lists and descriptions of objects, and records one at a time.

use serde_json::{Map, Value, json};

use super::{
    Call, Salesforce,
    fault::Fault,
    org::{Kind, Object, id18, is_id},
};
use crate::Answer;

impl Salesforce {
    pub(super) fn sobjects(&mut self, call: &Call, path: &[&str]) -> Result<Answer, Fault> {
        match (call.method.as_str(), path) {
            ("GET", []) => call.takes(&[]).map(|()| self.list(call)),
            ("GET", [object, "describe"]) => {
                call.takes(&[])?;
                let object = self.org.object(object)?;
                object.permitted()?;
                Ok(Answer::json(200, &object.described(call)))
            }
            ("GET", [object]) => {
                call.takes(&[])?;
                let object = self.org.object(object)?;
                Ok(Answer::json(200, &json!({"objectDescribe": object.brief(call), "recentItems": []})))
            }
            ("POST", [object]) => {
                call.takes(&[])?;
                self.lock()?;
                let object = self.org.object(object)?;
                let id = object.create(call.object()?)?;
                let location = call.path(&format!("sobjects/{}/{id}", object.name));
                let made = json!({"id": id, "success": true, "errors": []});
                Ok(Answer::json(201, &made).header("location", location))
            }
            ("GET", [object, id]) => {
                call.takes(&["fields"])?;
                let object = self.org.object(object)?;
                object.permitted()?;
                let id = object.id(id)?;
                object.read(&id, call)
            }
            ("PATCH", [object, id]) => {
                call.takes(&[])?;
                self.lock()?;
                let object = self.org.object(object)?;
                let id = object.id(id)?;
                object.change(&id, call.object()?)?;
                Ok(Answer::empty(204))
            }
            ("DELETE", [object, id]) => {
                call.takes(&[])?;
                self.lock()?;
                self.org.object(object)?.remove(id)?;
                Ok(Answer::empty(204))
            }
            ("GET", [object, field, value]) => {
                call.takes(&["fields"])?;
                let object = self.org.object(object)?;
                object.permitted()?;
                let ids = object.by_external(field, value)?;
                match ids.as_slice() {
                    [] => Err(Fault::no_resource()),
                    [id] => object.read(id, call),
                    several => Ok(object.choices(several, call)),
                }
            }
            ("PATCH", [object, field, value]) => {
                call.takes(&[])?;
                self.lock()?;
                let object = self.org.object(object)?;
                if let Some(name) = call.object()?.keys().find(|name| name.eq_ignore_ascii_case(field)) {
                    let why = format!("The {name} field should not be specified in the sobject data.");
                    return Err(Fault::new(400, "INVALID_FIELD", why));
                }
                match object.by_external(field, value)?.as_slice() {
                    [] | [_] => {
                        let (id, created) = object.upsert(field, value, call.object()?)?;
                        let body = json!({"id": id, "success": true, "errors": [], "created": created});
                        Ok(Answer::json(if created { 201 } else { 200 }, &body))
                    }
                    several => Ok(object.choices(several, call)),
                }
            }
            (_, [_] | [_, _] | [_, _, _]) => {
                let why =
                    format!("HTTP Method '{}' not allowed. Allowed are GET,HEAD,PATCH,DELETE", call.method);
                Err(Fault::new(405, "METHOD_NOT_ALLOWED", why))
            }
            _ => Err(Fault::no_resource()),
        }
    }

    fn list(&mut self, call: &Call) -> Answer {
        let objects: Vec<Value> = self.org.0.iter().map(|object| object.brief(call)).collect();
        Answer::json(200, &json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}))
    }
}

impl Object {
    pub(super) fn create(&mut self, fields: &Map<String, Value>) -> Result<String, Fault> {
        self.permitted()?;
        self.check(fields, true)?;
        self.check_unique(fields, None)?;
        Ok(self.insert(self.canonical(fields)))
    }

    pub(super) fn change(&mut self, id: &str, fields: &Map<String, Value>) -> Result<(), Fault> {
        self.permitted()?;
        self.check(fields, false)?;
        self.check_unique(fields, Some(id))?;
        let fields = self.canonical(fields);
        self.there(id)?;
        let record = self.records.get_mut(id).ok_or_else(Fault::no_resource)?;
        record.extend(fields);
        Ok(())
    }

    /// Makes or changes the record whose external id has this value; true where it made one.
    pub(super) fn upsert(
        &mut self,
        field: &str,
        value: &str,
        fields: &Map<String, Value>,
    ) -> Result<(String, bool), Fault> {
        self.permitted()?;
        let found = self.by_external(field, value)?;
        if let Some(id) = found.first() {
            self.change(id, fields)?;
            return Ok((id.clone(), false));
        }
        let mut fields = fields.clone();
        fields.insert(self.known(field)?.name.to_owned(), json!(value));
        self.create(&fields).map(|id| (id, true))
    }

    pub(super) fn remove(&mut self, id: &str) -> Result<(), Fault> {
        self.permitted()?;
        let id = self.id(id)?;
        self.there(&id)?;
        self.records.remove(&id);
        self.deleted.push(id);
        Ok(())
    }

    /// The ids of the records whose external id has this value.
    pub(super) fn by_external(&self, field: &str, value: &str) -> Result<Vec<String>, Fault> {
        let known = self.field(field).filter(|field| field.external);
        let known = known.ok_or_else(|| {
            let why = format!("Provided external ID field does not exist or is not accessible: {field}");
            Fault::new(404, "NOT_FOUND", why)
        })?;
        let has = |record: &Map<String, Value>| record.get(known.name).and_then(Value::as_str) == Some(value);
        Ok(self.records.iter().filter(|(_, record)| has(record)).map(|(id, _)| id.clone()).collect())
    }

    /// The long form of an id of this object.
    fn id(&self, text: &str) -> Result<String, Fault> {
        if !is_id(text) || !text.starts_with(self.prefix) {
            let why = format!("Provided external ID field does not exist or is not accessible: {text}");
            return Err(Fault::new(404, "NOT_FOUND", why));
        }
        Ok(id18(text.get(..15).unwrap_or_default()))
    }

    fn there(&self, id: &str) -> Result<(), Fault> {
        match (self.records.contains_key(id), self.deleted.iter().any(|deleted| deleted == id)) {
            (true, _) => Ok(()),
            (_, true) => Err(Fault::new(404, "ENTITY_IS_DELETED", "entity is deleted")),
            _ => Err(Fault::no_resource()),
        }
    }

    fn read(&self, id: &str, call: &Call) -> Result<Answer, Fault> {
        self.there(id)?;
        let record = self.records.get(id).ok_or_else(Fault::no_resource)?;
        let fields: Vec<&str> = match call.parameter("fields") {
            Some(names) => {
                names.split(',').map(|name| Ok(self.known(name)?.name)).collect::<Result<_, Fault>>()?
            }
            None => self.fields.iter().map(|field| field.name).collect(),
        };
        // A list of fields always brings the id as well.
        let with_id = fields.iter().copied().chain((!fields.contains(&"Id")).then_some("Id"));
        Ok(Answer::json(200, &self.shown(record, &with_id.collect::<Vec<_>>(), call)))
    }

    /// The records that an external id could mean.
    fn choices(&self, ids: &[String], call: &Call) -> Answer {
        let urls: Vec<String> =
            ids.iter().map(|id| call.path(&format!("sobjects/{}/{id}", self.name))).collect();
        Answer::json(300, &json!(urls))
    }

    /// The fields under their own names: Salesforce does not mind the case in which they are sent.
    fn canonical(&self, fields: &Map<String, Value>) -> Map<String, Value> {
        let named =
            |(name, value): (&String, &Value)| Some((self.field(name)?.name.to_owned(), value.clone()));
        fields.iter().filter_map(named).collect()
    }

    fn brief(&self, call: &Call) -> Value {
        let url = call.path(&format!("sobjects/{}", self.name));
        json!({
            "name": self.name, "label": self.label, "labelPlural": format!("{}s", self.label),
            "keyPrefix": self.prefix, "custom": self.name.ends_with("__c"),
            "createable": true, "updateable": true, "deletable": true, "queryable": true, "searchable": true,
            "urls": {
                "sobject": url, "describe": format!("{url}/describe"), "rowTemplate": format!("{url}/{{ID}}"),
            },
        })
    }

    fn described(&self, call: &Call) -> Value {
        let fields: Vec<Value> = self.fields.iter().map(|field| {
            let kind = match field.kind {
                Kind::Id => "id",
                Kind::Text => "string",
                Kind::Email => "email",
                Kind::Number => "currency",
                Kind::Date => "date",
                Kind::Flag => "boolean",
                Kind::Reference => "reference",
                Kind::Picklist(_) => "picklist",
            };
            let values: Vec<Value> = match field.kind {
                Kind::Picklist(known) => known.iter().map(|value| json!({"value": value, "active": true})).collect(),
                _ => Vec::new(),
            };
            let own = field.kind != Kind::Id;
            json!({
                "name": field.name, "label": field.name, "type": kind, "nillable": !field.required,
                "createable": own, "updateable": own, "externalId": field.external, "unique": field.unique,
                "idLookup": field.external || !own, "picklistValues": values,
            })
        }).collect();
        let mut all = self.brief(call);
        if let Some(members) = all.as_object_mut() {
            members.insert("fields".to_owned(), json!(fields));
            members.insert("childRelationships".to_owned(), json!([]));
            members.insert("recordTypeInfos".to_owned(), json!([]));
        }
        all
    }
}
