//! What lists are narrowed by, and what records are written from.

use std::collections::{BTreeMap, HashSet};

use model::fault::shortened;
use serde_json::value::RawValue;

use super::{lookup, query, query::Query};
use crate::{
    ConnectorError,
    parameter::{Kind, Parameter, Place, optional},
    vendor::{
        args::{Args, plain},
        draft::{Content, Draft},
        node::Node,
    },
};

/// A parameter that narrows a list.
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) field: &'static str,
    pub(super) how: How,
}

/// How a parameter's value is held against its field.
pub(super) enum How {
    /// It is any of these, some of which have words.
    AnyOf(&'static [(&'static str, &'static str)]),
    /// It holds the text.
    Holds,
    /// It is this or later.
    From,
    /// It is this or earlier.
    Until,
    /// A person by `sys_id`, e-mail address or user name.
    Person,
    /// Anything with a name, by that or by `sys_id`.
    Named,
}

/// The longest query that a URL still takes, its filters with it.
const QUERY_CHARS: usize = 16 * 1024;
/// A field's name, which may lead from table to table.
pub(super) const FIELD: Kind = Kind::UpTo(255);

pub(super) const QUERY: Parameter = optional(
    "query",
    Kind::UpTo(QUERY_CHARS),
    "An encoded query, such as active=true^priority=1^ORDERBYDESCopened_at.",
)
.at(Place::Nowhere)
.written(query::written);
pub(super) const FIELDS: Parameter =
    optional("fields", Kind::List(&FIELD, 100), "What to give of each record; everything without it.")
        .at(Place::Query("sysparm_fields"))
        .written(query::fields);
pub(super) const ORDER: Parameter =
    optional("order_by", Kind::List(&FIELD, 5), "Fields to sort by; descending with a minus before.")
        .at(Place::Nowhere)
        .written(query::fields);
pub(super) const DISPLAY: Parameter = optional(
    "display_value",
    Kind::OneOf(&["false", "true", "all"]),
    "Whether choices, references and dates come as stored, as people read them, or both.",
)
.at(Place::Query("sysparm_display_value"));
pub(super) const AS_DISPLAYED: Parameter = optional(
    "input_display_value",
    Kind::Boolean,
    "Whether values are given as people read them: names for sys_ids, dates in the caller's time zone.",
)
.at(Place::Query("sysparm_input_display_value"));
pub(super) const MORE: Parameter =
    optional("fields", Kind::Object, "Any other fields by their names, such as the instance's own.")
        .at(Place::Nowhere);

/// The query of a list: its filters, its caller's own query, its order.
pub(super) fn filter(args: &Args<'_>, draft: &mut Draft, filters: &[Filter]) -> Result<(), ConnectorError> {
    let wrong = |why: String| ConnectorError::Invalid(format!("the parameter query {why}"));
    let mut own = Query::read(&args.text("query").unwrap_or_default()).map_err(wrong)?;
    let mut conditions = Vec::new();
    for filter in filters {
        if let Some(json) = args.raw(filter.name) {
            conditions.push(filter.condition(json)?);
        }
    }
    if let Some(order) = args.text("order_by") {
        let term = |name: &str| match name.strip_prefix('-') {
            Some(name) => format!("ORDERBYDESC{name}"),
            None => format!("ORDERBY{name}"),
        };
        own.order = order.split(',').map(term).collect();
    }
    if own.order.is_empty() {
        // Pages of a list without an order may hold a record twice, or never.
        own.order = vec!["ORDERBYsys_created_on".into(), "ORDERBYsys_id".into()];
    }
    // Each alternative takes the filters once more.
    let filters: usize = conditions.iter().map(|condition| condition.len() + 1).sum();
    if filters.saturating_mul(own.any.len().max(1)) > QUERY_CHARS {
        let why = "the filters, once for each alternative of the query, are longer than ServiceNow takes";
        return Err(ConnectorError::Invalid(why.into()));
    }
    draft.query.push(("sysparm_query".into(), own.within(&conditions)));
    // What the query names is asked for too, to see that it is there.
    if let Some(asked) = draft.query.iter_mut().find(|(name, _)| name == "sysparm_fields") {
        let mut known: HashSet<String> = asked.1.split(',').map(str::to_owned).collect();
        for field in super::named::named(args)? {
            if !known.contains(&field) {
                asked.1.push(',');
                asked.1.push_str(&field);
                known.insert(field);
            }
        }
    }
    Ok(())
}

impl Filter {
    fn condition(&self, json: &str) -> Result<String, ConnectorError> {
        let field = self.field;
        let text = plain(json);
        let value = |text: &str| query::value(self.name, text);
        Ok(match self.how {
            How::AnyOf(words) => {
                let word = |text: &str| {
                    let stored = words.iter().find(|(word, _)| *word == text).map(|(_, stored)| *stored);
                    value(stored.unwrap_or(text))
                };
                let values = text.split(',').map(|text| word(text.trim())).collect::<Result<Vec<_>, _>>()?;
                match values.as_slice() {
                    [one] => format!("{field}={one}"),
                    several => format!("{field}IN{}", several.join(",")),
                }
            }
            How::Holds => format!("{field}LIKE{}", value(&text)?),
            How::From => format!("{field}>={}", value(&text)?),
            How::Until => format!("{field}<={}", value(&text)?),
            How::Person => {
                let by = if lookup::is_sys_id(&text) {
                    ""
                } else if text.contains('@') {
                    ".email"
                } else {
                    ".user_name"
                };
                format!("{field}{by}={}", value(&text)?)
            }
            How::Named => {
                let by = if lookup::is_sys_id(&text) { "" } else { ".name" };
                format!("{field}{by}={}", value(&text)?)
            }
        })
    }
}

/// The stored value of a choice that may be given as a word.
pub(super) fn stored(words: &[(&str, &str)], json: &str) -> Result<Box<RawValue>, String> {
    let text = plain(json);
    let value = words.iter().find(|(word, _)| *word == text).map_or(text.as_str(), |(_, stored)| stored);
    serde_json::value::to_raw_value(value).map_err(|_| "must be a word or a number".to_owned())
}

/// Puts the caller's further fields into the body, and refuses a body of nothing.
pub(super) fn write(args: &Args<'_>, draft: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    let wrong = |why: String| ConnectorError::Invalid(format!("the parameter fields {why}"));
    let raw = args.raw("fields").unwrap_or("{}");
    let more: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(raw).map_err(|_| wrong("must be an object".into()))?;
    let Content::Json(body) = &mut draft.body else { return Ok(()) };
    for (name, value) in more {
        query::is_field(&name).map_err(wrong)?;
        let shown = shortened(&name);
        if name.contains('.') || name.starts_with("sys_") {
            return Err(wrong(format!("holds {shown}, which can't be written here")));
        }
        if args.has(&name) {
            return Err(wrong(format!("holds {shown}, which is a parameter of its own; give it once")));
        }
        if value.get().starts_with(['{', '[']) {
            return Err(wrong(format!("holds {shown}, which must be text, a number, true, false or null")));
        }
        body.put(&format!("/{name}"), Node::Raw(value));
    }
    if body.is_empty() && draft.method == reqwest::Method::PATCH {
        return Err(ConnectorError::Invalid("the call changes nothing; give a field and its value".into()));
    }
    Ok(())
}
