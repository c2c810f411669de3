//! Whether a statement's parameters are those that are given with it. One too many is an error as well: it was meant
//! for something.

use std::collections::HashSet;

use model::{fault::shortened, parameters::Parameters};

use crate::ConnectorError;

/// Names every parameter that lacks or is too many.
pub(crate) fn check(names: &[&str], given: &Parameters) -> Result<(), ConnectorError> {
    let list = |names: Vec<&str>| {
        let shown: Vec<_> = names.into_iter().map(|name| format!("{:?}", shortened(name))).collect();
        shown.join(", ")
    };
    // Both can be many, and a name can stand in several places.
    let mut known: HashSet<&str> = HashSet::new();
    let places = names.iter().copied().filter(|name| known.insert(name));
    let missing: Vec<&str> = places.filter(|name| given.raw(name).is_none()).collect();
    let extra: Vec<&str> = given.iter().map(|(name, _)| name).filter(|name| !known.contains(name)).collect();
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(format!("the statement needs parameters that are not given: {}", list(missing)));
    }
    if !extra.is_empty() {
        faults.push(format!("parameters are given that the statement does not have: {}", list(extra)));
    }
    if faults.is_empty() { Ok(()) } else { Err(ConnectorError::Invalid(faults.join("; "))) }
}
