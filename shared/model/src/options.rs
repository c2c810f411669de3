//! A connector's options: free-form settings of its type, which must never hold a credential. Credentials
//! belong in Secrets Manager, where access is governed and rotation works.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    cassandra_options,
    connector_type::ConnectorType,
    credential_names::find_credentials,
    custom_options,
    fault::{Fault, Pointer},
    option_names, postgres_options, snowflake_options, vendor_options,
};

/// The largest options object, in bytes of compact JSON.
pub const MAX_BYTES: usize = 16 * 1024;
/// The deepest nesting; the options object itself is level 1.
pub const MAX_DEPTH: usize = 8;

/// Checked options.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Options(Map<String, Value>);

impl Options {
    /// Checks a value against every rule that holds for options of a type, and reports all faults.
    pub fn check(value: &Value, kind: ConnectorType, at: &Pointer) -> Result<Self, Vec<Fault>> {
        let Value::Object(map) = value else {
            return Err(vec![Fault::at(at.clone(), "must be an object")]);
        };
        let mut faults = Vec::new();
        let size = value.to_string().len();
        if size > MAX_BYTES {
            faults.push(Fault::at(at.clone(), format!("is {size} bytes of JSON; the limit is {MAX_BYTES}")));
        }
        if depth(value) > MAX_DEPTH {
            faults.push(Fault::at(at.clone(), format!("is nested deeper than {MAX_DEPTH} levels")));
        }
        // What is too large or too deep is not searched further.
        if !faults.is_empty() {
            return Err(faults);
        }
        find_credentials(value, at, false, &mut faults);
        check_governance(map, kind, at, &mut faults);
        option_names::check(map, kind, at, &mut faults);
        match kind {
            ConnectorType::Cassandra => cassandra_options::check(map, at, &mut faults),
            ConnectorType::Custom => custom_options::check(map, at, &mut faults),
            ConnectorType::Postgres => postgres_options::check(map, at, &mut faults),
            ConnectorType::Snowflake => snowflake_options::check(map, at, &mut faults),
            kind => vendor_options::check(kind, map, at, &mut faults),
        }
        if faults.is_empty() { Ok(Self(map.clone())) } else { Err(faults) }
    }

    /// Reads options that were checked when they were stored.
    pub fn stored(text: &str) -> Result<Self, serde_json::Error> {
        match crate::json::parse(text.as_bytes())? {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(serde::de::Error::custom("not an object")),
        }
    }

    /// The option of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The option of a name, where it is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Governance options decide what is refused, so a mistyped one must not quietly mean "nothing".
fn check_governance(map: &Map<String, Value>, kind: ConnectorType, at: &Pointer, faults: &mut Vec<Fault>) {
    if map.get("read_only").is_some_and(|value| !value.is_boolean()) {
        faults.push(Fault::at(at.child("read_only"), "must be true or false"));
    }
    for list in ["allowed_operations", "blocked_operations"] {
        let names = map.get(list).map(Value::as_array);
        let text = |names: &Vec<Value>| names.iter().all(|n| n.as_str().is_some_and(|n| !n.is_empty()));
        if names.is_some_and(|names| !names.is_some_and(text)) {
            faults.push(Fault::at(at.child(list), "must be a list of operation names"));
        }
    }
    if map.contains_key("blocked_operations") && !kind.blocked_is_configurable() {
        faults.push(Fault::at(
            at.child("blocked_operations"),
            format!("can't be changed for {kind}: its list is {}", kind.default_blocked().join(", ")),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(value: &Value) -> Vec<String> {
        Options::check(value, ConnectorType::Custom, &Pointer::field("options"))
            .err()
            .map_or_else(Vec::new, |faults| faults.iter().map(|fault| fault.pointer.to_string()).collect())
    }

    #[test]
    fn credentials_are_found_at_any_depth_and_in_any_spelling() {
        let value = json!({"Password": 1, "a": [{"API-Key": "x"}], "b": {"c": {"client-SECRET": {}}}});
        assert_eq!(
            faults(&value),
            ["/options/Password", "/options/a/0/API-Key", "/options/b/c/client-SECRET"]
        );
    }

    #[test]
    fn only_whole_keys_count() {
        assert!(faults(&json!({"token_url": "x", "secretary": 1, "api_key_header": "X-Key"})).is_empty());
        assert!(faults(&json!({"cookie": 1, "x-api-key": 1})).is_empty());
    }

    #[test]
    fn headers_may_not_carry_cookies_or_keys() {
        let value =
            json!({"headers": {"Cookie": "a", "X-Api-Key": "b", "Authorization": "c", "Accept": "d"}});
        assert_eq!(
            faults(&value),
            ["/options/headers/Authorization", "/options/headers/Cookie", "/options/headers/X-Api-Key"]
        );
    }

    #[test]
    fn sixteen_kibibytes_fit_and_one_more_byte_does_not() {
        let filler = |n: usize| json!({ "a": "x".repeat(n) });
        let overhead = filler(0).to_string().len();
        assert!(faults(&filler(16_384 - overhead)).is_empty());
        assert_eq!(faults(&filler(16_385 - overhead)), ["/options"]);
    }

    #[test]
    fn eight_levels_fit_and_nine_do_not() {
        let nested = |n: usize| (1..n).fold(json!({}), |inner, _| json!({ "a": inner }));
        assert!(faults(&nested(8)).is_empty());
        assert_eq!(faults(&nested(9)), ["/options"]);
        let lists = |n: usize| json!({ "a": (1..n).fold(json!(1), |inner, _| json!([inner])) });
        assert!(faults(&lists(8)).is_empty());
        assert_eq!(faults(&lists(9)), ["/options"]);
    }

    #[test]
    fn stored_options_are_read_as_they_were_written() {
        let options = Options::stored(r#"{"data_path": "/data", "read_only": true}"#).unwrap();
        assert_eq!((options.text("data_path"), options.text("read_only")), (Some("/data"), None));
        assert_eq!(options.get("read_only"), Some(&json!(true)));
        for text in ["[]", "null", "{"] {
            assert!(Options::stored(text).is_err(), "{text}");
        }
    }

    #[test]
    fn governance_options_of_a_wrong_type_are_faults() {
        let value = json!({"read_only": "yes", "allowed_operations": "get", "blocked_operations": [1]});
        assert_eq!(
            faults(&value),
            ["/options/read_only", "/options/allowed_operations", "/options/blocked_operations"]
        );
        let fixed = json!({"blocked_operations": []});
        assert!(Options::check(&fixed, ConnectorType::Postgres, &Pointer::root()).is_err());
        assert!(Options::check(&fixed, ConnectorType::Slack, &Pointer::root()).is_ok());
    }
}
