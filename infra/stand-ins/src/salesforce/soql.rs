//! SOQL as far as it is needed here: one object, conditions joined by AND, an order, a limit; and its pages.

use serde_json::{Map, Value, json};

use super::{
    Call, Salesforce,
    fault::Fault,
    org::Object,
    words::{Word, words},
};
use crate::Answer;

const CODE: &str = "MALFORMED_QUERY";
/// The longest statement, in characters.
const LONGEST: usize = 100_000;

struct Query {
    fields: Vec<String>,
    object: String,
    conditions: Vec<(String, String, Vec<Value>)>,
    order: Option<(String, bool)>,
    limit: Option<usize>,
}

impl Salesforce {
    pub(super) fn query(&mut self, call: &Call) -> Result<Answer, Fault> {
        call.takes(&["q"])?;
        let statement = call
            .parameter("q")
            .ok_or_else(|| Fault::new(400, CODE, "SOQL statements cannot be empty or null"))?;
        if statement.chars().count() > LONGEST {
            return Err(Fault::new(400, "QUERY_TOO_COMPLICATED", "SOQL statement is too long"));
        }
        let size = page_size(&call.options)?.min(self.page_rows);
        let query = Parser { words: words(statement, CODE)?, at: 0 }.query()?;
        let unsupported = |_| {
            let why = format!("sObject type '{}' is not supported.", query.object);
            Fault::new(400, "INVALID_TYPE", why)
        };
        let object = self.org.object(&query.object).map_err(unsupported)?;
        object.permitted()?;
        let rows = object.select(&query, call)?;
        let Some(rows) = rows else {
            let count = object.matching(&query)?.len();
            return Ok(Answer::json(200, &json!({"totalSize": count, "done": true, "records": []})));
        };
        let locator = format!("0r8Kd{:010}AAA", self.locators.len() + 1);
        self.locators.insert(locator.clone(), rows);
        self.page(call, &locator, 0, size)
    }

    /// A further page: the locator, and where it begins behind a hyphen.
    pub(super) fn more(&mut self, call: &Call, locator: &str) -> Result<Answer, Fault> {
        let invalid = || Fault::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        let (locator, at) = locator.split_once('-').ok_or_else(invalid)?;
        let at: usize = at.parse().map_err(|_| invalid())?;
        if !self.locators.contains_key(locator) {
            return Err(invalid());
        }
        let size = page_size(&call.options)?.min(self.page_rows);
        self.page(call, locator, at, size)
    }

    /// The cursors are lost, as after two days.
    pub fn forget_locators(&mut self) {
        self.locators.clear();
    }

    fn page(&self, call: &Call, locator: &str, at: usize, size: usize) -> Result<Answer, Fault> {
        let rows = self.locators.get(locator).ok_or_else(Fault::no_resource)?;
        let page: Vec<&Value> = rows.iter().skip(at).take(size).collect();
        let next = at + page.len();
        let mut body = json!({"totalSize": rows.len(), "done": next >= rows.len(), "records": page});
        if let (true, Some(members)) = (next < rows.len(), body.as_object_mut()) {
            members.insert("nextRecordsUrl".into(), json!(call.path(&format!("query/{locator}-{next}"))));
        }
        Ok(Answer::json(200, &body))
    }
}

/// The rows of a page as `Sforce-Query-Options` asks: 200 to 2,000. Values outside are taken as the nearest inside by
/// Salesforce; a correct client sends none.
fn page_size(options: &str) -> Result<usize, Fault> {
    if options.is_empty() {
        return Ok(2_000);
    }
    let size = options.strip_prefix("batchSize=").and_then(|size| size.parse().ok());
    size.filter(|size| (200..=2_000).contains(size))
        .ok_or_else(|| Fault::violation(format!("Sforce-Query-Options: {options}")))
}

impl Object {
    /// The rows; none where only their number is asked for.
    fn select(&self, query: &Query, call: &Call) -> Result<Option<Vec<Value>>, Fault> {
        if query.fields.iter().any(|field| field.eq_ignore_ascii_case("COUNT()")) {
            return Ok(None);
        }
        let fields: Vec<&str> = query
            .fields
            .iter()
            .map(|name| self.known(name).map(|field| field.name))
            .collect::<Result<_, _>>()?;
        let rows = self.matching(query)?.into_iter().map(|record| self.shown(record, &fields, call));
        Ok(Some(rows.collect()))
    }

    /// A record with its attributes and these fields.
    pub(super) fn shown(&self, record: &Map<String, Value>, fields: &[&str], call: &Call) -> Value {
        let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
        let url = call.path(&format!("sobjects/{}/{id}", self.name));
        let mut row = Map::from_iter([("attributes".to_owned(), json!({"type": self.name, "url": url}))]);
        for field in fields {
            row.insert((*field).to_owned(), record.get(*field).cloned().unwrap_or_default());
        }
        Value::Object(row)
    }

    fn matching(&self, query: &Query) -> Result<Vec<&Map<String, Value>>, Fault> {
        let mut conditions = Vec::new();
        for (name, operator, values) in &query.conditions {
            conditions.push((self.known(name)?.name, operator.as_str(), values));
        }
        let fits = |record: &&Map<String, Value>| {
            conditions.iter().all(|(name, operator, values)| {
                holds(record.get(*name).unwrap_or(&Value::Null), operator, values)
            })
        };
        let mut found: Vec<_> = self.records.values().filter(fits).collect();
        if let Some((name, down)) = &query.order {
            let name = self.known(name)?.name;
            found.sort_by_key(|record| record.get(name).map(Value::to_string).unwrap_or_default());
            if *down {
                found.reverse();
            }
        }
        found.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(found)
    }
}

fn holds(value: &Value, operator: &str, wanted: &[Value]) -> bool {
    let same = |wanted: &Value| match (value, wanted) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    };
    let order = |wanted: &Value| value.as_f64().zip(wanted.as_f64()).and_then(|(a, b)| a.partial_cmp(&b));
    let first = wanted.first().unwrap_or(&Value::Null);
    match operator {
        "=" | "IN" => wanted.iter().any(same),
        "!=" | "<>" => !same(first),
        "<" => order(first).is_some_and(std::cmp::Ordering::is_lt),
        ">" => order(first).is_some_and(std::cmp::Ordering::is_gt),
        "<=" => order(first).is_some_and(std::cmp::Ordering::is_le),
        ">=" => order(first).is_some_and(std::cmp::Ordering::is_ge),
        "LIKE" => {
            let pattern = first.as_str().unwrap_or_default().to_lowercase();
            like(&value.as_str().unwrap_or_default().to_lowercase(), &pattern)
        }
        _ => false,
    }
}

fn like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter().any(|at| rest.get(at..).is_some_and(|rest| like(rest, tail)))
        }),
    }
}

struct Parser {
    words: Vec<Word>,
    at: usize,
}

impl Parser {
    fn query(mut self) -> Result<Query, Fault> {
        self.keyword("SELECT")?;
        let mut fields = vec![self.field()?];
        while self.eats(",") {
            fields.push(self.field()?);
        }
        self.keyword("FROM")?;
        let mut query =
            Query { fields, object: self.name()?, conditions: Vec::new(), order: None, limit: None };
        if self.eats("WHERE") {
            query.conditions.push(self.condition()?);
            while self.eats("AND") {
                query.conditions.push(self.condition()?);
            }
        }
        if self.eats("ORDER") {
            self.keyword("BY")?;
            let name = self.name()?;
            let down = !self.eats("ASC") && self.eats("DESC");
            query.order = Some((name, down));
        }
        if self.eats("LIMIT") {
            query.limit = Some(self.name()?.parse().map_err(|_| self.unexpected())?);
        }
        if self.at < self.words.len() { Err(self.unexpected()) } else { Ok(query) }
    }

    fn field(&mut self) -> Result<String, Fault> {
        let name = self.name()?;
        if self.eats("(") {
            self.keyword(")")?;
            return Ok(format!("{name}()"));
        }
        Ok(name)
    }

    fn condition(&mut self) -> Result<(String, String, Vec<Value>), Fault> {
        let name = self.name()?;
        let operators = ["=", "!=", "<>", "<=", ">=", "<", ">", "LIKE", "IN"];
        let operator = operators.into_iter().find(|operator| self.eats(operator));
        let operator = operator.ok_or_else(|| self.unexpected())?;
        let mut values = Vec::new();
        if operator == "IN" {
            self.keyword("(")?;
            values.push(self.value()?);
            while self.eats(",") {
                values.push(self.value()?);
            }
            self.keyword(")")?;
        } else {
            values.push(self.value()?);
        }
        Ok((name, operator.to_owned(), values))
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let value = match self.words.get(self.at) {
            Some(Word::Text(text)) => json!(text),
            Some(Word::Plain(word)) => match word.to_ascii_lowercase().as_str() {
                "null" => Value::Null,
                "true" => json!(true),
                "false" => json!(false),
                number => number.parse::<f64>().map(|number| json!(number)).map_err(|_| self.unexpected())?,
            },
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(value)
    }

    fn name(&mut self) -> Result<String, Fault> {
        match self.words.get(self.at) {
            Some(Word::Plain(word)) => {
                self.at += 1;
                Ok(word.clone())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn eats(&mut self, keyword: &str) -> bool {
        let there = self.words.get(self.at).is_some_and(|word| word.is(keyword));
        self.at += usize::from(there);
        there
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if self.eats(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Fault {
        let word = match self.words.get(self.at) {
            Some(Word::Plain(text) | Word::Sign(text) | Word::Text(text) | Word::Braced(text)) => text,
            None => "<EOF>",
        };
        Fault::new(400, CODE, format!("unexpected token: '{word}'"))
    }
}
