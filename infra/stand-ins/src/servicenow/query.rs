//! Encoded queries: conditions joined by `^`, alternatives by `^OR` and `^NQ`, an order at the end. `^^` is a caret
//! in a value. A condition that makes no sense is passed over, which gives more records and not fewer.

use super::{Call, Record, ServiceNow, schema::Table};

const OPERATORS: [&str; 14] = [
    "NOT LIKE",
    "STARTSWITH",
    "ENDSWITH",
    "ISNOTEMPTY",
    "ISEMPTY",
    "NOT IN",
    "LIKE",
    "IN",
    "!=",
    ">=",
    "<=",
    "=",
    ">",
    "<",
];

struct Condition {
    field: String,
    operator: &'static str,
    value: String,
}

#[derive(Default)]
struct Query {
    /// Any of these; in each all of these; in each any of these.
    any: Vec<Vec<Vec<Condition>>>,
    order: Vec<(String, bool)>,
}

impl ServiceNow {
    /// The records that a query picks, in its order; hidden ones too, as the limit comes before the ACLs.
    pub(super) fn matching(&mut self, call: &mut Call<'_>, table: &Table, encoded: &str) -> Vec<Record> {
        let query = self.parsed(call, table, encoded);
        let holds = |record: &Record, condition: &Condition| {
            let value = self.walked(record, &condition.field);
            condition.holds(&value)
        };
        let picks = |record: &&Record| {
            query.any.is_empty()
                || query.any.iter().any(|all| {
                    all.iter().all(|either| either.iter().any(|condition| holds(record, condition)))
                })
        };
        let records = self.tables.get(table.name).map(Vec::as_slice).unwrap_or_default();
        let mut picked: Vec<Record> = records.iter().filter(picks).cloned().collect();
        for (field, descending) in query.order.iter().rev() {
            picked.sort_by_key(|record| record.get(field).to_owned());
            if *descending {
                picked.reverse();
            }
        }
        picked
    }

    fn parsed(&mut self, call: &mut Call<'_>, table: &Table, encoded: &str) -> Query {
        let mut query = Query::default();
        for (index, term) in terms(encoded).into_iter().enumerate() {
            if term.is_empty() || term == "EQ" {
                continue;
            }
            if let Some(field) = term.strip_prefix("ORDERBYDESC").or(term.strip_prefix("ORDERBY")) {
                if !table.has(field) {
                    call.note(format!("the query is ordered by {field:?}, which {} lacks", table.name));
                }
                query.order.push((field.to_owned(), term.starts_with("ORDERBYDESC")));
                continue;
            }
            let (joint, term) = match (term.strip_prefix("NQ"), term.strip_prefix("OR")) {
                (Some(rest), _) if index > 0 => ("NQ", rest),
                (_, Some(rest)) if index > 0 => ("OR", rest),
                _ => ("", term.as_str()),
            };
            let Some(condition) = self.condition(call, table, term) else { continue };
            if query.any.is_empty() || joint == "NQ" {
                query.any.push(Vec::new());
            }
            let Some(all) = query.any.last_mut() else { continue };
            match all.last_mut() {
                Some(either) if joint == "OR" => either.push(condition),
                _ => all.push(vec![condition]),
            }
        }
        query
    }

    fn condition(&mut self, call: &mut Call<'_>, table: &Table, term: &str) -> Option<Condition> {
        let end = term.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c)));
        let (field, rest) = term.split_at(end.unwrap_or(term.len()));
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator));
        let Some(operator) = operator.filter(|_| table.has(field)) else {
            call.note(format!("the condition {term:?} makes no sense for {}: it is passed over", table.name));
            return None;
        };
        let mut value = rest.strip_prefix(operator).unwrap_or_default().to_owned();
        if value.starts_with("javascript:") {
            self.scripts_run += 1;
            value = match value.as_str() {
                "javascript:gs.getUserName()" => call.user.clone(),
                "javascript:gs.getUserID()" => {
                    let users = self.tables.get("sys_user").map(Vec::as_slice).unwrap_or_default();
                    let own = users.iter().find(|user| user.get("user_name") == call.user);
                    own.map_or(String::new(), |user| user.get("sys_id").to_owned())
                }
                _ => String::new(),
            };
        }
        Some(Condition { field: field.to_owned(), operator, value })
    }
}

/// The terms between carets, each with its doubled carets made single.
fn terms(encoded: &str) -> Vec<String> {
    let (mut terms, mut term) = (Vec::new(), String::new());
    let mut rest = encoded.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '^' || rest.next_if_eq(&'^').is_some() {
            term.push(c);
        } else {
            terms.push(std::mem::take(&mut term));
        }
    }
    terms.push(term);
    terms
}

impl Condition {
    fn holds(&self, value: &str) -> bool {
        let (wanted, lower) = (self.value.as_str(), value.to_lowercase());
        let listed = || wanted.split(',').any(|one| one.trim() == value);
        match self.operator {
            "=" => value == wanted,
            "!=" => value != wanted,
            "LIKE" => lower.contains(&wanted.to_lowercase()),
            "NOT LIKE" => !lower.contains(&wanted.to_lowercase()),
            "STARTSWITH" => lower.starts_with(&wanted.to_lowercase()),
            "ENDSWITH" => lower.ends_with(&wanted.to_lowercase()),
            "IN" => listed(),
            "NOT IN" => !listed(),
            "ISEMPTY" => value.is_empty(),
            "ISNOTEMPTY" => !value.is_empty(),
            ">" => value > wanted,
            "<" => value < wanted,
            ">=" => value >= wanted,
            "<=" => value <= wanted,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;

    /// The numbers that a query picks from three incidents, and what was noted.
    fn picked(encoded: &str) -> (Vec<String>, usize) {
        let mut instance = ServiceNow::new("http://x");
        for (state, text, severity) in [("1", "printer", "3"), ("2", "a^b", "1"), ("6", "Printer", "2")] {
            instance
                .seed("incident", &[("state", state), ("short_description", text), ("severity", severity)]);
        }
        let seen = Seen {
            method: "GET".into(),
            path: "/x".into(),
            query: String::new(),
            headers: axum::http::HeaderMap::new(),
            body: Vec::new(),
        };
        let mut violations = Vec::new();
        let mut call = Call { seen: &seen, violations: &mut violations, user: "agent".into() };
        let table = Table::named("incident").unwrap();
        let found = instance.matching(&mut call, table, encoded);
        let states = found.iter().map(|record| record.get("state").to_owned()).collect();
        (states, violations.len())
    }

    #[test]
    fn conditions_are_joined_as_documented() {
        for (encoded, expected) in [
            ("", "1 2 6"),
            ("state=1", "1"),
            ("state=1^ORstate=2", "1 2"),
            ("state=1^ORstate=2^severity=1", "2"),
            ("state=1^severity=3^NQstate=6", "1 6"),
            ("short_descriptionLIKEprint", "1 6"),
            ("short_description=a^^b", "2"),
            ("stateIN1,6", "1 6"),
            ("stateIN1,6^ORDERBYDESCstate", "6 1"),
            ("ORDERBYseverity", "2 6 1"),
            ("caller_idISEMPTY^state!=1", "2 6"),
        ] {
            assert_eq!(picked(encoded), (expected.split(' ').map(str::to_owned).collect(), 0), "{encoded}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_passed_over_and_noted() {
        assert_eq!(picked("stat=1").1, 1);
        assert_eq!(picked("stat=1").0.len(), 3);
        assert_eq!(picked("short_description=x^NQstate=1").0, ["1"]);
    }
}
