//! The variables of one connector.

use std::collections::BTreeMap;

use model::{allow_list::AllowList, connector_type::ConnectorType};
use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use super::{PREFIX, Variable, refuse};
use crate::{
    credentials,
    declaration::{self, Declaration},
    fault::{Fault, shown},
};

/// The settings that every type has, by suffix, with the record's field that each one sets.
const SETTINGS: [(&str, &str); 7] = [
    ("TYPE", "connector_type"),
    ("URL", "connection_url"),
    ("TENANT_ID", "tenant_id"),
    ("TIMEOUT", "timeout_ms"),
    ("MAX_RETRIES", "max_retries"),
    ("SECRET_ARN", "credentials_secret_arn"),
    ("OPTIONS_JSON", "options"),
];

/// A declared name with its variables by suffix.
pub(super) struct Named<'a> {
    name: &'a str,
    pub(super) variables: BTreeMap<&'a str, Variable<'a>>,
}

impl<'a> Named<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        Self { name, variables: BTreeMap::new() }
    }

    /// The name as it is listed and called.
    fn listed(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }

    /// The variable of a suffix: as it is spelled, or as it would be.
    fn variable(&self, suffix: &str) -> String {
        let set = self.variables.get(suffix).map(|variable| variable.name.to_owned());
        set.unwrap_or_else(|| format!("{PREFIX}{}_{suffix}", self.name))
    }

    fn value(&self, suffix: &str) -> Option<&'a str> {
        self.variables.get(suffix).map(|variable| variable.value)
    }

    /// Checks everything that the variables say, by the record's rules.
    pub(super) fn read(&self, allow: &AllowList) -> Result<Declaration, Vec<Fault>> {
        let mut faults = Vec::new();
        // A name that is a type needs no `_TYPE`.
        let word =
            self.value("TYPE").map_or_else(|| self.name.to_ascii_lowercase(), |word| word.trim().to_owned());
        let credentials = ConnectorType::parse(&word).and_then(|kind| self.credentials(kind, &mut faults));
        let tenant = declaration::tenant(self.value("TENANT_ID").map_or(declaration::EVERYONE, str::trim));
        let tenant = tenant.unwrap_or_else(|why| {
            refuse(&mut faults, &self.variable("TENANT_ID"), why);
            None
        });
        let fields = self.fields(word, &mut faults);
        let checked = declaration::check(fields, allow);
        for fault in checked.as_ref().err().into_iter().flatten() {
            self.translate(fault, &mut faults);
        }
        match checked {
            Ok(draft) if faults.is_empty() => Ok(Declaration { tenant, draft, credentials }),
            _ => Err(faults),
        }
    }

    fn fields(&self, word: String, faults: &mut Vec<Fault>) -> Map<String, Json> {
        let mut fields = Map::new();
        fields.insert("connector_name".into(), self.listed().into());
        fields.insert("connector_type".into(), word.into());
        fields.insert("enabled".into(), true.into());
        for (suffix, field) in SETTINGS {
            let Some(text) = self.value(suffix) else { continue };
            let value = match suffix {
                "TYPE" | "TENANT_ID" => continue,
                "TIMEOUT" | "MAX_RETRIES" => declaration::integer(text),
                "OPTIONS_JSON" => match model::json::parse(text.as_bytes()) {
                    Ok(value) => value,
                    // The library's own message could quote the text.
                    Err(error) => {
                        let why = format!("is not valid JSON (column {})", error.column());
                        refuse(faults, &self.variable(suffix), why);
                        continue;
                    }
                },
                _ => text.trim().into(),
            };
            fields.insert(field.into(), value);
        }
        fields
    }

    /// Says a record's fault of the variable that caused it, or that is missing.
    fn translate(&self, fault: &model::fault::Fault, faults: &mut Vec<Fault>) {
        let steps = declaration::steps(fault);
        let (field, deeper) = steps.split_first().map_or(("", [].as_slice()), |(f, rest)| (f.as_str(), rest));
        let suffix = SETTINGS.iter().find(|(_, of)| *of == field).map_or("TYPE", |(suffix, _)| *suffix);
        let hint = format!("set {} or the credentials' own variables", self.variable("SECRET_ARN"));
        let mut why = declaration::with_hint(fault.detail.clone(), &hint);
        if field == "connector_name" {
            why = format!("declares a connector whose name {why}");
        }
        if !deeper.is_empty() {
            let keys: Vec<_> = deeper.iter().map(|step| shown(step)).collect();
            why = format!("has a fault: {} {why}", keys.join("."));
        }
        refuse(faults, &self.variable(suffix), why);
    }

    fn credentials(&self, kind: ConnectorType, faults: &mut Vec<Fault>) -> Option<Zeroizing<String>> {
        let known = credentials::suffixes(kind);
        let mut pairs: BTreeMap<&str, Zeroizing<String>> = BTreeMap::new();
        for (suffix, Variable { name, value }) in &self.variables {
            if SETTINGS.iter().any(|(setting, _)| setting == suffix) {
                continue;
            }
            let Some((_, key)) = known.iter().find(|(known, _)| known == suffix) else {
                let settings = SETTINGS.iter().chain(known).map(|(suffix, _)| *suffix);
                let why = format!(
                    "is no setting of the {kind} connector `{}`, which has {}; if another name was meant, declare \
                     it with its own _TYPE",
                    self.listed(),
                    settings.collect::<Vec<_>>().join(", ")
                );
                refuse(faults, name, why);
                continue;
            };
            if pairs.insert(key, Zeroizing::new((*value).to_owned())).is_some() {
                let same: Vec<_> =
                    known.iter().filter(|(_, of)| of == key).map(|(s, _)| self.variable(s)).collect();
                refuse(
                    faults,
                    name,
                    format!("is one of {}, which mean the same; set one of them", same.join(", ")),
                );
            }
        }
        if pairs.is_empty() {
            return None;
        }
        if self.variables.contains_key("SECRET_ARN") {
            let why = "stands beside variables that hold credentials; a connector has one of the two";
            refuse(faults, &self.variable("SECRET_ARN"), why);
        }
        let pairs: Vec<_> = pairs.into_iter().collect();
        let json = credentials::json(&pairs);
        if json.is_none() {
            let why = format!("has credentials of more than {} bytes as JSON", credentials::MAX_BYTES);
            refuse(faults, &self.variable("TYPE"), why);
        }
        json
    }
}
