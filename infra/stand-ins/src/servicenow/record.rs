//! Records, and how the APIs show them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{ServiceNow, schema, schema::Table};

/// One record.
#[derive(Clone, Default)]
pub struct Record {
    pub(super) fields: BTreeMap<String, String>,
    /// Whether an ACL keeps it from the caller.
    pub(super) hidden: bool,
}

/// How the Table API shows values.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) display: Display,
    pub(super) links: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Display {
    Value,
    Label,
    Both,
}

impl Record {
    /// A field; empty where there is none.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<String>) {
        self.fields.insert(field.to_owned(), value.into());
    }
}

impl ServiceNow {
    /// The record as the Table API shows it, with these fields or with all.
    pub(super) fn shown(&self, table: &Table, record: &Record, only: &[String], how: Shown) -> Value {
        let all = || table.fields().map(str::to_owned).collect();
        let names: Vec<String> = if only.is_empty() { all() } else { only.to_vec() };
        let known = names.into_iter().filter(|name| table.has(name));
        let shown = known.map(|name| {
            let value = self.shown_field(table.name, record, &name, how);
            (name, value)
        });
        Value::Object(shown.collect())
    }

    fn shown_field(&self, table: &str, record: &Record, field: &str, how: Shown) -> Value {
        let (value, label) = (self.walked(record, field), self.label(table, record, field));
        let last = field.rsplit('.').next().unwrap_or_default();
        let target = schema::target(last).filter(|_| !value.is_empty());
        let link = target.map(|target| format!("{}/api/now/table/{target}/{value}", self.base));
        match (how.display, link) {
            (Display::Value, Some(link)) if how.links => json!({"link": link, "value": value}),
            (Display::Value, _) => json!(value),
            (Display::Label, Some(link)) if how.links => json!({"display_value": label, "link": link}),
            (Display::Label, _) => json!(label),
            (Display::Both, Some(link)) if how.links => {
                json!({"display_value": label, "value": value, "link": link})
            }
            (Display::Both, _) => json!({"display_value": label, "value": value}),
        }
    }

    /// A field's value, through the records that it leads to.
    pub(super) fn walked(&self, record: &Record, field: &str) -> String {
        let Some((first, beyond)) = field.split_once('.') else {
            return if schema::is_journal(field) { String::new() } else { record.get(field).to_owned() };
        };
        let next = schema::target(first).and_then(|target| self.record(target, record.get(first)));
        next.map_or(String::new(), |next| self.walked(next, beyond))
    }

    fn label(&self, table: &str, record: &Record, field: &str) -> String {
        let value = self.walked(record, field);
        let last = field.rsplit('.').next().unwrap_or_default();
        if let Some(target) = schema::target(last) {
            return self.record(target, &value).map_or(String::new(), |record| named(record).to_owned());
        }
        schema::label(table, last, &value).map_or(value, str::to_owned)
    }

    /// The record as the Change Management API shows it: each field's value beside what people read.
    pub(super) fn paired(&self, table: &Table, record: &Record) -> Map<String, Value> {
        let pair = |field: &str| {
            let (value, label) = (self.walked(record, field), self.label(table.name, record, field));
            let typed = match value.as_str() {
                "true" => json!(true),
                "false" => json!(false),
                _ if is_number(field) => value.parse::<f64>().map_or(json!(value), |number| json!(number)),
                _ => json!(value),
            };
            let mut pair = json!({"display_value": label, "value": typed});
            if field.ends_with("_on") || field.ends_with("_at") || field.ends_with("_date") {
                pair.as_object_mut()
                    .map(|pair| pair.insert("display_value_internal".to_owned(), json!(label)));
            }
            pair
        };
        table.fields().map(|field| (field.to_owned(), pair(field))).collect()
    }
}

/// What a reference to the record shows.
pub(super) fn named(record: &Record) -> &str {
    [record.get("number"), record.get("name")].into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

fn is_number(field: &str) -> bool {
    matches!(
        field,
        "state" | "impact" | "priority" | "urgency" | "risk" | "scope" | "escalation" | "sys_mod_count"
    )
}
