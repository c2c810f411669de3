//! What a request holds beyond what its vendor documents. Most vendors ignore it silently, so that a typo goes
//! unnoticed: a stand-in notes it.

use serde_json::Value;

use crate::seen::Seen;

/// Query parameters that the vendor doesn't know, and those that are sent twice without a `*` behind their known name.
pub(crate) fn query(seen: &Seen, known: &[&str]) -> Vec<String> {
    let pairs = seen.query_pairs();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    let repeatable = |name: &str| known.iter().any(|known| known.strip_suffix('*') == Some(name));
    let unknown = names.iter().filter(|name| !known.contains(name) && !repeatable(name));
    let mut notes: Vec<String> =
        unknown.map(|name| format!("{} {}: no parameter `{name}`", seen.method, seen.path)).collect();
    let twice = |at: usize, name: &&str| names.iter().take(at).any(|before| before == name);
    let repeated = names.iter().enumerate().filter(|(at, name)| twice(*at, name) && !repeatable(name));
    notes.extend(repeated.map(|(_, name)| format!("{} {}: `{name}` twice", seen.method, seen.path)));
    notes
}

/// Members of an object that the vendor doesn't know; a value of another kind is a note too.
pub(crate) fn members(value: &Value, known: &[&str], what: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return vec![format!("{what} is no object")] };
    let unknown = object.keys().filter(|key| !known.contains(&key.as_str()));
    unknown.map(|key| format!("{what} has no member `{key}`")).collect()
}
