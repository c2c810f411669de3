//! The record's own lists of operations, held against what the vendor has. An entry that means nothing would quietly
//! leave open what somebody meant to close, so a record with one is not called at all.

use model::options::Options;
use serde_json::Value;

use super::Vendor;
use crate::{ConnectorError, operation::near_miss};

/// Refuses an entry that is neither an operation, nor the beginning of one before a `*`, nor a verb.
pub(super) fn check(vendor: &Vendor, options: &Options) -> Result<(), ConnectorError> {
    let names = || vendor.specs().map(|spec| spec.name);
    let verbs = || vendor.specs().map(|spec| spec.verb).chain(vendor.kind.default_blocked().iter().copied());
    for (list, verbs_too) in [("allowed_operations", false), ("blocked_operations", true)] {
        let entries = options.get(list).and_then(Value::as_array).into_iter().flatten();
        for entry in entries.filter_map(Value::as_str) {
            let known = match entry.strip_suffix('*') {
                Some(head) => names().any(|name| starts(name, head)),
                None => {
                    names().any(|name| name.eq_ignore_ascii_case(entry))
                        || (verbs_too && verbs().any(|verb| verb.eq_ignore_ascii_case(entry)))
                }
            };
            if !known {
                let meant = near_miss(verbs().chain(names()), entry);
                let meant = meant.map_or(String::new(), |meant| format!("; did you mean {meant}?"));
                let (what, shown) = (vendor.kind, model::fault::shortened(entry));
                let kinds = if verbs_too { "operation or verb" } else { "operation" };
                let why = format!("options.{list} holds {shown:?}, which is no {kinds} of {what}{meant}");
                return Err(ConnectorError::Configuration(why));
            }
        }
    }
    Ok(())
}

fn starts(name: &str, head: &str) -> bool {
    name.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head))
}
