//! The operations of a connector, as data: what they are called, whether they write, what they take.

use model::{
    fault::shortened,
    policy::{Operation, OperationClass},
};
use serde_json::{Value, json};

use crate::parameter::{self, Choice, Parameter};

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct OperationSpec {
    /// Its name.
    pub name: &'static str,
    /// The verb it amounts to.
    pub verb: &'static str,
    /// Whether it writes.
    pub class: OperationClass,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What it takes; `None` where the upstream alone knows.
    pub parameters: Option<&'static [Parameter]>,
    /// What these have to do with each other.
    pub choices: &'static [Choice],
}

impl OperationSpec {
    /// The operation as governance judges it.
    pub fn judged(self) -> Operation {
        Operation { name: self.name.into(), verb: self.verb, class: self.class }
    }

    /// The JSON Schema (2020-12) of its parameters.
    pub fn schema(&self) -> Value {
        let known = |parameters| parameter::schema::chosen(parameters, self.choices);
        self.parameters.map_or_else(|| json!({"type": "object"}), known)
    }
}

/// How like a known name an unknown one must be to be taken for a slip.
const ALIKE: f64 = 0.75;

/// The known name that was likely meant.
pub(crate) fn near_miss<'k>(known: impl IntoIterator<Item = &'k str>, name: &str) -> Option<&'k str> {
    let name = shortened(name).to_lowercase().replace(['-', ' ', '.'], "_");
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&known.to_lowercase(), &name);
    let rated = known.into_iter().map(|known| (likeness(known), known));
    let best = rated.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

/// Finds an operation by name, whatever its case; the error lists the known ones, the likely one first.
pub(crate) fn find<'o>(
    operations: impl IntoIterator<Item = &'o OperationSpec, IntoIter: Clone>,
    name: &str,
) -> Result<OperationSpec, String> {
    let operations = operations.into_iter();
    let found = operations.clone().find(|known| known.name.eq_ignore_ascii_case(name));
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = operations.map(|known| known.name).collect();
        let meant = near_miss(known.iter().copied(), name);
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean {meant}?"));
        format!("there is no operation {:?}{meant}; known are {}", shortened(name), known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        let known = ["get_incident", "list_incidents", "create_incident"];
        let meant = |name: &str| near_miss(known, name);
        assert_eq!(meant("get_incidnet"), Some("get_incident"));
        assert_eq!(meant("Create-Incident"), Some("create_incident"));
        assert_eq!(meant("list incidents"), Some("list_incidents"));
        assert_eq!(meant("drop"), None);
        assert_eq!(meant(""), None);
    }
}
