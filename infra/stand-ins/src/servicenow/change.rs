//! The Change Management API: values come in pairs, lists have no links, and states follow the type's own flow.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Call, Outcome, Record, ServiceNow, fault, schema, schema::Table, table};
use crate::Answer;

const LIST: &[&str] = &["order", "sysparm_limit", "sysparm_offset", "sysparm_query", "textSearch"];
/// The most records of a page: the API's own default.
const MOST: usize = 500;
/// What a standard change takes from its template alone.
const TEMPLATED: [&str; 4] = ["description", "backout_plan", "test_plan", "implementation_plan"];

/// The states that a change of this type goes through.
fn flow(kind: &str) -> &'static [&'static str] {
    match kind {
        "standard" => &["-5", "-2", "-1", "0", "3"],
        "emergency" => &["-5", "-3", "-2", "-1", "0", "3"],
        _ => &["-5", "-4", "-3", "-2", "-1", "0", "3"],
    }
}

impl ServiceNow {
    pub(super) fn change(&mut self, call: &mut Call<'_>, rest: &[&str]) -> Outcome {
        let (reads, writes) = (["itil", "admin", "sn_change_read"], ["itil", "admin"]);
        let method = call.seen.method.as_str();
        if !self.access.has(if method == "GET" { &reads } else { &writes }) {
            return Err(fault::not_authorized());
        }
        match (method, rest) {
            ("GET", []) => self.changes(call, None),
            ("GET", [kind @ ("normal" | "emergency" | "standard")]) => self.changes(call, Some(kind)),
            ("GET", ["standard", "template"]) => self.templates(call),
            ("POST", []) => self.open_change(call, None, BTreeMap::new()),
            ("POST", [kind @ ("normal" | "emergency")]) => {
                self.open_change(call, Some(kind), BTreeMap::new())
            }
            ("POST", ["standard", template]) => self.open_standard(call, template),
            ("GET", [id]) => self.one_change(call, id),
            ("PATCH", [id]) => self.update_change(call, id),
            ("GET", [id, "nextstates"]) => self.next_states(call, id),
            ("PATCH", [id, "approvals"]) => self.approve(call, id),
            ("GET", [id, "conflict"]) => self.conflicts(call, id),
            ("POST", [id, "conflict"]) => self.check_conflicts(call, id),
            ("GET", [id, "task"]) => self.tasks(call, id),
            ("POST", [id, "task"]) => self.open_task(call, id),
            _ => Err(table::not_allowed(call)),
        }
    }

    fn changes(&mut self, call: &mut Call<'_>, kind: Option<&str>) -> Outcome {
        let table = named("change_request")?;
        table::parameters(call, LIST, Some(table));
        self.page(call, table, |record| kind.is_none_or(|kind| record.get("type") == kind))
    }

    fn templates(&mut self, call: &mut Call<'_>) -> Outcome {
        let table = named("std_change_record_producer")?;
        table::parameters(call, LIST, Some(table));
        self.page(call, table, |_| true)
    }

    fn tasks(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        let table = named("change_task")?;
        table::parameters(call, LIST, Some(table));
        self.stored_change(call, id)?;
        self.page(call, table, |record| record.get("change_request") == id)
    }

    fn page(
        &mut self,
        call: &mut Call<'_>,
        table: &'static Table,
        wanted: impl Fn(&Record) -> bool,
    ) -> Outcome {
        let (offset, limit) = table::window(call, Some(MOST))?;
        let encoded = table::filter(call);
        let picked: Vec<Record> =
            self.matching(call, table, &encoded).into_iter().filter(|record| wanted(record)).collect();
        let page = picked.iter().skip(offset).take(limit).filter(|record| !record.hidden);
        let rows: Vec<Value> = page.map(|record| Value::Object(self.paired(table, record))).collect();
        Ok(table::result(200, &json!(rows)))
    }

    fn one_change(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        table::parameters(call, &[], None);
        let table = named("change_request")?;
        let record = self.stored_change(call, id)?;
        Ok(table::result(200, &Value::Object(self.paired(table, &record))))
    }

    /// A new change; what the table lacks, or the template keeps to itself, is listed as ignored.
    fn open_change(
        &mut self,
        call: &mut Call<'_>,
        kind: Option<&str>,
        template: BTreeMap<String, String>,
    ) -> Outcome {
        let table = named("change_request")?;
        let mut body = body_or_query(call)?;
        let mut fields = template;
        match kind {
            Some(kind) => {
                if body.remove("type").is_some() || body.remove("chg_model").is_some() {
                    call.note("the path says the type");
                }
                fields.insert("type".to_owned(), kind.to_owned());
            }
            None if !body.contains_key("type") && !body.contains_key("chg_model") => {
                call.note("neither type nor chg_model: what it becomes changes by release");
            }
            None => {}
        }
        let templated = |name: &str| kind == Some("standard") && TEMPLATED.contains(&name);
        let ignored: Vec<String> =
            body.keys().filter(|name| templated(name) || !table.has(name)).cloned().collect();
        body.retain(|name, _| !templated(name));
        fields.extend(self.fields_of(call, table, &body));
        let lower = fields.get("type").map(|kind| kind.to_ascii_lowercase());
        if let Some(kind) = lower {
            if !matches!(kind.as_str(), "normal" | "standard" | "emergency") {
                return Err(fault::fault(400, "Bad Request", &format!("Invalid change type: {kind}")));
            }
            fields.insert("type".to_owned(), kind);
        }
        let user = call.user.clone();
        let id = self.insert("change_request", fields, &user);
        let record = self.stored_change(call, &id)?;
        let mut shown = self.paired(table, &record);
        shown.insert("__meta".to_owned(), json!({"ignoredFields": ignored}));
        Ok(table::result(200, &Value::Object(shown)))
    }

    fn open_standard(&mut self, call: &mut Call<'_>, template: &str) -> Outcome {
        let producers = named("std_change_record_producer")?;
        let found = self.readable(call, producers, template)?;
        let text = found.get("short_description").to_owned();
        let fields = BTreeMap::from([("short_description".to_owned(), text)]);
        self.open_change(call, Some("standard"), fields)
    }

    fn update_change(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        let table = named("change_request")?;
        table::parameters(call, &["encrypted_fields"], Some(table));
        let stored = self.stored_change(call, id)?;
        let given = self.given(call, table)?;
        let state = given.get("state").map(String::as_str).filter(|state| *state != stored.get("state"));
        if state.is_some_and(|state| !next_of(&stored).contains(&state)) {
            let detail = "Operation against file 'change_request' was aborted by Business Rule \
                          'Change Model: Check State Transition'";
            return Err(fault::fault(400, "Unable to save record", detail));
        }
        let user = call.user.clone();
        self.change_fields("change_request", id, given, &user);
        let record = self.stored_change(call, id)?;
        Ok(table::result(200, &Value::Object(self.paired(table, &record))))
    }

    fn next_states(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        table::parameters(call, &[], None);
        let change = self.stored_change(call, id)?;
        let states: Vec<&str> = [change.get("state")].into_iter().chain(next_of(&change)).collect();
        let labels: Map<String, Value> =
            states.iter().map(|state| ((*state).to_owned(), json!(schema::state_label(state)))).collect();
        let body = json!({"available_states": states, "state_transitions": [], "state_label": labels});
        Ok(table::result(200, &body))
    }

    fn approve(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        let table = named("change_request")?;
        table::parameters(call, &[], None);
        let body = call.seen.json();
        let known =
            body.as_object().is_some_and(|body| body.keys().all(|key| key == "state" || key == "comments"));
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (state, comments) = (text("state"), text("comments"));
        let told = state == "approved" || (state == "rejected" && !comments.is_empty());
        if !known || !told {
            call.note("an approval says approved, or rejected and why, and nothing else");
            return Err(fault::fault(400, "Bad Request", "Invalid approval"));
        }
        let change = self.stored_change(call, id)?;
        if change.get("approval") != "requested" {
            let detail = "The user does not have the authority to approve or reject the change request";
            return Err(fault::fault(400, "Bad Request", detail));
        }
        let mut fields = BTreeMap::from([("approval".to_owned(), state.clone())]);
        if !comments.is_empty() {
            fields.insert("comments".to_owned(), comments);
        }
        if state == "approved" {
            let mut approved = change.clone();
            approved.set("approval", "approved");
            let next = next_of(&approved).into_iter().find(|next| *next != "4");
            fields.extend(next.map(|next| ("state".to_owned(), next.to_owned())));
        }
        let user = call.user.clone();
        self.change_fields("change_request", id, fields, &user);
        let record = self.stored_change(call, id)?;
        // The reference shows a list here.
        Ok(table::result(200, &json!([self.paired(table, &record)])))
    }

    fn conflicts(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        table::parameters(call, &[], None);
        let change = self.stored_change(call, id)?;
        let run = change.get("conflict_status") != "Not Run";
        let others = self.tables.get("change_request").map(Vec::as_slice).unwrap_or_default();
        let same = |other: &&Record| {
            run && !change.get("cmdb_ci").is_empty()
                && other.get("cmdb_ci") == change.get("cmdb_ci")
                && other.get("sys_id") != id
        };
        let conflicts: Vec<Value> = others.iter().filter(same).map(conflict).collect();
        let body = json!({
            "status": change.get("conflict_status"),
            "last_run": change.get("conflict_last_run"),
            "record_count": conflicts.len().to_string(),
            "job_status": if run { "2" } else { "" },
            "conflicts": conflicts,
        });
        Ok(table::result(200, &body))
    }

    fn check_conflicts(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        table::parameters(call, &[], None);
        let change = self.stored_change(call, id)?;
        if change.get("cmdb_ci").is_empty() {
            let detail = "Conflict detection needs a configuration item and planned dates";
            return Err(fault::fault(400, "Unable to start conflict checking process", detail));
        }
        let run = [("conflict_status", "Conflict"), ("conflict_last_run", "2026-11-20 09:30:00")];
        let run = run.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let user = call.user.clone();
        self.change_fields("change_request", id, run, &user);
        Ok(table::result(200, &json!(self.new_id())))
    }

    fn open_task(&mut self, call: &mut Call<'_>, id: &str) -> Outcome {
        let table = named("change_task")?;
        self.stored_change(call, id)?;
        let body = body_or_query(call)?;
        let ignored: Vec<String> = body.keys().filter(|name| !table.has(name)).cloned().collect();
        let mut fields = self.fields_of(call, table, &body);
        fields.insert("change_request".to_owned(), id.to_owned());
        let user = call.user.clone();
        let task = self.insert("change_task", fields, &user);
        let record = self.record("change_task", &task).cloned().unwrap_or_default();
        let mut shown = self.paired(table, &record);
        let number = self.value("change_request", id, "number");
        shown.insert("parent".to_owned(), json!({"display_value": number, "value": id}));
        shown.insert("__meta".to_owned(), json!({"ignoredFields": ignored}));
        Ok(table::result(200, &Value::Object(shown)))
    }

    fn stored_change(&self, call: &mut Call<'_>, id: &str) -> Result<Record, Answer> {
        self.readable(call, named("change_request")?, id).cloned()
    }
}

/// The states that may follow, the present one not among them.
fn next_of(change: &Record) -> Vec<&'static str> {
    let (flow, state) = (flow(change.get("type")), change.get("state"));
    let at = flow.iter().position(|known| *known == state);
    let mut next: Vec<&str> = at.and_then(|at| flow.get(at + 1)).into_iter().copied().collect();
    if at.is_some() && state != "3" {
        next.push("4");
    }
    // Nobody goes on from here but by the approval.
    if matches!(state, "-4" | "-3") && change.get("approval") != "approved" {
        next.retain(|state| *state == "4");
    }
    next
}

/// Fields come in the query or in the body, which overrides it.
fn body_or_query(call: &mut Call<'_>) -> Result<Map<String, Value>, Answer> {
    let pairs = call.seen.query_pairs().into_iter();
    let mut fields: Map<String, Value> = pairs.map(|(name, value)| (name, json!(value))).collect();
    if call.seen.body.is_empty() {
        return Ok(fields);
    }
    let Value::Object(body) = call.seen.json() else {
        call.note("a body that is no JSON object");
        let why = "The payload is not valid JSON.";
        return Err(fault::fault(400, "Exception while reading request", why));
    };
    fields.extend(body);
    Ok(fields)
}
fn conflict(other: &Record) -> Value {
    json!({
        "change": {"display_value": other.get("number"), "value": other.get("sys_id")},
        "type": {"display_value": "CI Already Scheduled", "value": "ci_already_scheduled"},
    })
}

fn named(table: &str) -> Result<&'static Table, Answer> {
    Table::named(table).ok_or_else(fault::no_such_resource)
}
