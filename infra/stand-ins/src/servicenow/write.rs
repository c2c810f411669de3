//! Making and changing records, with what the instance's own rules add and refuse.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Call, Record, ServiceNow, fault, schema, schema::Table};
use crate::Answer;

const NOW: &str = "2026-11-20 09:30:00";

impl ServiceNow {
    /// A new record with the values that the instance gives by itself.
    pub(super) fn insert(&mut self, table: &str, given: BTreeMap<String, String>, user: &str) -> String {
        let id = given.get("sys_id").cloned().unwrap_or_else(|| self.new_id());
        let mut record = Record::default();
        for (field, value) in defaults(table) {
            record.set(field, *value);
        }
        // Each a second after the one before.
        let made = self.new_moment();
        record.set("sys_created_on", made.as_str());
        record.set("sys_updated_on", made);
        record.set("sys_mod_count", "0");
        record.set("sys_id", id.as_str());
        record.set("sys_class_name", table);
        record.set("sys_created_by", user);
        let prefix = Table::named(table).map_or("", |table| table.prefix);
        let count = self.tables.get(table).map_or(0, Vec::len);
        if !prefix.is_empty() {
            record.set("number", format!("{prefix}{:07}", 10_001 + count));
        }
        let journal: Vec<(String, String)> =
            given.iter().filter(|(field, _)| schema::is_journal(field)).map(pair).collect();
        record.fields.extend(given.into_iter().filter(|(field, _)| !schema::is_journal(field)));
        settle(table, &mut record);
        self.tables.entry(table.to_owned()).or_default().push(record);
        self.note_down(table, &id, journal, user);
        id
    }

    /// The record with these fields changed.
    pub(super) fn change_fields(
        &mut self,
        table: &str,
        id: &str,
        given: BTreeMap<String, String>,
        user: &str,
    ) {
        let journal: Vec<(String, String)> =
            given.iter().filter(|(field, _)| schema::is_journal(field)).map(pair).collect();
        let records = self.tables.get_mut(table).map(Vec::as_mut_slice).unwrap_or_default();
        for record in records.iter_mut().filter(|record| record.get("sys_id") == id) {
            let count: u32 = record.get("sys_mod_count").parse().unwrap_or_default();
            let given = given.clone().into_iter().filter(|(field, _)| !schema::is_journal(field));
            record.fields.extend(given);
            record.set("sys_mod_count", (count + 1).to_string());
            record.set("sys_updated_by", user);
            settle(table, record);
        }
        self.note_down(table, id, journal, user);
    }

    fn note_down(&mut self, table: &str, id: &str, journal: Vec<(String, String)>, user: &str) {
        for (element, value) in journal.into_iter().filter(|(_, value)| !value.is_empty()) {
            let entry = [("element", element), ("element_id", id.to_owned()), ("name", table.to_owned())];
            let mut entry: BTreeMap<String, String> =
                entry.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            entry.insert("value".to_owned(), value);
            self.insert("sys_journal_field", entry, user);
        }
    }

    /// The fields of a body, as text. What is no JSON object is refused; a field that the table lacks is passed over,
    /// and noted.
    pub(super) fn given(
        &self,
        call: &mut Call<'_>,
        table: &Table,
    ) -> Result<BTreeMap<String, String>, Answer> {
        let body = match call.seen.json() {
            Value::Object(body) => body,
            Value::Array(_) => {
                call.note("several records at once");
                return Err(fault::fault(400, "Bad Request", "Multiple records are not supported"));
            }
            _ => {
                call.note("a body that is no JSON object");
                let why = "The payload is not valid JSON.";
                return Err(fault::fault(400, "Exception while reading request", why));
            }
        };
        Ok(self.fields_of(call, table, &body))
    }

    pub(super) fn fields_of(
        &self,
        call: &mut Call<'_>,
        table: &Table,
        body: &Map<String, Value>,
    ) -> BTreeMap<String, String> {
        let as_display = call.flag("sysparm_input_display_value");
        let mut fields = BTreeMap::new();
        for (field, value) in body {
            if field.starts_with("sys_") {
                call.note(format!("{field} is the instance's own"));
            } else if !table.has(field) || field.contains('.') {
                call.note(format!("{} has no field {field}", table.name));
            } else {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    Value::Bool(_) | Value::Number(_) => value.to_string(),
                    Value::Array(_) | Value::Object(_) => {
                        call.note(format!("{field} is no plain value"));
                        continue;
                    }
                };
                let text = if as_display { self.meant(table.name, field, text) } else { text };
                fields.insert(field.clone(), text);
            }
        }
        fields
    }

    /// The value that a display value stands for.
    fn meant(&self, table: &str, field: &str, text: String) -> String {
        if let Some(target) = schema::target(field) {
            let records = self.tables.get(target).map(Vec::as_slice).unwrap_or_default();
            let found = records.iter().find(|record| super::record::named(record) == text);
            return found.map_or(text, |record| record.get("sys_id").to_owned());
        }
        let values = (-5..=8).map(|number: i32| number.to_string());
        let mut labelled = values.filter(|value| schema::label(table, field, value) == Some(text.as_str()));
        labelled.next().unwrap_or(text)
    }
}

fn pair((field, value): (&String, &String)) -> (String, String) {
    (field.clone(), value.clone())
}

/// What rules of the instance have to say of a record, were it stored like this.
pub(super) fn policy(table: &str, record: &BTreeMap<String, String>) -> Result<(), Answer> {
    let value = |field: &str| record.get(field).map(String::as_str).unwrap_or_default();
    let mut missing = Vec::new();
    if table == "incident" && matches!(value("state"), "6" | "7") {
        let needed = [("close_code", "Resolution code"), ("close_notes", "Resolution notes")];
        missing.extend(needed.iter().filter(|(field, _)| value(field).is_empty()).map(|(_, label)| *label));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let detail = format!("Data Policy Exception:\n {} {verb} mandatory\n", missing.join(", "));
    Err(fault::fault(403, "Operation Failed", &detail))
}

fn defaults(table: &str) -> &'static [(&'static str, &'static str)] {
    match table {
        "incident" => &[
            ("state", "1"),
            ("active", "true"),
            ("impact", "3"),
            ("urgency", "3"),
            ("category", "inquiry"),
            ("approval", "not requested"),
            ("escalation", "0"),
        ],
        "change_request" => &[
            ("state", "-5"),
            ("active", "true"),
            ("impact", "3"),
            ("urgency", "3"),
            ("priority", "4"),
            ("risk", "3"),
            ("type", "normal"),
            ("approval", "not requested"),
            ("conflict_status", "Not Run"),
            ("on_hold", "false"),
            ("category", "Other"),
        ],
        "change_task" => &[("state", "-5"), ("active", "true"), ("priority", "4")],
        _ => &[],
    }
}

/// What follows from other fields.
fn settle(table: &str, record: &mut Record) {
    if table == "incident" {
        let of = |field| record.get(field).parse::<u8>().unwrap_or(3);
        let priority = (of("impact") + of("urgency")).saturating_sub(1);
        let (state, resolved) = (record.get("state").to_owned(), record.get("state") == "6");
        record.set("priority", priority.to_string());
        record.set("incident_state", state.as_str());
        record.set("active", if matches!(state.as_str(), "7" | "8") { "false" } else { "true" });
        if resolved && record.get("resolved_at").is_empty() {
            record.set("resolved_at", NOW);
        }
    }
    if table == "change_request" {
        let ended = matches!(record.get("state"), "3" | "4");
        record.set("active", if ended { "false" } else { "true" });
    }
}
