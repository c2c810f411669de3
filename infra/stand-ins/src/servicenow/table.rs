//! The Table API, and the Aggregate API's counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    Call, Outcome, Record, ServiceNow, fault,
    record::{Display, Shown},
    schema::Table,
    write,
};
use crate::Answer;

const LIST: &[&str] = &[
    "sysparm_display_value",
    "sysparm_exclude_reference_link",
    "sysparm_fields",
    "sysparm_limit",
    "sysparm_no_count",
    "sysparm_offset",
    "sysparm_query",
    "sysparm_query_category",
    "sysparm_query_no_domain",
    "sysparm_suppress_pagination_header",
    "sysparm_view",
];
const GET: &[&str] = &[
    "sysparm_display_value",
    "sysparm_exclude_reference_link",
    "sysparm_fields",
    "sysparm_query_no_domain",
    "sysparm_view",
];
const POST: &[&str] = &[
    "sysparm_display_value",
    "sysparm_exclude_reference_link",
    "sysparm_fields",
    "sysparm_input_display_value",
    "sysparm_view",
];
const PATCH: &[&str] = &[
    "sysparm_display_value",
    "sysparm_fields",
    "sysparm_input_display_value",
    "sysparm_query_no_domain",
    "sysparm_view",
];
const STATS: &[&str] = &[
    "sysparm_avg_fields",
    "sysparm_count",
    "sysparm_display_value",
    "sysparm_group_by",
    "sysparm_having",
    "sysparm_max_fields",
    "sysparm_min_fields",
    "sysparm_order_by",
    "sysparm_query",
    "sysparm_sum_fields",
];

impl ServiceNow {
    pub(super) fn table(&mut self, call: &mut Call<'_>, name: &str) -> Outcome {
        let table = known_table(call, name)?;
        match call.seen.method.as_str() {
            "GET" => self.list(call, table),
            "POST" => self.create(call, table),
            _ => Err(not_allowed(call)),
        }
    }

    pub(super) fn table_record(&mut self, call: &mut Call<'_>, name: &str, id: &str) -> Outcome {
        let table = known_table(call, name)?;
        match call.seen.method.as_str() {
            "GET" => {
                let how = shown(call, GET, table)?;
                let record = self.readable(call, table, id)?;
                Ok(result(200, &self.shown(table, record, &only(call), how)))
            }
            "PATCH" => self.update(call, table, id),
            _ => Err(not_allowed(call)),
        }
    }

    fn list(&mut self, call: &mut Call<'_>, table: &'static Table) -> Outcome {
        let how = shown(call, LIST, table)?;
        self.may_read(table)?;
        let (offset, limit) = window(call, Some(10_000))?;
        let picked = self.matching(call, table, &filter(call));
        let total = picked.len();
        let only = only(call);
        let page = picked.iter().skip(offset).take(limit).filter(|record| !record.hidden);
        let rows: Vec<Value> = page.map(|record| self.shown(table, record, &only, how)).collect();
        let mut answer = result(200, &json!(rows));
        if !call.flag("sysparm_no_count") {
            answer = answer.header("X-Total-Count", total);
        }
        if total > limit && !call.flag("sysparm_suppress_pagination_header") {
            answer = answer.header("Link", self.links(call, offset, limit, total));
        }
        Ok(answer)
    }

    /// The links to the pages around this one.
    fn links(&self, call: &Call<'_>, offset: usize, limit: usize, total: usize) -> String {
        let kept = call.seen.query_pairs();
        let kept = kept.iter().filter(|(name, _)| name != "sysparm_offset" && name != "sysparm_limit");
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        let between = if query.is_empty() { "" } else { "&" };
        let link = |at: usize, rel: &str| {
            let page = format!("sysparm_limit={limit}&sysparm_offset={at}");
            format!("<{}{}?{query}{between}{page}>;rel=\"{rel}\"", self.base, call.seen.path)
        };
        let mut links = vec![link(0, "first")];
        if offset > 0 {
            links.push(link(offset.saturating_sub(limit), "prev"));
        }
        if offset + limit < total {
            links.push(link(offset + limit, "next"));
        }
        links.push(link((total.saturating_sub(1) / limit) * limit, "last"));
        links.join(",")
    }

    fn create(&mut self, call: &mut Call<'_>, table: &'static Table) -> Outcome {
        let how = shown(call, POST, table)?;
        if !self.access.has(&["itil", "admin"]) {
            return Err(fault::acl("Insert"));
        }
        let given = self.given(call, table)?;
        write::policy(table.name, &given)?;
        let user = call.user.clone();
        let id = self.insert(table.name, given, &user);
        let record = self.record(table.name, &id).ok_or_else(fault::no_record)?;
        let location = format!("{}/api/now/table/{}/{id}", self.base, table.name);
        Ok(result(201, &self.shown(table, record, &only(call), how)).header("Location", location))
    }

    fn update(&mut self, call: &mut Call<'_>, table: &'static Table, id: &str) -> Outcome {
        let how = shown(call, PATCH, table)?;
        let mut stored = self.readable(call, table, id)?.fields.clone();
        if !self.access.has(&["itil", "admin"]) {
            return Err(fault::acl("Update"));
        }
        let given = self.given(call, table)?;
        if given.is_empty() {
            call.note("an update of nothing");
        }
        stored.extend(given.clone());
        write::policy(table.name, &stored)?;
        let user = call.user.clone();
        self.change_fields(table.name, id, given, &user);
        let record = self.record(table.name, id).ok_or_else(fault::no_record)?;
        Ok(result(200, &self.shown(table, record, &only(call), how)))
    }

    pub(super) fn stats(&mut self, call: &mut Call<'_>, name: &str) -> Outcome {
        let table = known_table(call, name)?;
        parameters(call, STATS, Some(table));
        self.may_read(table)?;
        let functions = ["avg", "max", "min", "sum"];
        let asked: Vec<(&str, Vec<String>)> = functions
            .iter()
            .map(|function| (*function, listed(call, &format!("sysparm_{function}_fields"))))
            .filter(|(_, fields)| !fields.is_empty())
            .collect();
        let counted = call.flag("sysparm_count");
        if !counted && asked.is_empty() {
            call.note("statistics of nothing");
        }
        let grouped = listed(call, "sysparm_group_by");
        for field in grouped.iter().chain(asked.iter().flat_map(|(_, fields)| fields)) {
            if !table.has(field) {
                call.note(format!("{name} has no field {field}"));
            }
        }
        let mut groups: BTreeMap<Vec<String>, Vec<Record>> = BTreeMap::new();
        for record in self.matching(call, table, &filter(call)).into_iter().filter(|record| !record.hidden) {
            let key = grouped.iter().map(|field| self.walked(&record, field)).collect();
            groups.entry(key).or_default().push(record);
        }
        let statistics = |records: &[Record]| {
            let mut stats = serde_json::Map::new();
            if counted {
                stats.insert("count".to_owned(), json!(records.len().to_string()));
            }
            for (function, fields) in &asked {
                let one = |field: &String| (field.clone(), json!(aggregate(function, records, field)));
                stats.insert((*function).to_owned(), fields.iter().map(one).collect());
            }
            json!(stats)
        };
        if grouped.is_empty() {
            let all = groups.into_values().next().unwrap_or_default();
            return Ok(result(200, &json!({"stats": statistics(&all)})));
        }
        let rows: Vec<Value> = groups
            .iter()
            .map(|(key, records)| {
                let pairs = grouped.iter().zip(key);
                let by: Vec<Value> = pairs.map(|(f, value)| json!({"field": f, "value": value})).collect();
                json!({"stats": statistics(records), "groupby_fields": by})
            })
            .collect();
        Ok(result(200, &json!(rows)))
    }

    fn may_read(&self, table: &Table) -> Result<(), Answer> {
        if table.name == "sys_user" || self.access.has(&["itil", "admin"]) {
            return Ok(());
        }
        let detail = "Field(s) present in the query do not have permission to be read";
        Err(fault::fault(403, "Insufficient rights to query records", detail))
    }

    pub(super) fn readable(&self, call: &mut Call<'_>, table: &Table, id: &str) -> Result<&Record, Answer> {
        if id.len() != 32 || !id.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            call.note(format!("{id:?} is no sys_id"));
        }
        self.record(table.name, id).ok_or_else(fault::no_record)
    }
}

fn known_table(call: &mut Call<'_>, name: &str) -> Result<&'static Table, Answer> {
    Table::named(name).ok_or_else(|| {
        if !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
            call.note(format!("{name:?} names no table"));
        }
        fault::fault(400, &format!("Invalid table {name}"), "")
    })
}

/// Offset and limit. A list without a limit is up to 10,000 records, which nobody means.
pub(super) fn window(call: &mut Call<'_>, most: Option<usize>) -> Result<(usize, usize), Answer> {
    let mut number = |name: &str| -> Result<Option<usize>, Answer> {
        let Some(text) = call.seen.parameter(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            call.note(format!("{name}={text}"));
            fault::fault(400, "Bad Request", &format!("Invalid {name}"))
        })
    };
    let (offset, limit) = (number("sysparm_offset")?, number("sysparm_limit")?);
    if limit.is_none() {
        call.note("no sysparm_limit");
    }
    let most = most.unwrap_or(usize::MAX);
    if limit.is_some_and(|limit| limit == 0 || limit > most) {
        call.note(format!("sysparm_limit is not within 1 and {most}"));
    }
    Ok((offset.unwrap_or_default(), limit.unwrap_or(10_000).clamp(1, most)))
}

fn aggregate(function: &str, records: &[Record], field: &str) -> String {
    let values = records.iter().filter_map(|record| record.get(field).parse::<i64>().ok());
    match function {
        "max" => values.max().map(|value| value.to_string()).unwrap_or_default(),
        "min" => values.min().map(|value| value.to_string()).unwrap_or_default(),
        "sum" => values.sum::<i64>().to_string(),
        _ => {
            let (sum, count) = values.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
            // Four digits after the point, as the vendor gives them.
            let scaled = sum * 10_000 / i64::max(count, 1);
            format!("{}.{:04}", scaled / 10_000, scaled % 10_000)
        }
    }
}

pub(super) fn result(status: u16, value: &Value) -> Answer {
    Answer::json(status, &json!({"result": value}))
}

pub(super) fn not_allowed(call: &mut Call<'_>) -> Answer {
    call.note("the method is not served there");
    fault::not_allowed()
}

/// Notes every query parameter that is neither known nor a field of the table to filter by.
pub(super) fn parameters(call: &mut Call<'_>, known: &[&str], table: Option<&Table>) {
    let pairs = call.seen.query_pairs();
    for (index, (name, _)) in pairs.iter().enumerate() {
        if !known.contains(&name.as_str()) && !table.is_some_and(|table| table.has(name)) {
            call.note(format!("the parameter {name} is not known"));
        }
        if pairs.iter().take(index).any(|(earlier, _)| earlier == name) {
            call.note(format!("the parameter {name} comes twice"));
        }
    }
    let filters = pairs.iter().any(|(name, _)| !name.starts_with("sysparm_"));
    if filters && call.seen.parameter("sysparm_query").is_some() {
        call.note("name-value pairs and sysparm_query exclude each other");
    }
}

/// The filter: an encoded query, or name-value pairs.
pub(super) fn filter(call: &Call<'_>) -> String {
    call.seen.parameter("sysparm_query").unwrap_or_else(|| {
        let pairs = call.seen.query_pairs();
        let plain = pairs.iter().filter(|(name, _)| !name.starts_with("sysparm_") && name != "order");
        plain.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("^")
    })
}

fn shown(call: &mut Call<'_>, known: &[&str], table: &Table) -> Result<Shown, Answer> {
    parameters(call, known, (call.seen.method == "GET").then_some(table));
    for field in listed(call, "sysparm_fields") {
        if !table.has(&field) {
            call.note(format!("{} has no field {field}", table.name));
        }
    }
    let display = match call.seen.parameter("sysparm_display_value").as_deref() {
        None | Some("false") => Display::Value,
        Some("true") => Display::Label,
        Some("all") => Display::Both,
        Some(other) => {
            call.note(format!("sysparm_display_value={other}"));
            return Err(fault::fault(400, "Bad Request", "Invalid sysparm_display_value"));
        }
    };
    Ok(Shown { display, links: !call.flag("sysparm_exclude_reference_link") })
}

fn only(call: &Call<'_>) -> Vec<String> {
    listed(call, "sysparm_fields")
}

fn listed(call: &Call<'_>, parameter: &str) -> Vec<String> {
    let text = call.seen.parameter(parameter).unwrap_or_default();
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
