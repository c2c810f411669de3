//! The CMDB Instance API: items with what they depend on, and what depends on them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Call, Outcome, Record, Relation, ServiceNow, fault,
    record::{Display, Shown},
    schema::Table,
    table,
};
use crate::Answer;

const LIST: &[&str] = &["sysparm_limit", "sysparm_offset", "sysparm_query"];
const DEPENDS: &str = "1a9cb166f1571100a92eb60da2bce5c5";
/// Where the data may come from, of the choices of `discovery_source`.
const SOURCES: [&str; 4] = ["ServiceNow", "Manual Entry", "Other Automated", "ImportSet"];

impl ServiceNow {
    pub(super) fn cmdb(&mut self, call: &mut Call<'_>, class: &str) -> Outcome {
        let class = self.class(call, class)?;
        match call.seen.method.as_str() {
            "GET" => {
                table::parameters(call, LIST, None);
                let (offset, limit) = table::window(call, Some(10_000))?;
                let encoded = table::filter(call);
                let picked = self.matching(call, class, &encoded);
                let page = picked.iter().skip(offset).take(limit).filter(|item| !item.hidden);
                let rows: Vec<Value> = page
                    .map(|item| json!({"sys_id": item.get("sys_id"), "name": item.get("name")}))
                    .collect();
                Ok(table::result(200, &json!(rows)))
            }
            "POST" => {
                let (fields, body) = self.attributes(call, class)?;
                if fields.get("name").is_none_or(String::is_empty) {
                    return Err(fault::fault(400, "Invalid payload", "No identifier entry matched"));
                }
                let user = call.user.clone();
                let id = self.insert(class.name, fields, &user);
                self.relations_of(&body, &id);
                self.item(call, class, &id, 201)
            }
            _ => Err(table::not_allowed(call)),
        }
    }

    pub(super) fn cmdb_item(&mut self, call: &mut Call<'_>, class: &str, id: &str) -> Outcome {
        let class = self.class(call, class)?;
        table::parameters(call, &[], None);
        match call.seen.method.as_str() {
            "GET" => self.item(call, class, id, 200),
            "PATCH" => {
                self.readable(call, class, id)?;
                let (fields, _) = self.attributes(call, class)?;
                let user = call.user.clone();
                self.change_fields(class.name, id, fields, &user);
                self.item(call, class, id, 200)
            }
            _ => Err(table::not_allowed(call)),
        }
    }

    fn class(&self, call: &mut Call<'_>, name: &str) -> Result<&'static Table, Answer> {
        if !self.access.has(&["itil"]) {
            return Err(fault::not_authorized());
        }
        Table::named(name).filter(|table| table.name.starts_with("cmdb_ci")).ok_or_else(|| {
            if !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
                call.note(format!("{name:?} names no class"));
            }
            fault::fault(404, "Invalid class name", &format!("{name} is not a valid CMDB class"))
        })
    }

    fn attributes(
        &self,
        call: &mut Call<'_>,
        class: &Table,
    ) -> Result<(BTreeMap<String, String>, Value), Answer> {
        let body = call.seen.json();
        let known = ["attributes", "inbound_relations", "outbound_relations", "source"];
        for name in body.as_object().into_iter().flat_map(|body| body.keys()) {
            if !known.contains(&name.as_str()) {
                call.note(format!("the body's {name} is not known"));
            }
        }
        let source = body.get("source").and_then(Value::as_str).unwrap_or_default();
        if !SOURCES.contains(&source) {
            let detail = format!("Invalid source: {source:?}");
            return Err(fault::fault(400, "Invalid payload", &detail));
        }
        let Some(attributes) = body.get("attributes").and_then(Value::as_object) else {
            call.note("no attributes");
            return Err(fault::fault(400, "Invalid payload", "attributes are required"));
        };
        Ok((self.fields_of(call, class, attributes), body.clone()))
    }

    fn relations_of(&mut self, body: &Value, id: &str) {
        let targets = |key: &str| -> Vec<String> {
            let list = body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(|one| one.get("target")?.as_str().map(str::to_owned)).collect()
        };
        for child in targets("outbound_relations") {
            self.relate(id, &child);
        }
        for parent in targets("inbound_relations") {
            self.relate(&parent, id);
        }
    }

    fn item(&self, call: &mut Call<'_>, class: &Table, id: &str, status: u16) -> Outcome {
        let item = self.readable(call, class, id)?;
        let how = Shown { display: Display::Both, links: true };
        let shown = self.shown(class, item, &[], how);
        // References come whole, everything else as its plain value.
        let plain = |(name, value): (&String, &Value)| {
            let value = match value.get("link") {
                Some(_) => value.clone(),
                None => value.get("value").cloned().unwrap_or_default(),
            };
            (name.clone(), value)
        };
        let attributes: serde_json::Map<String, Value> =
            shown.as_object().into_iter().flatten().map(plain).collect();
        let of = |near: fn(&Relation) -> &str, far: fn(&Relation) -> &str| -> Vec<Value> {
            let own = self.relations.iter().filter(|relation| near(relation) == id);
            own.map(|relation| self.relation(relation, far(relation))).collect()
        };
        let body = json!({
            "attributes": attributes,
            "outbound_relations": of(|relation| &relation.parent, |relation| &relation.child),
            "inbound_relations": of(|relation| &relation.child, |relation| &relation.parent),
        });
        Ok(table::result(status, &body))
    }

    fn relation(&self, relation: &Relation, target: &str) -> Value {
        let named = |records: &Vec<Record>| {
            let item = records.iter().find(|item| item.get("sys_id") == target)?;
            Some(item.get("name").to_owned())
        };
        let name = self.tables.values().find_map(named);
        json!({
            "sys_id": relation.id,
            "type": {
                "display_value": "Depends on::Used by",
                "link": format!("{}/api/now/table/cmdb_rel_type/{DEPENDS}", self.base),
                "value": DEPENDS,
            },
            "target": {
                "display_value": name,
                "link": format!("{}/api/now/cmdb/instance/cmdb_ci/{target}", self.base),
                "value": target,
            },
        })
    }
}
