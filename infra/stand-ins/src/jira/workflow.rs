//! The workflow: which transitions an issue's status allows.

use serde_json::{Value, json};

use super::{
    Jira,
    access::Caller,
    body::{known_query, object},
    refusals,
};
use crate::{Answer, Seen};

/// One transition.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The status that it starts from.
    pub from: String,
    /// The status that it leads to.
    pub to: String,
    /// Whether its screen asks for a resolution.
    pub needs_resolution: bool,
}

pub(super) fn transitions() -> Vec<Transition> {
    let transition = |id: &str, name: &str, from: &str, to: &str| Transition {
        id: id.into(),
        name: name.into(),
        from: from.into(),
        to: to.into(),
        needs_resolution: name == "Resolve",
    };
    vec![
        transition("21", "Start work", "To Do", "In Progress"),
        transition("11", "Stop work", "In Progress", "To Do"),
        transition("31", "Resolve", "In Progress", "Done"),
        transition("41", "Reopen", "Done", "To Do"),
    ]
}

/// A status as an issue shows it.
pub(super) fn status(name: &str) -> Value {
    let (id, category) = match name {
        "To Do" => ("10000", "new"),
        "In Progress" => ("3", "indeterminate"),
        _ => ("10001", "done"),
    };
    json!({"id": id, "name": name, "statusCategory": {"key": category}})
}

impl Jira {
    fn possible(&self, key: &str, caller: &Caller) -> Result<Vec<Transition>, Answer> {
        let issue = self.issue(key, caller)?;
        let now = issue.fields.get("status").and_then(|status| status["name"].as_str()).unwrap_or_default();
        Ok(self.transitions.iter().filter(|transition| transition.from == now).cloned().collect())
    }

    pub(super) fn list_transitions(
        &self,
        seen: &Seen,
        key: &str,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let known = [
            "expand",
            "transitionId",
            "skipRemoteOnlyCondition",
            "includeUnavailableTransitions",
            "sortByOpsBarAndStatus",
        ];
        known_query(seen, &known, violations);
        let (only, expand) = (seen.parameter("transitionId"), seen.parameter("expand").unwrap_or_default());
        let fields = expand.split(',').any(|name| name == "transitions.fields");
        let shown = |transition: &Transition| {
            let mut shown = json!({
                "id": transition.id, "name": transition.name, "to": status(&transition.to),
                "hasScreen": transition.needs_resolution, "isGlobal": false, "isInitial": false,
                "isAvailable": true, "isConditional": false, "isLooped": false,
            });
            if fields && let Some(shown) = shown.as_object_mut() {
                let resolution = json!({"required": true, "name": "Resolution", "operations": ["set"]});
                let fields =
                    if transition.needs_resolution { json!({"resolution": resolution}) } else { json!({}) };
                shown.insert("fields".into(), fields);
            }
            shown
        };
        let all: Vec<Value> = self
            .possible(key, caller)?
            .iter()
            .filter(|transition| only.as_ref().is_none_or(|id| *id == transition.id))
            .map(shown)
            .collect();
        Ok(refusals::json(200, &json!({"expand": "transitions", "transitions": all})))
    }

    pub(super) fn transition(
        &mut self,
        seen: &Seen,
        key: &str,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &[], violations);
        let known = ["transition", "fields", "update", "historyMetadata", "properties"];
        let body = object(seen, &known, violations)?;
        let possible = self.possible(key, &Caller::Account)?;
        let id = body.get("transition").map(|transition| &transition["id"]).filter(|id| !id.is_null());
        let id = id.ok_or_else(|| refusals::message(400, "Missing 'transition' identifier"))?;
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        if id.parse::<u32>().is_err() {
            return Err(refusals::message(400, "'transition' identifier must be an integer"));
        }
        let Some(chosen) = possible.into_iter().find(|transition| transition.id == id) else {
            let why = format!("Transition id '{id}' is not valid for this issue.");
            return Err(refusals::message(400, &why));
        };
        let resolution =
            body.get("fields").map(|fields| &fields["resolution"]).filter(|value| !value.is_null());
        if chosen.needs_resolution && resolution.is_none() {
            return Err(refusals::field("resolution", "Resolution is required."));
        }
        self.change(key, &body)?;
        if let Some(issue) = self.issues.iter_mut().find(|issue| issue.key.eq_ignore_ascii_case(key)) {
            issue.fields.insert("status".into(), status(&chosen.to));
        }
        Ok(Answer::empty(204))
    }
}
