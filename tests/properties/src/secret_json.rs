//! A secret is an object of texts; one that is none is refused in words that hold nothing of it.

use connectors::Credentials;
use serde_json::Value;

use crate::said::without;

/// The longest secret.
const MAX_BYTES: usize = 65_536;
/// Names under which connectors look.
const NAMES: [&str; 6] = ["username", "password", "token", "private_key", "a", ""];

/// Any text as a secret.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = model::json::parse(data).ok().filter(|_| data.len() <= MAX_BYTES);
    let expected = read.as_ref().and_then(Value::as_object).and_then(|map| {
        let texts = map.iter().map(|(name, value)| Some((name.as_str(), text_of(value)?)));
        texts.collect::<Option<Vec<_>>>()
    });
    match Credentials::parse(text) {
        Ok(credentials) => {
            let expected = expected.unwrap_or_else(|| panic!("a secret is taken that is none"));
            let sorted = |mut values: Vec<String>| {
                values.sort();
                values
            };
            let values = sorted(credentials.values().map(str::to_owned).collect());
            assert!(values == sorted(expected.iter().map(|(_, text)| text.clone()).collect()));
            for name in NAMES {
                let own = expected.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
                assert!(
                    credentials.get(&[name]) == own.filter(|text| !text.is_empty()),
                    "the value of {name:?}"
                );
                if let Err(error) = credentials.require(&[name]) {
                    let values: Vec<&str> = credentials.values().filter(|value| value.len() > 12).collect();
                    without(&error.to_string().replace(name, ""), &values);
                }
            }
        }
        Err(error) => {
            // Of two values of one name either may be the wrong one.
            assert!(expected.is_none() || model::json::check_names(data).is_err(), "a secret is refused");
            let fixed = Credentials::parse("").err().expect("nothing is no secret");
            assert_eq!(error, fixed, "the words depend on the secret");
        }
    }
}

/// The text that a value counts as, where it counts as one.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
