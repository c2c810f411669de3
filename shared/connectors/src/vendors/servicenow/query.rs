//! Encoded queries. `^` joins conditions, `^OR` and `^NQ` begin alternatives, `^^` is a caret in a value. A value that
//! begins with `javascript:` is run as a script by the instance, and there is no writing it otherwise: of callers it is
//! taken for the harmless calls that filters are made of, and refused in a parameter's value.

use serde_json::value::RawValue;

use crate::ConnectorError;

/// Operators, those first that begin like others. After the last ones nothing follows.
const OPERATORS: &[&str] = &[
    "ANYTHING",
    "BETWEEN",
    "CONTAINS",
    "DATEPART",
    "DOES NOT CONTAIN",
    "DYNAMIC",
    "EMPTYSTRING",
    "ENDSWITH",
    "GT_FIELD",
    "GT_OR_EQUALS_FIELD",
    "INSTANCEOF",
    "ISEMPTY",
    "ISNOTEMPTY",
    "IN",
    "LESSTHAN",
    "LIKE",
    "LT_FIELD",
    "LT_OR_EQUALS_FIELD",
    "MORETHAN",
    "NOT IN",
    "NOT LIKE",
    "NOTONTODAY",
    "NOTON",
    "NSAMEAS",
    "ON",
    "RELATIVE",
    "SAMEAS",
    "STARTSWITH",
    "!=",
    ">=",
    "<=",
    "=",
    ">",
    "<",
];
const SCRIPT: &str = "javascript:";

/// A query that was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Any of these groups of joined conditions.
    pub(super) any: Vec<String>,
    /// Its order, as `ORDERBY…` terms.
    pub(super) order: Vec<String>,
    /// Every field that it names.
    pub(super) fields: Vec<String>,
}

impl Query {
    /// Reads a query; the error says what would be right.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut query = Self::default();
        for (index, term) in terms(text.trim()).into_iter().enumerate() {
            if term.is_empty() || term == "EQ" {
                continue;
            }
            if let Some(field) = term.strip_prefix("ORDERBYDESC").or_else(|| term.strip_prefix("ORDERBY")) {
                query.fields.push(is_field(field)?.to_owned());
                query.order.push(term);
                continue;
            }
            let alternative = index > 0 && term.starts_with("NQ");
            let joined = if index > 0 { term.strip_prefix("NQ").or(term.strip_prefix("OR")) } else { None };
            query.fields.push(condition(joined.unwrap_or(&term))?.to_owned());
            match query.any.last_mut() {
                Some(group) if !alternative => {
                    group.push('^');
                    group.push_str(&term);
                }
                _ => query.any.push(joined.unwrap_or(&term).to_owned()),
            }
        }
        Ok(query)
    }

    /// The query with these conditions joined to each of its alternatives.
    pub(super) fn within(&self, filters: &[String]) -> String {
        let filters = filters.join("^");
        let group = |group: &String| {
            let both = [filters.as_str(), group].into_iter().filter(|part| !part.is_empty());
            both.collect::<Vec<_>>().join("^")
        };
        let groups =
            if self.any.is_empty() { vec![filters.clone()] } else { self.any.iter().map(group).collect() };
        let order = self.order.join("^");
        let whole = [groups.join("^NQ"), order].into_iter().filter(|part| !part.is_empty());
        whole.collect::<Vec<_>>().join("^")
    }
}

/// As a parameter's other form: the same text, read.
pub(super) fn written(json: &str) -> Result<Box<RawValue>, String> {
    Query::read(&serde_json::from_str::<String>(json).unwrap_or_default())?;
    same(json)
}

/// The name of a table or class, as a parameter's other form.
pub(super) fn table(json: &str) -> Result<Box<RawValue>, String> {
    let name = serde_json::from_str::<String>(json).unwrap_or_default();
    let plain = name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    if plain { same(json) } else { Err("must be a table's name, such as incident".into()) }
}

/// Fields, as a parameter's other form.
pub(super) fn fields(json: &str) -> Result<Box<RawValue>, String> {
    let names = serde_json::from_str::<Vec<String>>(json).unwrap_or_default();
    names.iter().try_for_each(|name| is_field(name.strip_prefix('-').unwrap_or(name)).map(drop))?;
    same(json)
}

fn same(json: &str) -> Result<Box<RawValue>, String> {
    RawValue::from_string(json.to_owned()).map_err(|_| "must be JSON".to_owned())
}

/// A value as it stands in a condition.
pub(super) fn value(name: &str, text: &str) -> Result<String, ConnectorError> {
    let wrong = |why: &str| ConnectorError::Invalid(format!("the parameter {name} {why}"));
    if text.to_ascii_lowercase().contains(SCRIPT) {
        return Err(wrong("must not hold `javascript:`, which ServiceNow would run"));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong("must not hold control characters"));
    }
    Ok(text.replace('^', "^^"))
}

/// The terms between single carets; doubled ones stay as they are.
fn terms(text: &str) -> Vec<String> {
    let (mut terms, mut term) = (Vec::new(), String::new());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '^' {
            term.push(c);
        } else if rest.next_if_eq(&'^').is_some() {
            term.push_str("^^");
        } else {
            terms.push(std::mem::take(&mut term));
        }
    }
    terms.push(term);
    terms
}

/// The field of a condition.
fn condition(term: &str) -> Result<&str, String> {
    let end = term.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c)));
    let (field, rest) = term.split_at(end.unwrap_or(term.len()));
    let operator = OPERATORS.iter().find_map(|operator| rest.strip_prefix(operator));
    let Some(value) = operator else {
        let shown: String = term.chars().take(60).collect();
        return Err(format!(
            "holds {shown:?}, which is no condition of a field, an operator such as =, IN or LIKE, and a value; \
             ServiceNow would pass over it and give every record"
        ));
    };
    harmless(value)?;
    is_field(field)
}

/// A field's name, or several that lead from table to table.
pub(super) fn is_field(field: &str) -> Result<&str, String> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
    };
    if field.split('.').all(is_name) {
        Ok(field)
    } else {
        let shown: String = field.chars().take(60).collect();
        Err(format!("holds {shown:?}, which is no field's name, such as state or caller_id.email"))
    }
}

/// Whether the scripts in a value are calls that filters are made of: who calls, and dates.
fn harmless(value: &str) -> Result<(), String> {
    let is_call = |script: &str| {
        let (name, rest) = script.trim().split_once('(').unwrap_or((script, ""));
        let known = match name.strip_prefix("gs.").unwrap_or_default() {
            "getUserID" | "getUserName" => true,
            name => {
                let date = ["beginningOf", "endOf"].iter().any(|start| name.starts_with(start))
                    || ["Ago", "AgoStart", "AgoEnd"].iter().any(|end| name.ends_with(end));
                date && name.bytes().all(|c| c.is_ascii_alphanumeric())
            }
        };
        let numbers = rest.strip_suffix(')');
        known && numbers.is_some_and(|numbers| numbers.bytes().all(|c| c.is_ascii_digit()))
    };
    let lower = value.to_ascii_lowercase();
    if !lower.contains(SCRIPT) {
        return Ok(());
    }
    let scripts = value.split('@').filter(|part| part.to_ascii_lowercase().contains(SCRIPT));
    if scripts.into_iter().all(|script| script.strip_prefix(SCRIPT).is_some_and(is_call)) {
        return Ok(());
    }
    Err("holds a script that ServiceNow would run; taken are gs.getUserID(), gs.getUserName() and gs' dates, such \
         as javascript:gs.daysAgoStart(7)"
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_read_into_alternatives_order_and_fields() {
        let query = Query::read(
            "active=true^priority=1^ORpriority=2^NQcaller_id.emailLIKEa^^b^ORDERBYDESCopened_at^EQ",
        );
        let query = query.unwrap();
        assert_eq!(query.any, ["active=true^priority=1^ORpriority=2", "caller_id.emailLIKEa^^b"]);
        assert_eq!(query.order, ["ORDERBYDESCopened_at"]);
        assert_eq!(query.fields, ["active", "priority", "priority", "caller_id.email", "opened_at"]);
        let filters = ["state=1".to_owned(), "u_a=2".to_owned()];
        assert_eq!(
            query.within(&filters),
            "state=1^u_a=2^active=true^priority=1^ORpriority=2^NQstate=1^u_a=2^caller_id.emailLIKEa^^b^ORDERBYDESCopened_at"
        );
        assert_eq!(Query::default().within(&filters), "state=1^u_a=2");
        assert_eq!(Query::default().within(&[]), "");
        assert_eq!(Query::read("ORDERBYnumber").unwrap().within(&[]), "ORDERBYnumber");
    }

    #[test]
    fn what_the_instance_would_pass_over_is_refused() {
        for text in [
            "list_incidents",
            "short description=x",
            "active==true^Priority=1",
            "active=true^priority",
            "active=true^ORDERBY",
            "ORactive=true",
            "RLQUERYincident.problem_id,>=1^ENDRLQUERY",
            "=x",
            "caller_id..email=x",
        ] {
            let read = Query::read(text);
            // A second equals sign is a part of the value.
            assert!(read.is_err() || text.starts_with("active=="), "{text}: {read:?}");
        }
    }

    #[test]
    fn scripts_are_refused_but_for_the_calls_of_filters() {
        for good in [
            "caller_id=javascript:gs.getUserID()",
            "opened_at>=javascript:gs.daysAgoStart(7)",
            "opened_atONLast 7 days@javascript:gs.beginningOfLast7Days()@javascript:gs.endOfLast7Days()",
            "short_descriptionLIKEjava script",
        ] {
            assert!(Query::read(good).is_ok(), "{good}");
        }
        for bad in [
            "caller_id=javascript:gs.addErrorMessage('x')",
            "caller_id=JavaScript:gs.getUserID()",
            "caller_id=javascript:gs.getUserID();new GlideRecord('x').deleteMultiple()",
            "a=x javascript:gs.getUserID()",
            "a=javascript:gs.daysAgo(gs.getUserID())",
            "aIN1,javascript:eval('x')",
        ] {
            assert!(Query::read(bad).is_err_and(|why| why.contains("script")), "{bad}");
        }
    }

    #[test]
    fn a_value_can_not_leave_its_condition() {
        assert_eq!(value("q", "a^ORactive=true").unwrap(), "a^^ORactive=true");
        assert!(value("q", "JAVASCRIPT:gs.getUserID()").is_err());
        assert!(value("q", "a\r\nb").is_err());
    }

    proptest! {
        #[test]
        fn no_value_makes_a_second_term(text in ".{0,40}") {
            if let Ok(value) = value("q", &text) {
                prop_assert_eq!(terms(&format!("a={value}")).len(), 1);
            }
        }
    }
}
