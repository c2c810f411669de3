//! Search: filters in groups (any group, every filter of it), a text, one sort, a cursor that is an offset.

use serde_json::{Value, json};

use super::{HubSpot, errors::invalid, kinds::Kind, records::Record};
use crate::{Answer, seen::Seen, strict};

const OPERATORS: [&str; 13] = [
    "BETWEEN",
    "CONTAINS_TOKEN",
    "EQ",
    "GT",
    "GTE",
    "HAS_PROPERTY",
    "IN",
    "LT",
    "LTE",
    "NEQ",
    "NOT_CONTAINS_TOKEN",
    "NOT_HAS_PROPERTY",
    "NOT_IN",
];
/// A search leads on beyond this, and refuses to follow.
const MOST: usize = 10_000;

impl HubSpot {
    pub(super) fn search(
        &self,
        kind: &'static Kind,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &[]));
        let body = Self::body(seen, violations)?;
        let required = ["after", "filterGroups", "limit", "properties", "sorts"];
        let known: Vec<&str> = required.into_iter().chain(["query"]).collect();
        violations.extend(strict::members(&body, &known, "a search"));
        // The specification requires them all.
        if let Some(missing) = required.iter().find(|name| body.get(**name).is_none()) {
            violations.push(format!("a search without `{missing}`"));
            return Err(invalid(&format!("Some required fields were not set: [{missing}]")));
        }
        let limit = body["limit"].as_u64().unwrap_or_default();
        if !(1..=200).contains(&limit) {
            return Err(invalid("There was a problem with the request. limit must be between 1 and 200."));
        }
        let after = body["after"].as_str().and_then(|after| after.parse::<usize>().ok());
        let after = after.ok_or_else(|| invalid("There was a problem with the request. Bad after value."))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if after + limit > MOST {
            return Err(invalid("There was a problem with the request. Paging beyond 10000 is not allowed."));
        }
        let groups = groups(kind, &body["filterGroups"], violations)?;
        let text = body["query"].as_str().unwrap_or_default().to_lowercase();
        let mut found: Vec<&Record> = self
            .records
            .live(kind)
            .filter(|record| groups.is_empty() || groups.iter().any(|group| fits(kind, record, group)))
            .filter(|record| record.properties.values().any(|value| value.to_lowercase().contains(&text)))
            .collect();
        sort(kind, &mut found, &body["sorts"])?;
        let properties = Self::names(&body["properties"]);
        let total = found.len();
        let page: Vec<Value> =
            found.iter().skip(after).take(limit).map(|record| record.shown(kind, &properties, &[])).collect();
        let next = after + page.len();
        let mut answer = json!({"total": total, "results": page});
        if next < total {
            answer["paging"] = json!({"next": {"after": next.to_string()}});
        }
        Ok(Answer::json(200, &answer))
    }
}

/// The filters of each group, every one of them checked.
fn groups<'b>(
    kind: &Kind,
    groups: &'b Value,
    violations: &mut Vec<String>,
) -> Result<Vec<Vec<&'b Value>>, Answer> {
    let groups = groups.as_array().ok_or_else(|| invalid("Invalid input JSON: filterGroups is no array"))?;
    if groups.len() > 5 {
        return Err(invalid("There was a problem with the request. Too many filter groups: the most is 5."));
    }
    let mut all = Vec::new();
    for group in groups {
        violations.extend(strict::members(group, &["filters"], "a filter group"));
        let filters: Vec<&Value> = group["filters"].as_array().into_iter().flatten().collect();
        if filters.is_empty() || filters.len() > 6 {
            return Err(invalid("There was a problem with the request. A group has 1 to 6 filters."));
        }
        for filter in &filters {
            let known = ["propertyName", "operator", "value", "values", "highValue"];
            violations.extend(strict::members(filter, &known, "a filter"));
            check(kind, filter)?;
        }
        all.push(filters);
    }
    Ok(all)
}

fn check(kind: &Kind, filter: &Value) -> Result<(), Answer> {
    let operator = filter["operator"].as_str().unwrap_or_default();
    if !OPERATORS.contains(&operator) {
        let message = format!("Invalid input JSON: Cannot deserialize `operator` from \"{operator}\"");
        return Err(invalid(&message));
    }
    let name = filter["propertyName"].as_str().unwrap_or_default();
    if !kind.knows(name) && !name.starts_with("associations.") {
        let message = format!("There was a problem with the request. Unknown property {name}.");
        return Err(invalid(&message));
    }
    let text = |member: &str| filter[member].is_string();
    let fits = match operator {
        "HAS_PROPERTY" | "NOT_HAS_PROPERTY" => true,
        "IN" | "NOT_IN" => filter["values"].as_array().is_some_and(|all| all.iter().all(Value::is_string)),
        "BETWEEN" => text("value") && text("highValue"),
        _ => text("value"),
    };
    let message = format!("There was a problem with the request. Bad value for operator {operator}.");
    if fits { Ok(()) } else { Err(invalid(&message)) }
}

fn fits(kind: &Kind, record: &Record, filters: &[&Value]) -> bool {
    filters.iter().all(|filter| fits_one(kind, record, filter))
}

fn fits_one(kind: &Kind, record: &Record, filter: &Value) -> bool {
    let name = filter["propertyName"].as_str().unwrap_or_default();
    let text = |member: &str| filter[member].as_str().unwrap_or_default().to_lowercase();
    if let Some(other) = name.strip_prefix("associations.").and_then(Kind::find) {
        return record.links.iter().any(|(kind, id)| *kind == other.name && id.to_string() == text("value"));
    }
    let value = record.value(kind, name);
    let there = value.is_some();
    let value = value.unwrap_or_default().to_lowercase();
    let listed =
        || filter["values"].as_array().into_iter().flatten().filter_map(Value::as_str).any(|v| v == value);
    let token = || {
        let wanted = text("value");
        let wanted = wanted.trim_matches('*');
        value.split(|c: char| !c.is_alphanumeric()).any(|part| part == wanted) || value.contains(wanted)
    };
    match filter["operator"].as_str().unwrap_or_default() {
        "HAS_PROPERTY" => there,
        "NOT_HAS_PROPERTY" => !there,
        "EQ" => there && value == text("value"),
        "NEQ" => value != text("value"),
        "IN" => there && listed(),
        "NOT_IN" => !listed(),
        "CONTAINS_TOKEN" => there && token(),
        "NOT_CONTAINS_TOKEN" => !token(),
        "GT" => there && number(&value) > number(&text("value")),
        "GTE" => there && number(&value) >= number(&text("value")),
        "LT" => there && number(&value) < number(&text("value")),
        "LTE" => there && number(&value) <= number(&text("value")),
        _ => there && (number(&text("value"))..=number(&text("highValue"))).contains(&number(&value)),
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

/// A sort is a property's name, with a minus in front for the other way, or an object that says both.
fn sort(kind: &Kind, found: &mut [&Record], sorts: &Value) -> Result<(), Answer> {
    let sorts = sorts.as_array().ok_or_else(|| invalid("Invalid input JSON: sorts is no array"))?;
    if sorts.len() > 1 {
        return Err(invalid("There was a problem with the request. Only one sort is allowed."));
    }
    let Some(sort) = sorts.first() else { return Ok(()) };
    let (name, down) = match sort {
        Value::String(name) => (name.trim_start_matches('-').to_owned(), name.starts_with('-')),
        _ => (
            sort["propertyName"].as_str().unwrap_or_default().to_owned(),
            sort["direction"].as_str() == Some("DESCENDING"),
        ),
    };
    if !kind.knows(&name) {
        return Err(invalid(&format!("There was a problem with the request. Unknown property {name}.")));
    }
    found.sort_by_key(|record| (record.value(kind, &name).unwrap_or_default(), record.id));
    if down {
        found.reverse();
    }
    Ok(())
}
