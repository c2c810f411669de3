//! A change of an issue may delete what hangs on it: that is judged as the deletion that it is.

use model::policy::{Operation, OperationClass};
use serde_json::Value;

use crate::{
    ConnectorError,
    vendor::{args::Args, op::Op},
};

/// What hangs on an issue and is a thing of its own. Other fields' values are only changed.
const THINGS: [&str; 4] = ["comment", "worklog", "issuelinks", "attachment"];
/// What takes such things away; to set them replaces those that are there.
const REMOVING: [&str; 2] = ["remove", "set"];

/// The operation, and a deletion where its `update` holds one.
#[expect(clippy::unnecessary_wraps, reason = "what judges may refuse")]
pub(super) fn judged(op: &Op, args: &Args<'_>) -> Result<Vec<Operation>, ConnectorError> {
    let own = op.spec.judged();
    let mut all = vec![own];
    if args.value("update").is_some_and(|update| removes(&update)) {
        all.push(Operation { name: op.spec.name.into(), verb: "DELETE", class: OperationClass::Write });
    }
    Ok(all)
}

fn removes(update: &Value) -> bool {
    let things = update.as_object().into_iter().flatten().filter(|(id, _)| is_of(id, &THINGS));
    let mut changes = things.flat_map(|(_, changes)| match changes {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    });
    changes.any(|change| {
        change.as_object().is_some_and(|change| change.keys().any(|verb| is_of(verb, &REMOVING)))
    })
}

/// In whatever letter case: whether Jira would take it is not to be relied on.
fn is_of(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_takes_things_away_is_told_from_what_changes_them() {
        for thing in ["comment", "worklog", "issuelinks", "attachment", "Comment", " comment"] {
            for verb in ["remove", "set", "REMOVE"] {
                let change = json!({ verb: {"id": "1"} });
                assert!(removes(&json!({ thing: [{"add": {}}, change] })), "{verb} of {thing}");
                assert!(removes(&json!({"labels": [], thing: change })), "{verb} of {thing}");
            }
            assert!(!removes(&json!({ thing: [{"add": {"body": "remove"}}, {"edit": {"set": 1}}] })));
        }
        assert!(!removes(&json!({"labels": [{"remove": "x"}], "components": [{"set": []}]})));
    }
}
