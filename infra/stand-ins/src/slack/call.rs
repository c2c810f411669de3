//! A call as it is read from a request: its arguments, checked against the method's page.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    methods::{BOOLEANS, METHODS, Method, STRUCTURED},
    reply::Fault,
};
use crate::Seen;

/// A method with its arguments.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) scopes: &'static [&'static str],
    arguments: BTreeMap<String, String>,
}

impl Call {
    /// Reads one. What a vendor would pass over and no client means to send is noted.
    pub(super) fn read(seen: &Seen, violations: &mut Vec<String>) -> Result<Self, Fault> {
        let name = seen.path.strip_prefix("/api/").unwrap_or_default();
        let mut note = |what: String| violations.push(format!("{name}: {what}"));
        let Some(method) = METHODS.iter().find(|method| method.name == name) else {
            note("there is no such method".to_owned());
            return Err("unknown_method".into());
        };
        // Reads may be GET too; a POST with a form is what every method takes.
        if seen.method != "POST" {
            note(format!("{} in the place of POST", seen.method));
            return Err("unknown_method".into());
        }
        if !seen.query.is_empty() {
            note("arguments in the URL of a POST".to_owned());
        }
        let media = seen.header("content-type");
        if media != "application/x-www-form-urlencoded" && !seen.body.is_empty() {
            note(format!("content type {media:?}: a form without charset is what every method takes"));
            return Err("invalid_post_type".into());
        }
        let mut arguments = BTreeMap::new();
        for (key, value) in seen.form_pairs() {
            if key == "token" {
                note("the token belongs into the header".to_owned());
            } else if !method.required.contains(&&*key) && !method.optional.contains(&&*key) {
                note(format!("no argument {key}"));
            }
            if arguments.insert(key.clone(), value).is_some() {
                note(format!("{key} twice"));
            }
        }
        Ok(Self { method: method.name, scopes: method.scopes, arguments: checked(method, arguments)? })
    }

    /// An argument, where it was sent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).map(String::as_str)
    }

    /// An argument that the page requires: it was checked.
    pub(super) fn required(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// Whether an argument is true.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    /// An argument that is JSON in the form.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.text(name)?).ok()
    }
}

fn checked(method: &Method, arguments: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Fault> {
    let given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_empty());
    let lacks = |name: &&&str| !given(name) && **name != "topic";
    let mut messages: Vec<String> = method
        .required
        .iter()
        .filter(lacks)
        .map(|name| format!("[ERROR] missing required field: {name} [json-pointer:/{name}]"))
        .collect();
    for name in BOOLEANS {
        let known = |value: &String| matches!(value.as_str(), "true" | "false" | "1" | "0");
        if arguments.get(*name).is_some_and(|value| !known(value)) {
            messages.push(format!("[ERROR] must be a boolean [json-pointer:/{name}]"));
        }
    }
    if !messages.is_empty() {
        return Err(Fault::arguments(&messages));
    }
    for (name, array, code) in STRUCTURED {
        let Some(text) = arguments.get(*name) else { continue };
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let right = if *array { value.is_array() } else { value.is_object() };
        if !right {
            return Err((*code).into());
        }
    }
    Ok(arguments)
}
