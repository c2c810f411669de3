//! The account's records.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::kinds::{Kind, PIPELINES};

/// When everything happened: a stand-in has no clock.
pub(super) const AT: &str = "2026-11-23T10:00:00.000Z";

/// One record.
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) archived: bool,
    pub(super) links: BTreeSet<(&'static str, u64)>,
}

/// All records, by kind and id.
#[derive(Default)]
pub(super) struct Records {
    by_kind: BTreeMap<&'static str, BTreeMap<u64, Record>>,
    last: u64,
}

/// A property value that is refused: name, code, message.
pub(super) type Fault = (String, &'static str, String);

impl Records {
    pub(super) fn all(&self, kind: &Kind) -> impl Iterator<Item = &Record> {
        self.by_kind.get(kind.name).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn live(&self, kind: &Kind) -> impl Iterator<Item = &Record> {
        self.all(kind).filter(|record| !record.archived)
    }

    pub(super) fn get_mut(&mut self, kind: &Kind, id: u64) -> Option<&mut Record> {
        self.by_kind.get_mut(kind.name)?.get_mut(&id)
    }

    /// A live record by its id, or by a unique property's value.
    pub(super) fn find(&self, kind: &Kind, id: &str, by: Option<&str>) -> Option<&Record> {
        match by {
            None | Some("hs_object_id") => self.live(kind).find(|record| record.id.to_string() == id),
            Some(name) => self.live(kind).find(|record| record.properties.get(name).is_some_and(|v| v == id)),
        }
    }

    pub(super) fn create(&mut self, kind: &'static Kind, properties: BTreeMap<String, String>) -> u64 {
        self.last += 1;
        let id = 40_000 + self.last;
        let record = Record { id, properties, archived: false, links: BTreeSet::new() };
        self.by_kind.entry(kind.name).or_default().insert(id, record);
        id
    }

    pub(super) fn link(&mut self, from: (&'static Kind, u64), to: (&'static Kind, u64)) {
        for ((kind, id), other) in [(from, to), (to, from)] {
            if let Some(record) = self.get_mut(kind, id) {
                record.links.insert((other.0.name, other.1));
            }
        }
    }

    /// What is wrong with values that are to be written, all of it.
    pub(super) fn faults(
        &self,
        kind: &Kind,
        id: Option<u64>,
        properties: &BTreeMap<String, String>,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, value) in properties {
            if !kind.properties.contains(&name.as_str()) {
                let (code, what) = if kind.knows(name) {
                    ("READ_ONLY_VALUE", "is read-only")
                } else {
                    ("PROPERTY_DOESNT_EXIST", "does not exist")
                };
                faults.push((name.clone(), code, format!("Property \"{name}\" {what}")));
            }
            if name == "email" && !value.is_empty() && !value.contains('@') {
                faults.push((name.clone(), "INVALID_EMAIL", format!("Email address {value} is invalid")));
            }
            if matches!(name.as_str(), "amount") && !value.is_empty() && value.parse::<f64>().is_err() {
                faults.push((name.clone(), "INVALID_FLOAT", format!("{value} was not a valid number.")));
            }
        }
        // From 2026-09 on the account's own rules hold for writes over the API too.
        if id.is_none() {
            let missing = kind.required.iter().filter(|name| !properties.contains_key(**name));
            faults.extend(missing.map(|name| {
                ((*name).to_owned(), "REQUIRED_FIELD", format!("Property \"{name}\" is required"))
            }));
        }
        faults.extend(self.stage_fault(kind, id, properties));
        faults
    }

    /// A deal's stage must be one of its pipeline.
    fn stage_fault(
        &self,
        kind: &Kind,
        id: Option<u64>,
        properties: &BTreeMap<String, String>,
    ) -> Option<Fault> {
        let stage = properties.get("dealstage")?;
        let before = id.and_then(|id| self.by_kind.get(kind.name)?.get(&id)?.properties.get("pipeline"));
        let pipeline = properties.get("pipeline").or(before).map_or("default", String::as_str);
        let stages = PIPELINES.iter().find(|(id, ..)| *id == pipeline).map(|(.., stages)| *stages);
        let known = stages.is_some_and(|stages| stages.iter().any(|(id, ..)| id == stage));
        let message = format!("{stage} was not one of the allowed options of pipeline {pipeline}");
        (!known).then(|| ("dealstage".to_owned(), "INVALID_OPTION", message))
    }

    /// Another live record that has one of these unique values already.
    pub(super) fn taken(
        &self,
        kind: &Kind,
        id: Option<u64>,
        properties: &BTreeMap<String, String>,
    ) -> Option<u64> {
        let same = |record: &&Record| {
            let holds = |name: &&str| {
                let value = properties.get(*name).filter(|value| !value.is_empty());
                value.is_some() && record.properties.get(*name) == value
            };
            Some(record.id) != id && kind.unique.iter().any(holds)
        };
        self.live(kind).find(same).map(|record| record.id)
    }
}

impl Record {
    /// A property's value, as the vendor returns it.
    pub(super) fn value(&self, kind: &Kind, name: &str) -> Option<String> {
        match name {
            "hs_object_id" => Some(self.id.to_string()),
            "createdate" => Some(AT.to_owned()),
            _ if name == kind.modified => Some(AT.to_owned()),
            _ => self.properties.get(name).filter(|value| !value.is_empty()).cloned(),
        }
    }

    /// The record with the properties that were asked for; unknown ones are left out, unset ones are null.
    pub(super) fn shown(&self, kind: &Kind, asked: &[String], links: &[&'static Kind]) -> Value {
        let always = ["createdate", "hs_object_id", kind.modified].map(str::to_owned);
        let names: Vec<String> = if asked.is_empty() {
            kind.shown.iter().map(|name| (*name).to_owned()).collect()
        } else {
            asked.iter().filter(|name| kind.knows(name)).cloned().chain(always).collect()
        };
        let properties: Map<String, Value> =
            names.into_iter().map(|name| (name.clone(), json!(self.value(kind, &name)))).collect();
        let mut body = json!({
            "id": self.id.to_string(),
            "properties": properties,
            "createdAt": AT,
            "updatedAt": AT,
            "archived": self.archived,
            "url": format!("https://app.hubspot.com/contacts/62515/record/{}/{}", kind.name, self.id),
        });
        let linked: Map<String, Value> = links.iter().filter_map(|other| self.linked(kind, other)).collect();
        if !linked.is_empty()
            && let Some(body) = body.as_object_mut()
        {
            body.insert("associations".to_owned(), linked.into());
        }
        body
    }

    fn linked(&self, kind: &Kind, other: &Kind) -> Option<(String, Value)> {
        let ids = self.links.iter().filter(|(name, _)| *name == other.name).map(|(_, id)| id);
        let kind_of_link = format!("{}_to_{}", kind.label.to_lowercase(), other.label.to_lowercase());
        let results: Vec<Value> = ids.map(|id| json!({"id": id.to_string(), "type": kind_of_link})).collect();
        (!results.is_empty()).then(|| (other.name.to_owned(), json!({"results": results})))
    }
}
