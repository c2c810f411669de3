//! SOSL as far as it is needed here (`FIND {words} [IN … FIELDS] [RETURNING Object(fields), …] [LIMIT n]`), and the
//! search by parameters, which takes no SOSL.

use serde_json::{Map, Value, json};

use super::{
    Call, Salesforce,
    fault::Fault,
    words::{Word, words},
};
use crate::Answer;

const CODE: &str = "MALFORMED_SEARCH";
/// The most results of one search.
const MOST: usize = 2_000;
/// Characters that a SOSL search must escape.
const RESERVED: &str = "?&|!{}[]()^~*:\\\"'+-";
/// The groups of fields that can be searched.
const SCOPES: [&str; 5] = ["ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"];

/// An object to search, the fields to give back, and how many records at most.
struct Target {
    object: String,
    fields: Vec<String>,
    limit: usize,
}

impl Salesforce {
    pub(super) fn search(&mut self, call: &Call) -> Result<Answer, Fault> {
        call.takes(&["q"])?;
        let statement = call.parameter("q").unwrap_or_default();
        if statement.trim().is_empty() {
            return Err(Fault::new(400, CODE, "No search term found"));
        }
        check_reserved(statement)?;
        let words = words(statement, CODE)?;
        let (wanted, targets, limit) = parse(&words)?;
        self.find(call, &wanted, targets, limit)
    }

    pub(super) fn parameterized(&mut self, call: &Call) -> Result<Answer, Fault> {
        let (wanted, targets, limit) = if call.method == "GET" { by_query(call)? } else { by_body(call)? };
        if wanted.chars().count() < 2 {
            return Err(Fault::new(400, "INVALID_SEARCH", "search term must be longer than one character"));
        }
        self.find(call, &wanted, targets, limit)
    }

    fn find(
        &mut self,
        call: &Call,
        wanted: &str,
        targets: Vec<Target>,
        limit: usize,
    ) -> Result<Answer, Fault> {
        let wanted = wanted.trim_end_matches('*').to_lowercase();
        let mut found = Vec::new();
        for target in targets {
            let object = self.org.object(&target.object).map_err(|_| {
                let why = format!("sObject type '{}' is not supported.", target.object);
                Fault::new(400, "INVALID_TYPE", why)
            })?;
            object.permitted()?;
            let fields = target.fields.iter().map(|name| object.known(name).map(|field| field.name));
            let fields: Vec<&str> = fields.collect::<Result<_, _>>()?;
            let hit = |record: &&Map<String, Value>| {
                record.values().filter_map(Value::as_str).any(|text| text.to_lowercase().contains(&wanted))
            };
            let rows = object.records.values().filter(hit).take(target.limit);
            found.extend(rows.map(|record| object.shown(record, &fields, call)));
        }
        found.truncate(limit.min(MOST));
        Ok(Answer::json(200, &json!({"searchRecords": found})))
    }
}

fn everything() -> Vec<Target> {
    let target = |object: &str| Target { object: object.into(), fields: vec!["Id".into()], limit: MOST };
    ["Account", "Contact", "Opportunity"].map(target).into()
}

/// Reserved characters between the braces must stand behind a backslash.
fn check_reserved(statement: &str) -> Result<(), Fault> {
    let Some((_, inside)) = statement.split_once('{') else { return Ok(()) };
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '}' => return Ok(()),
            // An asterisk and quotation marks are operators, which a search may well use.
            '*' | '"' => {}
            c if RESERVED.contains(c) => {
                return Err(Fault::new(400, CODE, format!("unexpected token: {c}")));
            }
            _ => {}
        }
    }
    Ok(())
}

fn parse(words: &[Word]) -> Result<(String, Vec<Target>, usize), Fault> {
    let unexpected = || Fault::new(400, CODE, "unexpected token");
    let [find, Word::Braced(wanted), rest @ ..] = words else { return Err(unexpected()) };
    if !find.is("FIND") {
        return Err(unexpected());
    }
    let mut rest = rest;
    if let [within, Word::Plain(scope), fields, tail @ ..] = rest
        && within.is("IN")
    {
        if !fields.is("FIELDS") || !SCOPES.iter().any(|known| known.eq_ignore_ascii_case(scope)) {
            return Err(unexpected());
        }
        rest = tail;
    }
    let mut targets = Vec::new();
    if let [returning, tail @ ..] = rest
        && returning.is("RETURNING")
    {
        rest = tail;
        loop {
            let [Word::Plain(object), tail @ ..] = rest else { return Err(unexpected()) };
            let (fields, tail) = listed(tail).ok_or_else(unexpected)?;
            targets.push(Target { object: object.clone(), fields, limit: MOST });
            match tail {
                [comma, tail @ ..] if comma.is(",") => rest = tail,
                tail => {
                    rest = tail;
                    break;
                }
            }
        }
    }
    let limit = match rest {
        [] => MOST,
        [limit, Word::Plain(number)] if limit.is("LIMIT") => number.parse().map_err(|_| unexpected())?,
        _ => return Err(unexpected()),
    };
    let targets = if targets.is_empty() { everything() } else { targets };
    Ok((wanted.clone(), targets, limit))
}

/// The fields in parentheses, where there are some, and what follows.
fn listed(words: &[Word]) -> Option<(Vec<String>, &[Word])> {
    let [open, inside @ ..] = words else { return Some((vec!["Id".into()], words)) };
    if !open.is("(") {
        return Some((vec!["Id".into()], words));
    }
    let close = inside.iter().position(|word| word.is(")"))?;
    let (inside, tail) = inside.split_at(close);
    let fields = inside.iter().step_by(2).map(|word| match word {
        Word::Plain(name) => Some(name.clone()),
        _ => None,
    });
    Some((fields.collect::<Option<_>>()?, tail.get(1..)?))
}

fn by_query(call: &Call) -> Result<(String, Vec<Target>, usize), Fault> {
    let objects: Vec<&str> =
        call.query.iter().filter(|(name, _)| name == "sobject").map(|(_, value)| value.as_str()).collect();
    for (name, _) in &call.query {
        let of_object = name.split_once('.').is_some_and(|(object, member)| {
            objects.contains(&object) && ["fields", "limit", "where"].contains(&member)
        });
        if !of_object
            && !["q", "sobject", "fields", "in", "overallLimit", "defaultLimit"].contains(&name.as_str())
        {
            return Err(Fault::violation(format!("parameterizedSearch takes no parameter {name}")));
        }
    }
    let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let common = call.parameter("fields").map_or_else(|| vec!["Id".to_owned()], names);
    let most = limit(call.parameter("defaultLimit").map(|text| json!(text.parse::<u64>().ok())).as_ref())?;
    let mut targets = Vec::new();
    for object in objects {
        let fields = call.parameter(&format!("{object}.fields")).map_or_else(|| common.clone(), names);
        targets.push(Target { object: object.to_owned(), fields, limit: most });
    }
    let overall = limit(call.parameter("overallLimit").map(|text| json!(text.parse::<u64>().ok())).as_ref())?;
    let targets = if targets.is_empty() { everything() } else { targets };
    Ok((call.parameter("q").unwrap_or_default().to_owned(), targets, overall))
}

fn by_body(call: &Call) -> Result<(String, Vec<Target>, usize), Fault> {
    call.takes(&[])?;
    let body = call.object()?;
    known(body, &["q", "sobjects", "fields", "in", "overallLimit", "defaultLimit", "spellCorrection"])?;
    let scope = body.get("in").map_or("ALL", |scope| scope.as_str().unwrap_or_default());
    if !SCOPES.contains(&scope) {
        return Err(Fault::new(400, "INVALID_SEARCH_SCOPE", format!("invalid scope: {scope}")));
    }
    let names = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let wrong = || Fault::parser("Cannot deserialize instance of string[]");
    let common = body.get("fields").map_or_else(|| Some(vec!["Id".to_owned()]), names).ok_or_else(wrong)?;
    let most = limit(body.get("defaultLimit"))?;
    let mut targets = Vec::new();
    for target in body.get("sobjects").and_then(Value::as_array).into_iter().flatten() {
        let target = target.as_object().ok_or_else(wrong)?;
        known(target, &["name", "fields", "limit", "where", "orderBy"])?;
        let object = target.get("name").and_then(Value::as_str).ok_or_else(wrong)?.to_owned();
        let fields = target.get("fields").map_or_else(|| Some(common.clone()), names).ok_or_else(wrong)?;
        targets.push(Target { object, fields, limit: limit(target.get("limit"))?.min(most) });
    }
    let wanted = body.get("q").and_then(Value::as_str).unwrap_or_default().to_owned();
    let targets = if targets.is_empty() { everything() } else { targets };
    Ok((wanted, targets, limit(body.get("overallLimit"))?))
}

fn limit(value: Option<&Value>) -> Result<usize, Fault> {
    let Some(value) = value else { return Ok(MOST) };
    let limit = value.as_u64().and_then(|limit| usize::try_from(limit).ok());
    let within = limit.filter(|limit| (1..=MOST).contains(limit));
    within.ok_or_else(|| Fault::new(400, "INVALID_SEARCH", "limit must be between 1 and 2000"))
}

fn known(object: &Map<String, Value>, keys: &[&str]) -> Result<(), Fault> {
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(Fault::violation(format!("a search takes no member {key}"))),
        None => Ok(()),
    }
}
