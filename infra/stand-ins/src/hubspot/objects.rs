//! The routes of records: one at a time, lists, batches, links.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    HubSpot,
    errors::{error, invalid, no_kind, no_route, not_found, properties as refused},
    kinds::Kind,
    records::AT,
};
use crate::{Answer, seen::Seen, strict};

const READS: [&str; 5] = ["archived", "associations", "idProperty", "properties", "propertiesWithHistory"];
const LISTS: [&str; 6] =
    ["after", "archived", "associations", "limit", "properties", "propertiesWithHistory"];

impl HubSpot {
    /// Everything below the path of records.
    pub(super) fn objects(
        &mut self,
        seen: &Seen,
        rest: &[&str],
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let name = rest.first().copied().unwrap_or_default();
        let kind = Kind::find(name).ok_or_else(|| no_kind(name))?;
        let reads = match (seen.method.as_str(), rest) {
            ("GET", _) | ("POST", [_, "search"] | [_, "batch", "read"]) => true,
            ("POST" | "PATCH" | "PUT" | "DELETE", _) => false,
            _ => return Err(no_route(405)),
        };
        self.needs(&format!("crm.objects.{}.{}", kind.scope, if reads { "read" } else { "write" }))?;
        match (seen.method.as_str(), rest) {
            ("POST", [_, "search"]) => self.search(kind, seen, violations),
            ("POST", [_, "batch", "read"]) => self.batch_read(kind, seen, violations),
            ("POST", [_, "batch", "upsert"]) => self.batch_upsert(kind, seen, violations),
            ("GET", [_]) => self.list(kind, seen, violations),
            ("POST", [_]) => self.create(kind, seen, violations),
            ("GET", [_, id]) => self.get(kind, id, seen, violations),
            ("PATCH", [_, id]) => self.update(kind, id, seen, violations),
            ("DELETE", [_, id]) => self.archive(kind, id, seen, violations),
            ("PUT", [_, id, "associations", "default", to, to_id]) => {
                self.associate((kind, id), (to, to_id), seen, violations)
            }
            ("POST", [_, _]) | ("PATCH" | "DELETE" | "PUT", [_]) => Err(no_route(405)),
            _ => Err(no_route(404)),
        }
    }

    fn list(&self, kind: &'static Kind, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &LISTS));
        let limit = Self::limit(seen, 10)?;
        let after = match seen.parameter("after") {
            None => 0,
            Some(after) => after.parse().map_err(|_| invalid("after must be a valid cursor"))?,
        };
        let asked = names(seen, "properties");
        let links = linked_kinds(seen)?;
        let archived = seen.parameter("archived").as_deref() == Some("true");
        let mut rest =
            self.records.all(kind).filter(|record| record.archived == archived && record.id >= after);
        let page: Vec<_> =
            rest.by_ref().take(limit).map(|record| record.shown(kind, &asked, &links)).collect();
        let mut body = json!({"results": page});
        if let Some(next) = rest.next() {
            let link = format!("{}{}?after={}", self.base, seen.path, next.id);
            body["paging"] = json!({"next": {"after": next.id.to_string(), "link": link}});
        }
        Ok(Answer::json(200, &body))
    }

    fn get(
        &self,
        kind: &'static Kind,
        id: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &READS));
        let by = seen.parameter("idProperty");
        unique(kind, by.as_deref())?;
        let links = linked_kinds(seen)?;
        let record = self.records.find(kind, id, by.as_deref()).ok_or_else(not_found)?;
        Ok(Answer::json(200, &record.shown(kind, &names(seen, "properties"), &links)))
    }

    fn create(
        &mut self,
        kind: &'static Kind,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &[]));
        let body = Self::body(seen, violations)?;
        violations.extend(strict::members(&body, &["properties", "associations"], "a new record"));
        if !body["associations"].is_array() {
            violations.push("a new record without `associations`".to_owned());
            return Err(invalid("Some required fields were not set: [associations]"));
        }
        let properties = written(&body["properties"], violations)?;
        let faults = self.records.faults(kind, None, &properties);
        if !faults.is_empty() {
            return Err(refused(&faults));
        }
        let links = self.new_links(kind, &body["associations"], violations)?;
        if let Some(taken) = self.records.taken(kind, None, &properties) {
            let noun = kind.label[..1].to_owned() + &kind.label[1..].to_lowercase();
            let message = format!("{noun} already exists. Existing ID: {taken}");
            return Err(error(409, "CONFLICT", &message, &Value::Null));
        }
        let id = self.records.create(kind, properties);
        for to in links {
            self.records.link((kind, id), to);
        }
        let record = self.records.find(kind, &id.to_string(), None).ok_or_else(not_found)?;
        let shown: Vec<String> = record.properties.keys().cloned().collect();
        Ok(Answer::json(201, &record.shown(kind, &shown, &[])))
    }

    /// The records that a new one is linked to.
    fn new_links(
        &self,
        kind: &'static Kind,
        links: &Value,
        violations: &mut Vec<String>,
    ) -> Result<Vec<(&'static Kind, u64)>, Answer> {
        let mut all = Vec::new();
        for link in links.as_array().into_iter().flatten() {
            violations.extend(strict::members(link, &["to", "types"], "an association"));
            violations.extend(strict::members(&link["to"], &["id"], "the end of an association"));
            for kind_of_link in link["types"].as_array().into_iter().flatten() {
                let known = ["associationCategory", "associationTypeId"];
                violations.extend(strict::members(kind_of_link, &known, "the type of an association"));
                let defined = kind_of_link["associationCategory"] == "HUBSPOT_DEFINED";
                let id = kind_of_link["associationTypeId"].as_u64().filter(|_| defined);
                let other = id.and_then(|id| kind.linked_by(id));
                let other = other.ok_or_else(|| invalid("invalid association type"))?;
                let end = link["to"]["id"].as_str().and_then(|id| self.records.find(other, id, None));
                let end = end.ok_or_else(|| invalid("One or more associated objects do not exist"))?;
                all.push((other, end.id));
            }
        }
        Ok(all)
    }

    fn update(
        &mut self,
        kind: &'static Kind,
        id: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &["idProperty"]));
        let by = seen.parameter("idProperty");
        unique(kind, by.as_deref())?;
        let body = Self::body(seen, violations)?;
        violations.extend(strict::members(&body, &["properties"], "an update"));
        let properties = written(&body["properties"], violations)?;
        let id = self.records.find(kind, id, by.as_deref()).ok_or_else(not_found)?.id;
        self.change(kind, id, properties)?;
        let record = self.records.find(kind, &id.to_string(), None).ok_or_else(not_found)?;
        let shown: Vec<String> = record.properties.keys().cloned().collect();
        Ok(Answer::json(200, &record.shown(kind, &shown, &[])))
    }

    fn change(
        &mut self,
        kind: &'static Kind,
        id: u64,
        properties: BTreeMap<String, String>,
    ) -> Result<(), Answer> {
        let faults = self.records.faults(kind, Some(id), &properties);
        if !faults.is_empty() {
            return Err(refused(&faults));
        }
        if let Some(taken) = self.records.taken(kind, Some(id), &properties) {
            let message = format!("Cannot set values, another record has them: {taken}");
            return Err(error(409, "CONFLICT", &message, &Value::Null));
        }
        let record = self.records.get_mut(kind, id).ok_or_else(not_found)?;
        record.properties.extend(properties);
        Ok(())
    }

    fn archive(
        &mut self,
        kind: &'static Kind,
        id: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &[]));
        if !seen.body.is_empty() {
            violations.push("an archival has no body".to_owned());
        }
        let id = id.parse().map_err(|_| not_found())?;
        let record = self.records.get_mut(kind, id).ok_or_else(not_found)?;
        record.archived = true;
        Ok(Answer::empty(204))
    }

    fn associate(
        &mut self,
        (kind, id): (&'static Kind, &str),
        (to, to_id): (&str, &str),
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &[]));
        if !seen.body.is_empty() {
            violations.push("a default association has no body".to_owned());
        }
        let to = Kind::find(to).ok_or_else(|| no_kind(to))?;
        let link = kind.link_to(to);
        let link = link.ok_or_else(|| invalid("No default association between these object types"))?;
        let from = self.records.find(kind, id, None).ok_or_else(not_found)?.id;
        let end = self.records.find(to, to_id, None).ok_or_else(not_found)?.id;
        self.records.link((kind, from), (to, end));
        let spec = json!({"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": link});
        let result = json!({"from": {"id": id}, "to": {"id": to_id}, "associationSpec": spec});
        let body = json!({"status": "COMPLETE", "results": [result], "startedAt": AT, "completedAt": AT});
        Ok(Answer::json(200, &body))
    }
}

/// The kinds that `associations` asks for.
fn linked_kinds(seen: &Seen) -> Result<Vec<&'static Kind>, Answer> {
    let asked = names(seen, "associations");
    asked.iter().map(|name| Kind::find(name).ok_or_else(|| no_kind(name))).collect()
}

/// Only a unique property identifies a record.
pub(super) fn unique(kind: &Kind, by: Option<&str>) -> Result<(), Answer> {
    match by {
        Some(name) if name != "hs_object_id" && !kind.unique.contains(&name) => {
            Err(invalid(&format!("Property {name} is not a unique identifier property")))
        }
        _ => Ok(()),
    }
}

/// The values that are to be written; the specification says that each is a string.
pub(super) fn written(
    properties: &Value,
    violations: &mut Vec<String>,
) -> Result<BTreeMap<String, String>, Answer> {
    let Some(properties) = properties.as_object() else {
        violations.push("a write without `properties`".to_owned());
        return Err(invalid("Some required fields were not set: [properties]"));
    };
    let mut all = BTreeMap::new();
    for (name, value) in properties {
        let Some(text) = value.as_str() else {
            violations.push(format!("the value of `{name}` is no string: {value}"));
            return Err(invalid("Invalid input JSON: a property value must be a string"));
        };
        all.insert(name.clone(), text.to_owned());
    }
    Ok(all)
}

/// A list in a query parameter, with commas.
fn names(seen: &Seen, parameter: &str) -> Vec<String> {
    let list = seen.parameter(parameter).unwrap_or_default();
    list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
