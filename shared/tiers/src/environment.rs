//! Connectors that variables declare: `MCP_<NAME>_TYPE` and its fellows. `_` stands both inside names and between
//! a name and its setting, so a variable belongs to the longest name that is declared. Declared ones are enabled:
//! a deployment that sets the variables means them.

mod connector;

use std::collections::{BTreeMap, BTreeSet};

use model::{allow_list::AllowList, connector_type::ConnectorType};

use crate::{
    declaration::Declaration,
    expand::Variables,
    fault::{Fault, Place},
};
use connector::Named;

const PREFIX: &str = "MCP_";

/// What the variables say.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) faults: Vec<Fault>,
    /// Variables that look like settings of a connector that nothing declares.
    pub(crate) ignored: Vec<String>,
}

/// One variable of a connector.
#[derive(Clone, Copy)]
pub(crate) struct Variable<'a> {
    /// As the environment spells it.
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

/// Reads the variables; an empty value counts as absent.
pub(crate) fn read(variables: &Variables<'_>, allow: &AllowList) -> Reading {
    let mut reading = Reading::default();
    let mut spelled: BTreeMap<String, Variable<'_>> = BTreeMap::new();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(PREFIX).filter(|_| !value.trim().is_empty()) else { continue };
        // A connector's name may stand as it is or in capitals, with `_` for `-`.
        let rest = rest.to_ascii_uppercase().replace('-', "_");
        if let Some(other) = spelled.insert(rest, Variable { name, value }) {
            refuse(&mut reading.faults, name, format!("says the same as {}; set one of them", other.name));
        }
    }
    let mut names: BTreeSet<String> =
        ConnectorType::ALL.iter().map(|kind| kind.as_str().to_ascii_uppercase()).collect();
    names.extend(spelled.keys().filter_map(|rest| rest.strip_suffix("_TYPE")).map(str::to_owned));
    names.remove("");

    let mut connectors: BTreeMap<&str, Named<'_>> = BTreeMap::new();
    for (rest, variable) in &spelled {
        match owner(rest, &names) {
            Some((name, suffix)) => {
                let connector = connectors.entry(name).or_insert_with(|| Named::new(name));
                connector.variables.insert(suffix, *variable);
            }
            None => reading.ignored.push(variable.name.to_owned()),
        }
    }
    for connector in connectors.values() {
        match connector.read(allow) {
            Ok(declaration) => reading.declarations.push(declaration),
            Err(faults) => reading.faults.extend(faults),
        }
    }
    reading
}

/// The longest declared name that a variable can belong to, and the setting it then is.
fn owner<'r>(rest: &'r str, names: &'r BTreeSet<String>) -> Option<(&'r str, &'r str)> {
    let cuts = rest.rmatch_indices('_').map(|(at, _)| rest.split_at(at));
    cuts.map(|(name, suffix)| (name, suffix.get(1..).unwrap_or_default()))
        .filter(|(_, suffix)| !suffix.is_empty())
        .find_map(|(name, suffix)| names.get(name).map(|name| (name.as_str(), suffix)))
}

pub(crate) fn refuse(faults: &mut Vec<Fault>, name: &str, why: impl Into<String>) {
    faults.push(Fault { place: Place::Variable(name.to_owned()), why: why.into() });
}
