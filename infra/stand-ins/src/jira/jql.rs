//! A part of JQL: conditions joined by AND, and an order.

use super::Issue;

/// Fields that a query may name.
const FIELDS: [&str; 8] =
    ["project", "key", "issuekey", "status", "summary", "assignee", "issuetype", "labels"];
const UNBOUNDED: &str =
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.";

/// A query.
pub(super) struct Query {
    conditions: Vec<Condition>,
    /// Whether the last comes first.
    pub(super) descending: bool,
}

struct Condition {
    field: String,
    operator: &'static str,
    values: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

impl Query {
    /// Reads a query, or says what Jira says against it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = tokens(text)?.into_iter().peekable();
        let (mut conditions, mut descending) = (Vec::new(), false);
        let is = |token: Option<&Token>, word: &str| matches!(token, Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        while tokens.peek().is_some() && !is(tokens.peek(), "order") {
            if !conditions.is_empty() {
                let joined = tokens.next();
                if !is(joined.as_ref(), "and") {
                    return Err(format!(
                        "Error in the JQL Query: Expecting either 'OR' or 'AND' but got {joined:?}."
                    ));
                }
            }
            let Some(Token::Word(field) | Token::Text(field)) = tokens.next() else {
                return Err("Error in the JQL Query: Expecting a field name.".into());
            };
            if !FIELDS.iter().any(|known| known.eq_ignore_ascii_case(&field)) {
                return Err(format!(
                    "Field '{field}' does not exist or you do not have permission to view it."
                ));
            }
            let operator = match tokens.next() {
                Some(Token::Sign(sign @ ("=" | "!=" | "~"))) => sign,
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("in") => "in",
                other => {
                    return Err(format!("Error in the JQL Query: Expecting operator but got {other:?}."));
                }
            };
            let mut values = Vec::new();
            loop {
                match tokens.next() {
                    Some(Token::Word(value) | Token::Text(value)) => values.push(value),
                    Some(Token::Sign("(" | ",")) if operator == "in" => continue,
                    Some(Token::Sign(")")) if operator == "in" => break,
                    other => {
                        return Err(format!("Error in the JQL Query: Expecting a value but got {other:?}."));
                    }
                }
                if operator != "in" {
                    break;
                }
            }
            conditions.push(Condition { field: field.to_lowercase(), operator, values });
        }
        if tokens.next().is_some() {
            if !is(tokens.next().as_ref(), "by") {
                return Err("Error in the JQL Query: Expecting 'by'.".into());
            }
            for token in tokens {
                descending |= is(Some(&token), "desc");
            }
        }
        if conditions.is_empty() { Err(UNBOUNDED.into()) } else { Ok(Self { conditions, descending }) }
    }

    /// Whether an issue is among those it finds.
    pub(super) fn matches(&self, issue: &Issue) -> bool {
        self.conditions.iter().all(|condition| condition.matches(issue))
    }
}

impl Condition {
    fn matches(&self, issue: &Issue) -> bool {
        let field = |name: &str| issue.fields.get(name);
        let text = |name: &str, part: &str| {
            field(name).and_then(|value| value[part].as_str()).unwrap_or_default().to_lowercase()
        };
        let found: Vec<String> = match self.field.as_str() {
            "project" => vec![text("project", "key"), text("project", "id")],
            "status" => vec![text("status", "name")],
            "issuetype" => vec![text("issuetype", "name")],
            "assignee" => vec![text("assignee", "accountId")],
            "summary" => vec![field("summary").and_then(|v| v.as_str()).unwrap_or_default().to_lowercase()],
            "labels" => field("labels")
                .and_then(|labels| labels.as_array())
                .into_iter()
                .flatten()
                .filter_map(|label| label.as_str().map(str::to_lowercase))
                .collect(),
            _ => vec![issue.key.to_lowercase()],
        };
        let wanted: Vec<String> = self.values.iter().map(|value| value.to_lowercase()).collect();
        match self.operator {
            "~" => wanted.iter().all(|wanted| found.iter().any(|found| found.contains(wanted))),
            "!=" => !wanted.iter().any(|wanted| found.contains(wanted)),
            _ => wanted.iter().any(|wanted| found.contains(wanted)),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text.chars().peekable());
    while let Some(c) = rest.next() {
        tokens.push(match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Sign("("),
            ')' => Token::Sign(")"),
            ',' => Token::Sign(","),
            '=' => Token::Sign("="),
            '~' => Token::Sign("~"),
            '!' if rest.next_if_eq(&'=').is_some() => Token::Sign("!="),
            quote @ ('"' | '\'') => {
                let mut word = String::new();
                loop {
                    match rest.next() {
                        None => {
                            return Err(
                                "Error in the JQL Query: The quoted string has not been completed.".into()
                            );
                        }
                        Some('\\') => word.extend(rest.next()),
                        Some(c) if c == quote => break,
                        Some(c) => word.push(c),
                    }
                }
                Token::Text(word)
            }
            c if c.is_alphanumeric() || "-_.:@[]".contains(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || "-_.:@[]".contains(*c)) {
                    word.push(c);
                }
                Token::Word(word)
            }
            other => {
                return Err(format!(
                    "Error in the JQL Query: The character '{other}' is a reserved JQL character."
                ));
            }
        });
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn found(jql: &str) -> bool {
        let fields = [
            ("project", json!({"key": "ENG", "id": "10000"})),
            ("status", json!({"name": "To Do"})),
            ("summary", json!("Pump \"A\" leaks")),
            ("labels", json!(["urgent", "pump"])),
        ];
        let fields: BTreeMap<_, _> = fields.map(|(name, value)| (name.to_owned(), value)).into();
        let issue = Issue { id: 1, key: "ENG-1".into(), fields, comments: Vec::new() };
        Query::parse(jql).unwrap_or_else(|why| panic!("{jql}: {why}")).matches(&issue)
    }

    #[test]
    fn conditions_are_joined_by_and() {
        for jql in [
            "project = ENG",
            "project = eng AND status = \"to do\" ORDER BY created DESC",
            "key in (ENG-1, ENG-2)",
            "labels = pump and labels != oil",
            r#"summary ~ "pump \"a\"""#,
        ] {
            assert!(found(jql), "{jql}");
        }
        for jql in ["project = OPS", "project = ENG and status = Done", "labels != pump", "key in (ENG-2)"] {
            assert!(!found(jql), "{jql}");
        }
    }

    #[test]
    fn what_jira_refuses_is_refused() {
        for jql in [
            "",
            "order by key",
            "colour = red",
            "project =",
            "project = ENG status = x",
            "project = \"ENG",
            "a = {",
        ] {
            assert!(Query::parse(jql).is_err(), "{jql}");
        }
    }
}
